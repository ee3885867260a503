"""Every state and every limit of a session, on a clock that jumps: times are exact and cost nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from by_path import load_module

from gaitsignal.synthetic import stander
from osteogait.acquire import RecordingSummary, Session, to_recording
from osteogait.acquire.limits import LIMITS
from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.state import NEXT, State
from osteogait.devices.open_control import Op, Request
from osteogait.devices.open_profile import CONTROL, DATA
from osteogait.errors import DeviceNotFound, OsteogaitError, QualityGateFailed
from osteogait.radio.link import Link, Notification
from osteogait.radio.simulated import Drop, Faults, SimulatedLink, SimulatedSensor
from osteogait.radio.source import Source

Run = Callable[[Coroutine[Any, Any, Any]], Any]
told_session = load_module(Path(__file__).with_name("told_session.py"))
PERSON = stander(duration_s=60.0, seed=7).recording
FREE = replace(LIMITS, disk_start_bytes=0, disk_warn_bytes=0)


def sensor(faults: Faults | None = None, battery: int | None = 90) -> SimulatedSensor:
    return SimulatedSensor(PERSON, real_time=True, faults=faults, battery_percent=battery, seed=5)


def session(source: Source, tmp_path: Path) -> Session:
    return told_session.ToldSession(source, tmp_path / "a.ogrec", limits=FREE)


def states(it: Session) -> list[str]:
    """States in order; repeated ones (an event within a state) once."""
    said = [event.state.value for event in it.events]
    return [one for i, one in enumerate(said) if i == 0 or said[i - 1] != one]


def times_s(it: Session, state: State) -> list[float]:
    start_ns = it.events[0].monotonic_ns
    return [(e.monotonic_ns - start_ns) / 1e9 for e in it.events if e.state is state]


def outcome(run: Run, it: Session, seconds: float | None = None) -> RecordingSummary | OsteogaitError:
    async def timed() -> RecordingSummary | OsteogaitError:
        try:
            return await it.run(seconds)
        except OsteogaitError as error:
            return error

    result: RecordingSummary | OsteogaitError = run(timed())
    return result


class Bad(SimulatedLink):
    """A link that hangs where it is told to."""

    def __init__(self, inner: SimulatedSensor, hang: str) -> None:
        super().__init__(inner)
        self.hang, self.closed = hang, 0

    async def read(self, characteristic: str) -> bytes:
        if self.hang == "read":
            await asyncio.Event().wait()
        return await super().read(characteristic)

    async def write(self, characteristic: str, value: bytes) -> None:
        if self.hang == "stop" and characteristic == CONTROL and value[0] == Op.STOP:
            await asyncio.Event().wait()
        await super().write(characteristic, value)

    async def receive(self) -> Notification | None:
        notification = await super().receive()
        if self.hang == "first" and notification and notification.characteristic != CONTROL:
            await asyncio.Event().wait()
        return notification

    async def close(self) -> None:
        self.closed += 1
        await super().close()


def hanging(hang: str) -> tuple[Source, list[Bad]]:
    device, links = sensor(), []

    async def opened() -> Link:
        links.append(Bad(device, hang))
        return links[-1]

    return replace(device.source, open=opened), links


def test_a_trial_without_mishap_goes_through_its_states(tmp_path: Path, virtual: Run) -> None:
    async def find() -> int | None:
        await asyncio.sleep(0.2)
        return -61

    it = session(replace(sensor().source, find=find), tmp_path)
    summary = outcome(virtual, it, 10.0)
    assert states(it) == [
        "scanning", "found", "connecting", "settling", "recording", "stopping", "review",
    ]  # fmt: skip
    assert isinstance(summary, RecordingSummary)
    assert (summary.received, summary.uncounted, summary.verdict, summary.ended) == (
        1000,
        0,
        "good",
        "finished",
    )
    told = [event for event in it.events if event.code == "session_recording"]
    assert "90 %" in told[0].message("en")
    assert "90 %" in told[0].message("zh")
    assert "-61" in it.events[1].message("en")


def test_a_sensor_that_is_not_seen_is_given_up_after_ten_seconds(tmp_path: Path, virtual: Run) -> None:
    async def find() -> int | None:
        await asyncio.Event().wait()
        return None

    it = session(replace(sensor().source, find=find), tmp_path)
    error = outcome(virtual, it)
    assert isinstance(error, DeviceNotFound)
    assert error.code == "session_not_found"
    assert states(it) == ["scanning", "failed"]
    assert times_s(it, State.FAILED) == [pytest.approx(LIMITS.find_s, abs=0.01)]


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "not seen"])
def test_connecting_is_bounded_and_backs_off(tmp_path: Path, virtual: Run, hangs: bool) -> None:
    async def opened() -> Link:
        if hangs:
            await asyncio.Event().wait()
        raise DeviceNotFound("sensor_not_seen", sensor="OG-0000", seconds=0)

    it = session(replace(sensor().source, open=opened), tmp_path)
    error = outcome(virtual, it)
    assert isinstance(error, DeviceNotFound)
    assert error.code == "sensor_silent"
    assert times_s(it, State.FAILED)[0] <= LIMITS.connect_s + 0.01
    if not hangs:
        assert times_s(it, State.CONNECTING)[:6] == pytest.approx([0, 0.25, 0.75, 1.25, 1.75, 2.25], abs=0.01)


def test_a_sensor_that_answers_nothing_is_tried_again_and_given_up(tmp_path: Path, virtual: Run) -> None:
    source, links = hanging("read")
    it = session(source, tmp_path)
    error = outcome(virtual, it)
    assert isinstance(error, DeviceNotFound)
    assert times_s(it, State.INTERRUPTED)[0] == pytest.approx(LIMITS.read_s, abs=0.01)
    assert len(links) > 3
    assert all(link.closed == 1 for link in links)  # the dead one is closed before the next is made
    assert "link_timeout" in {e.fields.get("reason") for e in it.events}


def test_the_first_packet_is_due_within_two_seconds(tmp_path: Path, virtual: Run) -> None:
    source, links = hanging("first")
    it = session(source, tmp_path)
    assert isinstance(outcome(virtual, it), DeviceNotFound)
    assert times_s(it, State.INTERRUPTED)[0] == pytest.approx(LIMITS.first_packet_s, abs=0.01)
    assert all(link.closed for link in links)


def test_stopping_is_tried_for_five_seconds_and_never_skipped(tmp_path: Path, virtual: Run) -> None:
    source, links = hanging("stop")
    it = session(source, tmp_path)
    summary = outcome(virtual, it, 5.0)
    assert isinstance(summary, RecordingSummary)
    assert summary.uncounted is None
    assert states(it)[-2:] == ["stopping", "review"]
    waited = times_s(it, State.REVIEW)[0] - times_s(it, State.STOPPING)[0]
    assert 0 < waited <= LIMITS.stop_s + 0.01
    assert links[0].closed == 1


def test_a_stall_is_shown_after_a_second_and_loses_nothing(tmp_path: Path, virtual: Run) -> None:
    it = session(sensor(Faults(stall=(10.0, 3.0))).source, tmp_path)
    summary = outcome(virtual, it, 20.0)
    assert isinstance(summary, RecordingSummary)
    assert states(it) == ["connecting", "settling", "recording", "stalled", "recording", "stopping", "review"]
    assert times_s(it, State.STALLED)[0] == pytest.approx(11.0, abs=0.15)
    assert (summary.received, summary.lost, summary.uncounted) == (2000, 0, 0)
    assert summary.clock.latency_max_ms > 2800


def test_a_long_stall_ends_the_link_and_a_new_one_goes_on(tmp_path: Path, virtual: Run) -> None:
    it = session(sensor(Faults(stall=(10.0, 8.0))).source, tmp_path)
    summary = outcome(virtual, it, 30.0)
    assert isinstance(summary, RecordingSummary)
    assert times_s(it, State.INTERRUPTED)[0] == pytest.approx(10.0 + 1.0 + LIMITS.lost_s, abs=0.15)
    assert summary.reconnects in (1, 2)  # the second when the first link also waits out the end of the stall
    assert (summary.segments, summary.uncounted) == (1, 0)
    assert summary.received + summary.lost == 3000


@pytest.mark.parametrize("seconds", [0.3, 3.0, 30.0])
def test_a_drop_in_the_middle_is_counted_to_the_sample(tmp_path: Path, virtual: Run, seconds: float) -> None:
    it = session(sensor(Faults(drops=(Drop(10.0, seconds),))).source, tmp_path)
    summary = outcome(virtual, it, 50.0)
    assert isinstance(summary, RecordingSummary)
    lost = round(100 * seconds)
    assert (summary.reconnects, summary.segments, summary.uncounted) == (1, 1, 0)
    assert summary.received + summary.lost == 5000
    assert lost <= (summary.lost_link or 0) <= lost + 60  # until the next attempt of the back-off
    assert [gap.cause for gap in summary.gaps] == ["link"]
    recording = to_recording(tmp_path / "a.ogrec")
    assert int((~recording.measured).sum()) == summary.lost
    assert recording.acc[recording.measured] == pytest.approx(
        PERSON.acc[: recording.n][recording.measured], abs=0.0013
    )


def test_the_screen_hears_of_a_drop_once(tmp_path: Path, virtual: Run) -> None:
    heard: list[str] = []
    source = sensor(Faults(drops=(Drop(10.0, 8.0),))).source
    it = told_session.ToldSession(
        source, tmp_path / "a.ogrec", limits=FREE, on_event=lambda event: heard.append(event.code)
    )
    outcome(virtual, it, 30.0)
    assert heard.count("session_dropped") == heard.count("session_no_link") == 1
    assert heard.count("session_recording") == heard.count("session_connecting") == 2
    assert len(it.events) > 30  # every attempt stands in the recording


@pytest.mark.parametrize(
    ("faults", "cause", "exact"),
    [
        (Faults(drops=(Drop(10.0, 3.0),), resumes=False), "reconnect", True),
        (Faults(drops=(Drop(10.0, 3.0, reboot=True),)), "reboot", False),
    ],
    ids=["no resume", "reboot"],
)
def test_a_sensor_that_begins_anew_is_joined_by_its_clock(
    tmp_path: Path, virtual: Run, faults: Faults, cause: str, exact: bool
) -> None:
    it = session(sensor(faults).source, tmp_path)
    summary = outcome(virtual, it, 30.0)
    assert isinstance(summary, RecordingSummary)
    assert (summary.reconnects, summary.segments, summary.uncounted) == (1, 2, 0)
    (gap,) = summary.gaps
    assert (gap.cause, gap.exact) == (cause, exact)
    assert gap.samples == pytest.approx(325, abs=30)
    recording, back = to_recording(tmp_path / "a.ogrec"), 2000
    tail, truth = recording.acc[-back:], PERSON.acc
    shift = recording.n - back if exact else None
    if shift is not None:
        assert tail[recording.measured[-back:]] == pytest.approx(
            truth[shift : shift + back][recording.measured[-back:]], abs=0.0013
        )


def test_a_sensor_that_does_not_come_back_ends_the_trial_and_keeps_it(tmp_path: Path, virtual: Run) -> None:
    it = session(sensor(Faults(drops=(Drop(10.0, 45.0),))).source, tmp_path)
    summary = outcome(virtual, it, 50.0)
    assert isinstance(summary, RecordingSummary)
    assert states(it)[-1] == "failed"
    waited = times_s(it, State.FAILED)[0] - times_s(it, State.INTERRUPTED)[0]
    assert LIMITS.reconnect_s - 2.0 <= waited <= LIMITS.reconnect_s + 0.01
    assert (summary.received, summary.ended, summary.verdict, summary.uncounted) == (
        1000,
        "lost",
        "repeat",
        None,
    )
    assert not read_recorded(tmp_path / "a.ogrec").interrupted
    assert to_recording(tmp_path / "a.ogrec").n == 1000


@pytest.mark.parametrize(("percent", "begins"), [(14, False), (15, True), (None, True)])
def test_a_low_battery_blocks_a_new_trial(
    tmp_path: Path, virtual: Run, percent: int | None, begins: bool
) -> None:
    device = sensor(battery=percent)
    it = session(device.source, tmp_path)
    result = outcome(virtual, it, 5.0)
    assert isinstance(result, RecordingSummary) == begins
    assert not device.running
    if begins:
        assert result.battery_percent == percent  # type: ignore[union-attr]
    else:
        assert isinstance(result, QualityGateFailed)
        assert "14 %" in result.message("zh")


def test_a_battery_that_runs_out_in_a_trial_is_said_once(tmp_path: Path, virtual: Run) -> None:
    device = sensor()
    it = session(device.source, tmp_path)
    it.on_samples = lambda first, _: setattr(device, "battery_percent", 7 if first > 500 else 90)
    summary = outcome(virtual, it, 10.0)
    assert isinstance(summary, RecordingSummary)
    assert [e.code for e in it.events].count("session_battery_low") == 1
    assert summary.battery_percent == 7


def test_a_person_ends_a_trial_at_any_time(tmp_path: Path, virtual: Run) -> None:
    async def ended(it: Session, after_s: float) -> RecordingSummary:
        task = asyncio.create_task(it.run())
        await asyncio.sleep(after_s)
        it.finish()
        return await task

    it = session(sensor().source, tmp_path)
    summary = virtual(ended(it, 8.0))
    assert (summary.ended, summary.uncounted) == ("stopped", 0)
    assert summary.received == pytest.approx(800, abs=10)
    (tmp_path / "b").mkdir()
    it = session(sensor(Faults(drops=(Drop(5.0, 20.0),))).source, tmp_path / "b")
    summary = virtual(ended(it, 12.0))
    assert (summary.ended, summary.received, states(it)[-1]) == ("stopped", 500, "review")
    assert times_s(it, State.REVIEW)[0] == pytest.approx(12.0, abs=0.05)


@pytest.mark.parametrize("state", ["connecting", "settling", "recording", "interrupted", "stopping"])
def test_cancelling_anywhere_leaves_sensor_and_file_in_order(
    tmp_path: Path, virtual: Run, state: str
) -> None:
    device = sensor(Faults(drops=(Drop(5.0, 2.0),)))
    links: list[SimulatedLink] = []

    async def opened() -> Link:
        links.append(await device.open())
        await asyncio.sleep(0.1)
        return links[-1]

    it = session(replace(device.source, open=opened), tmp_path)

    async def cancelled() -> None:
        task = asyncio.create_task(it.run(12.0))
        it.journal._on_event = lambda event: task.cancel() if event.state.value == state else None
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]

    virtual(cancelled())
    assert not read_recorded(tmp_path / "a.ogrec").interrupted
    if state not in ("connecting", "interrupted"):
        assert all(link._closed for link in links)
    if state == "recording":
        assert not device.running


def test_a_sensor_left_running_by_a_crash_is_started_anew(tmp_path: Path, virtual: Run) -> None:
    device = sensor()

    async def left_behind() -> RecordingSummary:
        crashed = await device.open()
        for characteristic in (CONTROL, DATA):
            await crashed.subscribe(characteristic)
        await crashed.write(CONTROL, bytes(Request(Op.START, 9, (0, 5))))
        for _ in range(50):
            await crashed.receive()
        assert device.running
        return await session(device.source, tmp_path).run(10.0)

    summary = virtual(left_behind())
    assert (summary.received, summary.lost, summary.uncounted, summary.segments) == (1000, 0, 0, 1)


def test_ending_before_anything_came_says_so(tmp_path: Path, virtual: Run) -> None:
    async def ended() -> Session:
        it = session(replace(sensor().source, find=lambda: asyncio.sleep(5.0, None)), tmp_path)
        task = asyncio.create_task(it.run())
        await asyncio.sleep(0.5)
        it.finish()
        with pytest.raises(DeviceNotFound):
            await task
        return it

    it = virtual(ended())
    assert it.events[-1].code == "session_nothing"
    assert times_s(it, State.FAILED)[0] == pytest.approx(0.5, abs=0.01)


def test_no_transition_but_those_of_the_table(tmp_path: Path, virtual: Run) -> None:
    it = session(sensor().source, tmp_path)
    for state in State:
        for other in State:
            it.stage.state = state
            entered: Awaitable[None] = it.stage.enter(other, "session_stopping")
            if other in NEXT[state]:
                virtual(entered)  # type: ignore[arg-type]
            else:
                with pytest.raises(ValueError, match="does not go"):
                    virtual(entered)  # type: ignore[arg-type]
    ends = {state for state in State if not NEXT[state]}
    assert ends == {State.REVIEW, State.FAILED}
    assert set(State) - {State.IDLE} == set().union(*NEXT.values())


class Stuck(SimulatedLink):
    """After some packets the sensor sends its last one again and again."""

    async def receive(self) -> Notification | None:
        notification = await super().receive()
        if notification is None or notification.characteristic != DATA:
            return notification
        first = self.__dict__.setdefault("packets", [])
        first.append(notification)
        return notification if len(first) <= 40 else replace(notification, value=first[39].value)


def test_a_sensor_that_only_repeats_itself_is_left_and_started_anew(tmp_path: Path, virtual: Run) -> None:
    device, links = sensor(), []

    async def opened() -> Link:
        links.append(SimulatedLink(device) if links else Stuck(device))
        return links[-1]

    it = session(replace(device.source, open=opened), tmp_path)
    summary = outcome(virtual, it, 20.0)
    assert isinstance(summary, RecordingSummary)
    assert {"stalled", "interrupted"} <= set(states(it))
    assert summary.reconnects == 1
    assert summary.duplicate_packets
    assert summary.received + summary.lost >= 2000
    assert read_recorded(tmp_path / "a.ogrec").facts["software"]


class Mute(SimulatedLink):
    """Linked, set up and started, and then without a word."""

    async def receive(self) -> Notification | None:
        notification = await super().receive()
        if notification is not None and notification.characteristic == DATA:
            await asyncio.Event().wait()
        return notification


@pytest.mark.parametrize("mute_from", [0, 1], ids=["from the beginning", "after a drop"])
def test_a_sensor_that_links_and_stays_mute_does_not_keep_the_trial_for_ever(
    tmp_path: Path, virtual: Run, mute_from: int
) -> None:
    device, links = sensor(Faults(drops=(Drop(5.0, 1.0),))), []

    async def opened() -> Link:
        links.append(Mute(device) if len(links) >= mute_from else SimulatedLink(device))
        return links[-1]

    async def bounded(it: Session) -> RecordingSummary | OsteogaitError:
        async with asyncio.timeout(300.0):
            try:
                return await it.run(20.0)
            except OsteogaitError as error:
                return error

    it = session(replace(device.source, open=opened), tmp_path)
    result = virtual(bounded(it))
    assert len(links) > 2
    if mute_from:
        assert (result.ended, result.verdict) == ("lost", "repeat")
    else:
        assert (type(result), result.code) == (DeviceNotFound, "sensor_silent")
