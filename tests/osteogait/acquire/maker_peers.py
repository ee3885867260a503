"""Simulated sensors of every maker: they speak the maker's packets and misbehave on request."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from osteogait.devices import movella_dot, movesense, polar, thingy52, witmotion
from osteogait.devices.driver import BATTERY_LEVEL, Model
from osteogait.devices.movella_driver import MOVELLA_DOT
from osteogait.devices.movesense_driver import MOVESENSE
from osteogait.devices.polar_control import FEATURES_HEAD, Features, Op, Reply, Request, Status
from osteogait.devices.polar_control import Settings as PolarSettings
from osteogait.devices.polar_driver import H10, VERITY_SENSE
from osteogait.devices.thingy52_driver import THINGY52
from osteogait.devices.wire import DEG, G0
from osteogait.devices.witmotion_driver import WITMOTION, WITMOTION_DUAL
from osteogait.errors import DeviceNotFound
from osteogait.radio.link import Notification
from osteogait.radio.source import Source

Values = list[tuple[str, bytes]]


class Peer:
    """A sensor of some maker: it feels a smooth movement, and counts time and samples whether linked or not."""

    model: Model
    n = 1
    first_tick = 0

    def __init__(self, *, rate_hz: float | None = None, really_hz: float | None = None) -> None:
        self.rate_hz = rate_hz or self.model.rate_hz
        self.really_hz = really_hz or self.rate_hz
        t = np.arange(round(60 * self.rate_hz)) / self.rate_hz
        self.acc = np.stack([0.4 * np.sin(3 * t), 0.3 * np.cos(5 * t), G0 + np.sin(7 * t)], axis=1)
        self.gyr = np.stack([0.5 * np.sin(2 * t), np.cos(4 * t), 0.2 * np.sin(6 * t)], axis=1)
        self.running = False
        self.stopped: list[bytes] = []
        self.lost: set[int] = set()
        self.jump_at_s, self.jump_s = math.inf, 0.0
        """Somebody sets the sensor's clock while it streams."""
        self.drop_at_s: float | None = None
        self.away_s = 3.0
        self.born_s: float | None = None
        self.back_s = 0.0
        self.row = 0
        self.rng = np.random.default_rng(5)
        self.links = 0

    @property
    def source(self) -> Source:
        return Source(self.model.name, self.model, self.open)

    async def open(self) -> PeerLink:
        if now_s() < self.back_s:
            raise DeviceNotFound("sensor_not_seen", sensor=self.model.name, seconds=1)
        self.links += 1
        return PeerLink(self)

    def run(self) -> None:
        if self.born_s is None:
            self.born_s = now_s()
        if not self.running:
            ahead = self.row - self.row % self.n
            self.row = max(ahead, round((now_s() - self.born_s) * self.really_hz / self.n) * self.n)
        self.running = True

    def device_s(self, row: int) -> float:
        """Time of the sensor's own clock at `row`."""
        jumped = row >= self.jump_at_s * self.rate_hz
        return row / self.really_hz + (self.jump_s if jumped else 0.0)

    def due_s(self, row: int) -> float:
        return (self.born_s or 0.0) + row / self.really_hz

    def read(self, characteristic: str) -> bytes | None:
        return b"\x57" if characteristic == BATTERY_LEVEL else None

    def write(self, characteristic: str, value: bytes) -> Values:
        raise NotImplementedError

    def subscribed(self, characteristic: str) -> None:
        pass

    def packet(self, rows: slice) -> Values:
        raise NotImplementedError


