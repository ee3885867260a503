"""The driver of the open profile as a pure conversation: what it asks, in which order, and what it makes of answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from osteogait.devices.driver import (
    BATTERY_LEVEL,
    Advert,
    DeviceCounts,
    Expect,
    Read,
    Samples,
    Settings,
    Step,
    Steps,
    Subscribe,
    Write,
    battery_level,
)
from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_driver import OPEN_PROFILE, OpenDriver
from osteogait.devices.open_profile import CONTROL, DATA, INFO, SERVICE, DataPacket, Flags, Info
from osteogait.devices.registry import MODELS, model_named, recognise
from osteogait.devices.wire import DEG, G0
from osteogait.errors import DecodeError, DeviceNotFound

ABOUT = Info(
    sensors=3, features=0b111111, n_max=19, tick_hz=1_000_000, rate_mhz=100_000, acc_lsb=0.0023942017,
    gyr_lsb=0.00106526444, mag_lsb=0.0, acc_range=78.4532, gyr_range=34.906585, serial=0x1234, boot_id=7,
    placement=1, running=False,
)  # fmt: skip


class Peer:
    """Answers steps as a sensor would; `refuse` is the operation that it refuses, `only_mhz` the one rate it has."""

    def __init__(
        self,
        info: Info = ABOUT,
        battery: bytes = b"\x57",
        refuse: Op | None = None,
        only_mhz: int | None = None,
        obeys: bool = True,
        most_frames: int = 19,
    ) -> None:
        self.info, self.battery, self.refuse = info, battery, refuse
        self.only_mhz, self.obeys, self.most_frames = only_mhz, obeys, most_frames
        self.steps: list[Step] = []
        self.asked: list[Request] = []

    def carry_out(self, steps: Steps[object]) -> object:
        answer = b""
        try:
            step = next(steps)
            while True:
                self.steps.append(step)
                answer = self._answer(step)
                step = steps.send(answer)
        except StopIteration as end:
            return end.value

    def _answer(self, step: Step) -> bytes:
        if isinstance(step, Read):
            return bytes(self.info) if step.characteristic == INFO else self.battery
        if isinstance(step, Write):
            self.asked.append(Request.from_bytes(step.value))
            if self.asked[-1].op is Op.SET_RANGE and self.obeys and self.refuse is not Op.SET_RANGE:
                acc_g, gyr_dps = self.asked[-1].values
                self.info = replace(
                    self.info, acc_lsb=acc_g * G0 / 32768, acc_range=acc_g * G0, gyr_range=gyr_dps * DEG
                )
        if isinstance(step, Expect):
            reply = bytes(self._reply(self.asked[-1]))
            assert step.matches(reply)
            assert not step.matches(bytes([reply[0], (reply[1] + 1) % 256]) + reply[2:])
            return reply
        return b""

    def _reply(self, request: Request) -> Reply:
        if request.op is self.refuse:
            return Reply(request.op, request.token, Status.BAD_VALUE)
        if request.op is Op.START:
            rate, n = request.values
            if self.only_mhz and self.obeys and rate not in (0, self.only_mhz):
                return Reply(request.op, request.token, Status.BAD_VALUE)
            if n > self.most_frames:
                return Reply(request.op, request.token, Status.MTU_TOO_SMALL)
            agreed = self.only_mhz or rate or self.info.rate_mhz
            return Reply(request.op, request.token, Status.OK, (agreed, n, self.info.boot_id))
        if request.op is Op.STOP:
            return Reply(request.op, request.token, Status.OK, (1000, 200, 0, 0))
        return Reply(request.op, request.token, Status.OK)


def test_it_subscribes_before_it_starts_and_tells_what_was_agreed() -> None:
    peer, driver = Peer(), OpenDriver()
    stream = peer.carry_out(driver.setup(Settings(rate_hz=200.0)))
    kinds = [(type(step).__name__, getattr(step, "characteristic", "")) for step in peer.steps]
    assert kinds == [
        ("Read", INFO), ("Read", BATTERY_LEVEL), ("Subscribe", CONTROL), ("Subscribe", DATA), ("Write", CONTROL),
        ("Expect", CONTROL),
    ]  # fmt: skip
    assert isinstance(peer.steps[2], Subscribe)
    assert peer.asked[0].arguments == {"rate_mhz": 200_000, "n": 10}
    assert (stream.rate_hz, stream.packet_samples, stream.boot_id, stream.resumed) == (200.0, 10, 7, False)  # type: ignore[attr-defined]
    assert driver.battery_percent == 87


def test_a_range_is_set_and_read_back() -> None:
    peer, driver = Peer(), OpenDriver()
    peer.carry_out(driver.setup(Settings(acc_range_g=16)))
    assert [request.op for request in peer.asked] == [Op.SET_RANGE, Op.START]
    packet = DataPacket(Flags(3), 55, 0, None, 0, 0, ((1000, 0, 0, 0, 0, 0),))
    samples = driver.decode(DATA, bytes(packet))
    assert samples is not None
    assert samples.acc is not None
    assert samples.acc[0, 0] == pytest.approx(1000 * 16 * G0 / 32768)
    assert driver.battery_percent == 55
    fixed = Peer(replace(ABOUT, features=0))
    with pytest.raises(DeviceNotFound, match="fixed"):
        fixed.carry_out(OpenDriver().setup(Settings(acc_range_g=16)))


def test_a_range_that_stays_is_a_refusal_that_names_it() -> None:
    with pytest.raises(DeviceNotFound, match=r"range stays at 8 g, 2000 deg/s"):
        Peer(obeys=False).carry_out(OpenDriver().setup(Settings(gyr_range_dps=500)))


def test_what_another_program_left_in_a_sensor_is_not_taken_over() -> None:
    left = replace(ABOUT, rate_mhz=25_000, acc_range=2 * G0, gyr_range=250 * DEG)
    peer = Peer(left)
    stream = peer.carry_out(OpenDriver().setup(Settings()))
    assert [(request.op, request.values) for request in peer.asked] == [
        (Op.SET_RANGE, (8, 2000)),
        (Op.START, (100_000, 5)),
    ]
    assert (stream.rate_hz, stream.acc_range) == (100.0, pytest.approx(8 * G0, rel=1e-6))  # type: ignore[attr-defined]


def test_a_sensor_that_has_no_such_rate_or_range_keeps_its_own_unless_it_was_asked_for() -> None:
    other = replace(ABOUT, rate_mhz=104_000, acc_range=16 * G0)
    peer = Peer(other, only_mhz=104_000, refuse=Op.SET_RANGE)
    stream = peer.carry_out(OpenDriver().setup(Settings()))
    assert [request.values[0] for request in peer.asked if request.op is Op.START] == [100_000, 0]
    assert (stream.rate_hz, stream.acc_range) == (104.0, pytest.approx(16 * G0, rel=1e-6))  # type: ignore[attr-defined]
    fixed = Peer(replace(other, features=0), only_mhz=104_000)
    fixed.carry_out(OpenDriver().setup(Settings()))
    assert [request.values for request in fixed.asked] == [(0, 5)]
    with pytest.raises(DeviceNotFound, match="start bad_value"):
        Peer(other, only_mhz=104_000).carry_out(OpenDriver().setup(Settings(rate_hz=100.0)))
    with pytest.raises(DeviceNotFound, match="rate stays at 104 Hz"):
        Peer(other, only_mhz=104_000, obeys=False).carry_out(OpenDriver().setup(Settings(rate_hz=50.0)))


@pytest.mark.parametrize(
    ("running", "boot_id", "asked", "resumed"),
    [(True, 7, [], True), (True, 8, [Op.STOP, Op.START], False), (False, 7, [Op.START], False)],
    ids=["counts on", "another boot, running", "stopped"],
)
def test_after_a_link_loss_it_starts_only_what_stands_still(
    running: bool, boot_id: int, asked: list[Op], resumed: bool
) -> None:
    driver = OpenDriver()
    Peer().carry_out(driver.setup(Settings()))
    peer = Peer(replace(ABOUT, running=running, boot_id=boot_id))
    stream = peer.carry_out(driver.setup(Settings(), resuming=True))
    assert [request.op for request in peer.asked] == asked
    assert stream.resumed == resumed  # type: ignore[attr-defined]


def test_a_refusal_names_the_operation_and_the_reason() -> None:
    with pytest.raises(DeviceNotFound, match="start bad_value"):
        Peer(refuse=Op.START).carry_out(OpenDriver().setup(Settings()))


def test_a_link_of_small_packets_gets_fewer_samples_in_each() -> None:
    peer = Peer(most_frames=1)
    stream = peer.carry_out(OpenDriver().setup(Settings()))
    assert [request.values for request in peer.asked] == [(0, 5), (0, 2), (0, 1)]
    assert stream.packet_samples == 1  # type: ignore[attr-defined]
    with pytest.raises(DeviceNotFound, match="mtu_too_small"):
        Peer(most_frames=0).carry_out(OpenDriver().setup(Settings()))


def test_stopping_brings_the_books_of_the_device() -> None:
    driver = OpenDriver()
    assert Peer().carry_out(driver.stop()) == DeviceCounts(1000, 200, 0, 0)


def test_samples_before_info_are_refused_and_replies_carry_none() -> None:
    packet = bytes(DataPacket(Flags(3), 55, 0, None, 0, 0, ((1, 2, 3, 4, 5, 6),)))
    with pytest.raises(DecodeError, match="INFO"):
        OpenDriver().decode(DATA, packet)
    assert OpenDriver().decode(CONTROL, packet) is None


def test_samples_must_be_of_one_length() -> None:
    for acc, gyr in [(None, None), (np.zeros((2, 3)), np.zeros((3, 3))), (np.zeros((0, 3)), None)]:
        with pytest.raises(ValueError, match=r"\(n, 3\)"):
            Samples(acc, gyr)


@pytest.mark.parametrize(("value", "percent"), [(b"\x00", 0), (b"\x64", 100), (b"\x65", None), (b"", None)])
def test_a_battery_above_a_hundred_is_unknown(value: bytes, percent: int | None) -> None:
    assert battery_level(value) == percent


def test_adverts_are_recognised_by_service_or_name() -> None:
    assert recognise(Advert(services=frozenset({SERVICE}))) is OPEN_PROFILE
    assert recognise(Advert(name="OG-12af")) is OPEN_PROFILE
    assert recognise(Advert(name="OG-12afx")) is None
    assert recognise(Advert()) is None
    assert [model_named(model.key) for model in MODELS] == list(MODELS)
    assert model_named("nothing") is None
