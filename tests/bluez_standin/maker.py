"""A sensor of a maker on the air: the simulated sensors of the session tests behind a real GATT server."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware import BATTERY_LEVEL, BATTERY_SERVICE, NS, Books, Trouble

from osteogait.devices import movella_dot, movesense, polar, thingy52, witmotion

PEERS = Path(__file__).resolve().parents[1] / "osteogait" / "acquire" / "maker_peers.py"
Table = dict[str, dict[str, tuple[str, ...]]]
BATTERY: Table = {BATTERY_SERVICE: {BATTERY_LEVEL: ("read", "notify")}}
ONE_WAY, BOTH_WAYS = ("write_without_response",), ("write", "write_without_response")


@dataclass(frozen=True)
class Shape:
    """What is seen of a sensor from outside: advertisement, the characteristic that streams, the table of services."""

    name: str
    stream: str
    table: Table
    services: tuple[str, ...] = ()
    companies: tuple[int, ...] = ()


_DOT: Table = {
    movella_dot.SERVICES[0]: {
        movella_dot.DEVICE_INFO: ("read",),
        movella_dot.DEVICE_CONTROL: ("read", "write"),
    },
    movella_dot.SERVICES[1]: {movella_dot.CONTROL: ("read", "write"), movella_dot.MEDIUM: ("notify",)},
    movella_dot.SERVICES[2]: {movella_dot.BATTERY: ("read", "notify")},
}
_MOVESENSE: Table = {
    movesense.SERVICE: {movesense.WRITE: ONE_WAY, movesense.NOTIFY: ("notify",)},
    **BATTERY,
}
_POLAR: Table = {
    polar.SERVICE: {polar.CONTROL: ("read", "write", "indicate"), polar.DATA: ("notify",)},
    **BATTERY,
}
_THINGY: Table = {
    thingy52.SERVICE: {thingy52.CONFIG: ("read", "write"), thingy52.RAW: ("notify",)},
    **BATTERY,
}
_WITMOTION: Table = {witmotion.SERVICE: {witmotion.NOTIFY: ("notify",), witmotion.COMMAND: BOTH_WAYS}}
_DUAL: Table = {
    witmotion.DUAL_SERVICE: {witmotion.DUAL_NOTIFY: ("notify",), witmotion.DUAL_COMMAND: BOTH_WAYS}
}
SHAPES = {
    "DotPeer": Shape("Movella DOT", movella_dot.MEDIUM, _DOT, companies=(0x0886,)),
    "MovesensePeer": Shape("Movesense 1234", movesense.NOTIFY, _MOVESENSE, services=("fe06",)),
    "PolarPeer": Shape("Polar Sense 12345678", polar.DATA, _POLAR),
    "H10Peer": Shape("Polar H10 12345678", polar.DATA, _POLAR),
    "ThingyPeer": Shape("Thingy", thingy52.RAW, _THINGY, services=(thingy52.ADVERTISED,)),
    "WitMotionPeer": Shape("WT901BLE67", witmotion.NOTIFY, _WITMOTION),
    "DualPeer": Shape("BWT901", witmotion.DUAL_NOTIFY, _DUAL, services=(witmotion.DUAL_SERVICE,)),
}
"""By class in maker_peers."""


def _peers() -> Any:
    spec = importlib.util.spec_from_file_location("maker_peers", PEERS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class MakerSensor:
    """`maker` is a class of maker_peers; the stand-in runs it as it runs `OpenSensor`.

    `options` are those of the class, such as `really_hz`: the rate delivered, whatever was agreed.
    """

    def __init__(self, serial: int, now_ns: int, *, maker: str, **options: Any) -> None:
        shape = SHAPES[maker]
        self.serial, self.boot_ns, self.boot_id = serial, now_ns, 0
        self.name, self.stream, self.table = shape.name, shape.stream, shape.table
        self.advertised_name, self.services, self.companies = shape.name, shape.services, shape.companies
        self.peer = getattr(_peers(), maker)(**options)
        self.trouble, self.books = Trouble(), Books()
        self.battery, self.clock_ppm, self.first_tick, self.mtu = 87, 0.0, 0, 23

    @property
    def running(self) -> bool:
        """Whether it measures."""
        return bool(self.peer.running)

    def read(self, characteristic: str) -> bytes:
        """The value of a readable characteristic."""
        value: bytes | None = self.peer.read(characteristic)
        assert value is not None
        return value

    def control(self, characteristic: str, value: bytes, now_ns: int) -> list[tuple[str, bytes]]:
        """Carry out a command; the values it is answered with."""
        answers: list[tuple[str, bytes]] = self.peer.write(characteristic, value)
        return answers

    def packets(self, now_ns: int) -> Iterator[bytes | None]:
        """What is due by now, in order; None in place of one lost on the link."""
        peer = self.peer
        while peer.running and peer.due_s(peer.row + peer.n) * NS <= now_ns:
            rows = slice(peer.row, peer.row + peer.n)
            peer.row = rows.stop
            values = peer.packet(rows)
            self.books.built += 1
            lost = now_ns < self.trouble.frozen_until_ns or rows.start // peer.n in peer.lost
            self.books.discarded += lost
            for _, value in values:
                yield None if lost else value

    def next_due_ns(self, now_ns: int) -> int:
        """When the next packet will exist."""
        return round(self.peer.due_s(self.peer.row + self.peer.n) * NS) if self.running else now_ns + NS // 50

    def subscribed(self, characteristic: str) -> None:
        """Some stream as soon as somebody listens."""
        self.peer.subscribed(characteristic)

    def miss(self, packets: int) -> None:
        """Lose the `packets` after the next one, without a trace but in the sensor's own time."""
        first = self.peer.row // self.peer.n + 1
        self.peer.lost.update(range(first, first + packets))

    def link_up(self) -> None:
        """Nothing changes."""

    def link_down(self, now_ns: int) -> None:
        """Without a link these stop; their clock runs on."""
        self.peer.running = False

    def samples(self, now_ns: int) -> int:
        """Periods since it was first started."""
        return int(self.peer.row)