class PeerLink:
    def __init__(self, peer: Peer) -> None:
        self.name, self._peer, self._closed = peer.model.name, peer, False
        self._ready: deque[Notification] = deque()
        self._subscribed: set[str] = set()

    async def read(self, characteristic: str) -> bytes:
        self._demand_open()
        value = self._peer.read(characteristic)
        if value is None:
            raise DeviceNotFound("characteristic_missing", sensor=self.name, characteristic=characteristic)
        return value

    async def subscribe(self, characteristic: str) -> None:
        self._demand_open()
        self._subscribed.add(characteristic)
        self._peer.subscribed(characteristic)

    async def write(self, characteristic: str, value: bytes) -> None:
        self._demand_open()
        self._put(self._peer.write(characteristic, value))

    async def receive(self) -> Notification | None:
        peer = self._peer
        while not self._ready:
            if self._closed:
                return None
            if not peer.running:
                await asyncio.sleep(0.05)
                continue
            rows = slice(peer.row, peer.row + peer.n)
            await asyncio.sleep(max(0.0, peer.due_s(rows.stop) - now_s()) + 0.004 * peer.rng.random())
            if peer.drop_at_s is not None and rows.start >= peer.drop_at_s * peer.rate_hz:
                self._closed, peer.drop_at_s, peer.back_s = True, None, now_s() + peer.away_s
                peer.running = False
                return None
            peer.row = rows.stop
            if rows.start // peer.n not in peer.lost:
                self._put(peer.packet(rows))
        return self._ready.popleft()

    async def close(self) -> None:
        self._closed = True

    def _put(self, values: Values) -> None:
        for characteristic, value in values:
            if characteristic in self._subscribed:
                self._ready.append(Notification(round(now_s() * 1e9), characteristic, value))

    def _demand_open(self) -> None:
        if self._closed:
            raise DeviceNotFound("link_lost", sensor=self.name)


def now_s() -> float:
    return asyncio.get_running_loop().time()


class WitMotionPeer(Peer):
    """Two frames to a notification and every third one cut, so that answers and samples share notifications."""

    model = WITMOTION
    obeys = True
    more = b""
    """What some firmware is said to add to the answer of a read."""
    uuids = (witmotion.NOTIFY, witmotion.COMMAND)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.registers = {witmotion.RATE: 0x06, witmotion.BATTERY: 391}
        self.unlocked = False
        self.carry = b""

    def subscribed(self, characteristic: str) -> None:
        self.run()

    def write(self, characteristic: str, value: bytes) -> Values:
        assert characteristic == self.uuids[1]
        command = witmotion.Command.from_bytes(value)
        if command.register == witmotion.READ:
            raw = (self.registers[command.value], *[0] * 7)
            return self._cut(bytes(witmotion.Registers(command.value, raw)) + self.more)
        if command.register == witmotion.UNLOCK:
            self.unlocked = command.value == witmotion.UNLOCK_VALUE
        elif self.unlocked and self.obeys:
            self.registers[command.register] = command.value
        return []

    def packet(self, rows: slice) -> Values:
        acc = self.acc[rows] / (16 * G0) * 32768
        gyr = self.gyr[rows] / (2000 * DEG) * 32768
        frames = [
            bytes(
                witmotion.Motion(
                    (*np.rint(a).astype(int).tolist(), *np.rint(g).astype(int).tolist(), 0, 0, 0)
                )
            )
            for a, g in zip(acc, gyr, strict=True)
        ]
        return self._cut(b"".join(frames))

    def _cut(self, data: bytes) -> Values:
        data, self.carry = self.carry + data, b""
        if self.row % 3 == 0:
            data, self.carry = data[:-7], data[-7:]
        return [(self.uuids[0], data)]


class DualPeer(WitMotionPeer):
    model = WITMOTION_DUAL
    uuids = (witmotion.DUAL_NOTIFY, witmotion.DUAL_COMMAND)


