"""Every maker's driver through a real session, against a simulated sensor of that maker on a clock that jumps."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_path import load_module

from osteogait import acquire
from osteogait.acquire.recorded import read_recorded
from osteogait.devices.driver import LossClass, Settings
from osteogait.devices.registry import MODELS
from osteogait.devices.wire import G0
from osteogait.errors import DeviceNotFound, QualityGateFailed, StoreError, UsageError

Run = Callable[[Coroutine[Any, Any, Any]], Any]
SECONDS = 10.0


peers = load_module(Path(__file__).with_name("maker_peers.py"))
TIMED = tuple(peer for peer in peers.PEERS if peer.model.loss is LossClass.TIMED)
every = pytest.mark.parametrize("make", peers.PEERS, ids=lambda make: make.model.key)
timed = pytest.mark.parametrize("make", TIMED, ids=lambda make: make.model.key)
RESOLUTION = {"witmotion": 0.005, "witmotion_dual": 0.005, "thingy52": 0.01, "polar_verity": 0.003}


def session(peer: Any, path: Path, seconds: float = SECONDS, **given: Any) -> Any:
    return acquire.record(peer.source, path / "a.ogr", seconds, **given)


def test_every_model_of_the_registry_has_a_simulated_sensor() -> None:
    assert {peer.model.key for peer in peers.PEERS} == {model.key for model in MODELS} - {"open_profile"}


@every
def test_an_undisturbed_session_keeps_every_sample(make: Any, tmp_path: Path, virtual: Run) -> None:
    peer = make()
    summary = virtual(session(peer, tmp_path))
    assert SECONDS * peer.rate_hz <= summary.received < SECONDS * peer.rate_hz + peer.n + 2
    assert (summary.lost, summary.duplicate_packets or 0, summary.undecodable) == (0, 0, 0)
    assert summary.rate_hz == pytest.approx(peer.rate_hz, rel=0.01)
    assert summary.battery_percent in (75, 87)
    assert summary.verdict == ("limited" if peer.model.loss is LossClass.UNKNOWN else "good")
    if peer.model.loss is LossClass.TIMED:
        assert not peer.running
        assert peer.stopped


@every
def test_what_is_read_back_is_what_the_sensor_felt(make: Any, tmp_path: Path, virtual: Run) -> None:
    peer = make()
    summary = virtual(session(peer, tmp_path))
    books = read_recorded(tmp_path / "a.ogr").books()
    assert books.main.received == summary.received
    if not peer.model.has_gyroscope:
        with pytest.raises(StoreError, match="gyroscope"):
            acquire.to_recording(tmp_path / "a.ogr")
        return
    recording = acquire.to_recording(tmp_path / "a.ogr")
    # acceleration of the sensor's z axis stands in every mounting as the longest mean axis
    up = recording.acc[:, int(np.abs(np.nanmean(recording.acc, axis=0)).argmax())]
    start = _found_at(np.abs(up[:50]), peer.acc[:200, 2])
    felt = peer.acc[start : start + len(up), 2]
    assert np.abs(up) == pytest.approx(felt, abs=RESOLUTION.get(peer.model.key, 1e-4))
    assert np.isfinite(recording.gyr).all(axis=1).mean() > 0.98


def _found_at(head: Any, whole: Any) -> int:
    misfits = [float(np.abs(whole[at : at + len(head)] - head).sum()) for at in range(len(whole) - len(head))]
    return int(np.argmin(misfits))


@timed
def test_loss_is_known_from_the_time_of_the_sensor(make: Any, tmp_path: Path, virtual: Run) -> None:
    peer = make()
    first = round(4 * peer.rate_hz / peer.n)
    peer.lost = {first, first + 1, first + 5}
    summary = virtual(session(peer, tmp_path))
    assert summary.lost == 3 * peer.n
    assert [gap.samples for gap in summary.gaps] == [2 * peer.n, peer.n]
    assert {gap.cause for gap in summary.gaps} == {"lost"}


@timed
@pytest.mark.parametrize("jump_s", [-10.0, 1000.0, 2e8], ids=["back", "ahead", "by years"])
def test_a_clock_that_is_set_in_the_trial_is_a_new_clock_and_no_loss(
    make: Any, jump_s: float, tmp_path: Path, virtual: Run
) -> None:
    peer = make()
    peer.jump_at_s, peer.jump_s = 4.0, jump_s
    summary = virtual(session(peer, tmp_path))
    assert summary.received >= SECONDS * peer.rate_hz
    assert sum(gap.samples for gap in summary.gaps) <= 2 * peer.n
    assert (summary.duplicate_packets, summary.reconnects) == (0, 0)
    assert summary.rate_hz == pytest.approx(peer.rate_hz, rel=0.01)
    if peer.model.has_gyroscope:
        recording = acquire.to_recording(tmp_path / "a.ogr")
        assert len(recording.acc) == pytest.approx(summary.received, abs=2 * peer.n)
        assert recording.measured.mean() > 0.95


@pytest.mark.parametrize("make", [peers.WitMotionPeer, peers.ThingyPeer])
def test_loss_that_nobody_can_count_is_not_told_as_none(make: Any, tmp_path: Path, virtual: Run) -> None:
    peer = make()
    peer.lost = set(range(400, 405))
    summary = virtual(session(peer, tmp_path))
    assert summary.to_json()["lost_link"] is None
    assert summary.to_json()["duplicates"] is None
    assert summary.verdict != "good"


@every
def test_a_drop_in_the_trial_is_one_gap_and_a_new_link(make: Any, tmp_path: Path, virtual: Run) -> None:
    peer = make()
    peer.drop_at_s = 4.0
    summary = virtual(session(peer, tmp_path, 12.0))
    assert (summary.reconnects, peer.links, summary.segments) == (1, 2, 2)
    (gap,) = [gap for gap in summary.gaps if gap.samples]
    assert gap.cause == "reconnect"
    assert gap.samples / peer.rate_hz == pytest.approx(3.0, abs=0.8)
    assert gap.exact == (peer.model.loss is LossClass.TIMED)
    assert summary.undecodable <= 1
    if gap.exact:
        received_to = summary.received + gap.samples
        assert received_to == pytest.approx(12 * peer.rate_hz, abs=peer.n)


@every
def test_another_rate_than_promised_is_an_error(make: Any, tmp_path: Path, virtual: Run) -> None:
    peer = make(really_hz=0.9 * make.model.rate_hz)
    with pytest.raises(QualityGateFailed, match="promised"):
        virtual(session(peer, tmp_path))
    if peer.model.loss is LossClass.TIMED:
        assert not peer.running


@pytest.mark.parametrize("make", [peers.WitMotionPeer, peers.DotPeer, peers.ThingyPeer])
def test_a_rate_that_does_not_take_is_a_refusal(make: Any, tmp_path: Path, virtual: Run) -> None:
    peer = make()
    peer.obeys = False
    with pytest.raises(DeviceNotFound, match="rate stays at"):
        virtual(session(peer, tmp_path))


@every
@pytest.mark.parametrize(
    "wrong", [Settings(rate_hz=77.5), Settings(acc_range_g=3), Settings(gyr_range_dps=7)]
)
def test_what_a_model_cannot_do_is_said(make: Any, wrong: Settings, tmp_path: Path, virtual: Run) -> None:
    if wrong.gyr_range_dps and not make.model.has_gyroscope:
        return
    peer = make()
    with pytest.raises(UsageError, match="cannot measure") as said:
        virtual(session(peer, tmp_path, settings=wrong))
    assert "不支持" in said.value.message("zh")
    if isinstance(peer, peers.PolarPeer) and not wrong.rate_hz:
        assert not peer.active


@pytest.mark.parametrize(
    ("make", "odd"),
    [
        (peers.DotPeer, {"odd_info": b"\x01" * 40, "odd_battery": b"\x57\x02"}),
        (peers.DotPeer, {"settings": {"tag": "左腿", "rest": b"\x00\x01\x00\x00\x02"}}),
        (peers.MovesensePeer, {"odd_hello": b"serial\0"}),
    ],
    ids=["another description", "a Chinese tag and bytes of a later firmware", "another greeting"],
)
def test_what_is_not_needed_for_measuring_does_not_stop_it(
    make: Any, odd: dict[str, Any], tmp_path: Path, virtual: Run
) -> None:
    peer = make()
    if "settings" in odd:
        peer.settings = replace(peer.settings, **odd.pop("settings"))
    for name, value in odd.items():
        setattr(peer, name, value)
    summary = virtual(session(peer, tmp_path))
    assert (summary.lost, summary.verdict) == (0, "good")


def test_movesense_without_the_battery_service_is_asked_for_its_energy(tmp_path: Path, virtual: Run) -> None:
    peer = peers.MovesensePeer()
    peer.standard_battery = False
    assert virtual(session(peer, tmp_path, 4.0)).battery_percent == 75


@pytest.mark.parametrize("make", [peers.WitMotionPeer, peers.DualPeer])
@pytest.mark.parametrize("more", [b"\x00\x00", b"\x55\x61"], ids=["zeros", "as a head"])
def test_answers_that_are_two_bytes_longer_cost_no_sample(
    make: Any, more: bytes, tmp_path: Path, virtual: Run
) -> None:
    peer = make()
    peer.more = more
    summary = virtual(session(peer, tmp_path))
    assert summary.undecodable == 0
    assert summary.battery_percent == 75
    entries = read_recorded(tmp_path / "a.ogr").books().held
    felt = {tuple(row) for row in np.rint(peer.acc / (16 * G0) * 32768).astype(int).tolist()}
    read = np.concatenate([samples.acc for _, samples in entries])
    counts = np.rint(read / (16 * G0) * 32768).astype(int).tolist()
    assert {tuple(row) for row in counts} <= felt


def test_a_path_that_movesense_does_not_know_is_a_refusal(tmp_path: Path, virtual: Run) -> None:
    peer = peers.MovesensePeer()
    peer.status = 404
    with pytest.raises(DeviceNotFound, match=r"refused /Meas/IMU6/104 \(404\)"):
        virtual(session(peer, tmp_path))


def test_polar_takes_other_rates_in_sdk_mode_and_leaves_it(tmp_path: Path, virtual: Run) -> None:
    peer = peers.PolarPeer(rate_hz=104.0)
    summary = virtual(session(peer, tmp_path, settings=Settings(rate_hz=104.0)))
    assert summary.rate_hz == pytest.approx(104.0, rel=0.01)
    assert [stop[1] for stop in peer.stopped] == [2, 2, 5, 9]  # the first one ends what was left running
    assert not peer.active


@pytest.mark.parametrize(
    ("lost", "both", "holes", "verdict"),
    [
        ({15, 16}, set(), [24], "limited"),
        ({15, 16}, {15, 16}, [24], "limited"),
        ({15, 16, 30}, {16}, [12, 12, 12], "repeat"),
        (set(range(20, 99)), set(), [288], "repeat"),
        (set(range(99)), set(), [520], "repeat"),
    ],
    ids=["rotation alone", "both at once", "one inside the other", "it stops", "it never begins"],
)
def test_rotation_that_is_missing_alone_is_missing(
    lost: set[int], both: set[int], holes: list[int], verdict: str, tmp_path: Path, virtual: Run
) -> None:
    peer = peers.PolarPeer()
    peer.lost_rotation, peer.lost = lost, both
    summary = virtual(session(peer, tmp_path))
    assert [gap.samples for gap in summary.gaps] == [pytest.approx(one, abs=12) for one in holes]
    assert summary.lost == sum(gap.samples for gap in summary.gaps)
    assert summary.verdict == verdict


def test_a_rate_that_polar_does_not_offer_is_a_refusal_that_names_the_others(
    tmp_path: Path, virtual: Run
) -> None:
    peer = peers.PolarPeer()
    with pytest.raises(DeviceNotFound, match="offers 52, 104, 208 Hz"):
        virtual(session(peer, tmp_path, settings=Settings(rate_hz=416.0)))
    assert not peer.active