class DotPeer(Peer):
    """Time stamps just before their wrap; padded payloads; settings that do not change while it measures."""

    model = MOVELLA_DOT
    first_tick = 2**32 - 3_000_000
    obeys = True
    odd_info = odd_battery = b""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.settings = movella_dot.DeviceControl(0, 0, 0, (10, 0, 30, 0), "left", 30, 1)
        self.measures = True  # left running by somebody

    def read(self, characteristic: str) -> bytes | None:
        control = movella_dot.Control(self.measures, movella_dot.RATE_QUANTITIES)
        info = "d4ca6ef1693d020001e507070f091e3b020207006745230100cd22d458532d543032"
        return {
            movella_dot.DEVICE_INFO: self.odd_info or bytes.fromhex(info),
            movella_dot.BATTERY: self.odd_battery or b"\x57\x00",
            movella_dot.CONTROL: bytes(control),
            movella_dot.DEVICE_CONTROL: bytes(self.settings),
        }.get(characteristic)

    def write(self, characteristic: str, value: bytes) -> Values:
        if characteristic == movella_dot.CONTROL:
            self.measures = movella_dot.Control.from_bytes(value).running
            if self.measures:
                self.run()
            else:
                self.running = False
                self.stopped.append(value)
        elif self.obeys and not self.measures:
            wanted = movella_dot.DeviceControl.from_bytes(value)
            assert replace(wanted, visit=0, rate_hz=self.settings.rate_hz) == self.settings
            self.settings = replace(self.settings, rate_hz=wanted.rate_hz)
        return []

    def packet(self, rows: slice) -> Values:
        ticks = (self.first_tick + round(self.device_s(rows.start) * 1e6)) % 2**32
        values = (*self.acc[rows.start], *(self.gyr[rows.start] / DEG))
        return [(movella_dot.MEDIUM, bytes(movella_dot.Measurement(21, ticks, values, padding=12)))]


class MovesensePeer(Peer):
    """Payloads too long for one notification: every one comes in two parts."""

    model = MOVESENSE
    n = 8
    first_tick = 2**32 - 4000
    status = 200
    standard_battery = True
    odd_hello = b""

    def read(self, characteristic: str) -> bytes | None:
        return super().read(characteristic) if self.standard_battery else None

    def write(self, characteristic: str, value: bytes) -> Values:
        command = movesense.Command.from_bytes(value)
        answer: movesense.Hello | movesense.Reply = movesense.Reply(command.reference, self.status)
        if command.op is movesense.Op.HELLO and self.odd_hello:
            return [(movesense.NOTIFY, bytes([1, command.reference, 9]) + self.odd_hello)]
        if command.op is movesense.Op.HELLO:
            answer = movesense.Hello(
                command.reference, 1, "1234", "Movesense", "A0", "gatt_sensordata", "1.2.3"
            )
        elif command.op is movesense.Op.GET:
            answer = movesense.Reply(command.reference, 200, b"\x4b")
        elif command.op is movesense.Op.UNSUBSCRIBE:
            self.running = False
            self.stopped.append(value)
        elif command.path == "/Meas/IMU6/104":
            self.run()
        return [(movesense.NOTIFY, bytes(answer))]

    def packet(self, rows: slice) -> Values:
        stamp = (self.first_tick + round(self.device_s(rows.start) * 1000)) % 2**32
        payload = bytes(movesense.Payload(stamp, self.acc[rows], self.gyr[rows]))
        parts = (b"\x02\x63" + payload[:150], b"\x03\x63" + payload[150:])
        return [(movesense.NOTIFY, part) for part in parts]


class PolarPeer(Peer):
    """Compressed frames, rotation a little later than acceleration, an answer in two indications."""

    model = VERITY_SENSE
    n = 12
    kinds: tuple[polar.Kind, ...] = (polar.Kind.ACC, polar.Kind.GYR)
    factors: ClassVar = {polar.Kind.ACC: 0.000244140625, polar.Kind.GYR: 0.07}
    offers: tuple[int, ...] = (52,)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.lost_rotation: set[int] = set()
        self.sdk_mode = False
        self.active: set[int] = {polar.Kind.ACC}  # left running by somebody

    def read(self, characteristic: str) -> bytes | None:
        features = bytes(Features(True, polar.Kind.GYR in self.kinds, False, True, False))
        assert features[0] == FEATURES_HEAD
        return features if characteristic == polar.CONTROL else super().read(characteristic)

    def write(self, characteristic: str, value: bytes) -> Values:
        request = Request.from_bytes(value)
        if request.op is Op.STOP:
            self.active.discard(request.measurement)
            self.stopped.append(value)
        if request.op is Op.STOP and not self.active:
            self.running = False
        if request.op is Op.SETTINGS:
            return self._offer(request)
        status = Status.SUCCESS
        settings: PolarSettings = ()
        if request.op is Op.START:
            status, settings = self._start(request)
        return [(polar.CONTROL, bytes(Reply(request.op, request.measurement, status, settings)))]

    def _offer(self, request: Request) -> Values:
        top = (2, 4, 8) if request.measurement == polar.Kind.ACC else (500, 1000, 2000)
        rates = (*self.offers, 104, 208) if self.sdk_mode else self.offers
        settings: PolarSettings = (
            ("rate_hz", rates), ("resolution_bits", (16,)), ("range", top), ("channels", (3,)),
        )  # fmt: skip
        whole = bytes(Reply(request.op, request.measurement, Status.SUCCESS, settings))
        first = whole[:4] + b"\x01" + whole[5:12]
        return [(polar.CONTROL, first), (polar.CONTROL, b"\x00" + whole[12:])]

    def _start(self, request: Request) -> tuple[Status, PolarSettings]:
        if request.measurement == 9:
            self.sdk_mode = True
            return Status.SUCCESS, ()
        if request.measurement in self.active:
            return Status.ALREADY_IN_STATE, ()
        asked = dict(request.settings)
        assert asked["rate_hz"] == (round(self.rate_hz),)
        self.active.add(request.measurement)
        self.run()
        return Status.SUCCESS, (("factor", (self.factors[polar.Kind(request.measurement)],)),)

    def packet(self, rows: slice) -> Values:
        found = []
        for kind in self.kinds:
            if kind is polar.Kind.GYR and rows.start // self.n in self.lost_rotation:
                continue
            values, unit = (self.acc, G0) if kind is polar.Kind.ACC else (self.gyr, DEG)
            counts = np.rint(values[rows] / (unit * self.factors[kind])).astype(int)
            late_ns = 0 if kind is polar.Kind.ACC else 3_000_000
            stamp = 2**59 + late_ns + round(self.device_s(rows.stop - 1) * 1e9)
            frame = polar.Frame(kind, stamp, True, 0, polar.compress(counts, 16, block=5))
            found.append((polar.DATA, bytes(frame)))
        return found


class H10Peer(PolarPeer):
    model = H10
    kinds = (polar.Kind.ACC,)
    offers = (25, 50, 100, 200)


class ThingyPeer(Peer):
    model = THINGY52
    obeys = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.config = thingy52.Config(1000, 1000, 1000, 5, 1)

    def read(self, characteristic: str) -> bytes | None:
        return bytes(self.config) if characteristic == thingy52.CONFIG else super().read(characteristic)

    def write(self, characteristic: str, value: bytes) -> Values:
        if self.obeys:
            self.config = thingy52.Config.from_bytes(value)
        return []

    def subscribed(self, characteristic: str) -> None:
        if characteristic == thingy52.RAW:
            self.run()

    def packet(self, rows: slice) -> Values:
        acc = np.rint(self.acc[rows.start] / G0 * 1024).astype(int)
        gyr = np.rint(self.gyr[rows.start] / DEG * 32).astype(int)
        return [(thingy52.RAW, bytes(thingy52.Raw((*acc.tolist(), *gyr.tolist(), 0, 0, 0))))]


PEERS = (WitMotionPeer, DualPeer, DotPeer, MovesensePeer, PolarPeer, H10Peer, ThingyPeer)
