"""A sensor of a maker on the air: the simulated sensors of the session tests behind a real GATT server."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firmware import BATTERY_LEVEL, BATTERY_SERVICE, NS, Books, Trouble

from osteogait.devices import movella_dot, movesense, polar

PEERS = Path(__file__).resolve().parents[1] / "osteogait" / "acquire" / "maker_peers.py"
BATTERY = {BATTERY_SERVICE: {BATTERY_LEVEL: ("read", "notify")}}
SHAPES: dict[str, tuple[str, str, dict[str, dict[str, tuple[str, ...]]]]] = {
    "DotPeer": (
        "Movella DOT",
        movella_dot.MEDIUM,
        {
            movella_dot.SERVICES[0]: {
                movella_dot.DEVICE_INFO: ("read",),
                movella_dot.DEVICE_CONTROL: ("read", "write"),
            },
            movella_dot.SERVICES[1]: {
                movella_dot.CONTROL: ("read", "write"),
                movella_dot.MEDIUM: ("notify",),
            },
            movella_dot.SERVICES[2]: {movella_dot.BATTERY: ("read", "notify")},
        },
    ),
    "MovesensePeer": (
        "Movesense 1234",
        movesense.NOTIFY,
        {
            movesense.SERVICE: {
                movesense.WRITE: ("write_without_response",),
                movesense.NOTIFY: ("notify",),
            },
            **BATTERY,
        },
    ),
    "PolarPeer": (
        "Polar Sense 12345678",
        polar.DATA,
        {
            polar.SERVICE: {polar.CONTROL: ("read", "write", "indicate"), polar.DATA: ("notify",)},
            **BATTERY,
        },
    ),
}
"""By class in maker_peers: advertised name, the characteristic that streams, and the table of services."""


def _peers() -> Any:
    spec = importlib.util.spec_from_file_location("maker_peers", PEERS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class MakerSensor:
    """`maker` is a class of maker_peers; the stand-in runs it as it runs `OpenSensor`."""

    services: tuple[str, ...] = ()
    companies: tuple[int, ...] = ()

    def __init__(self, serial: int, now_ns: int, *, maker: str) -> None:
        self.serial, self.boot_ns, self.boot_id = serial, now_ns, 0
        self.name, self.stream, self.table = SHAPES[maker]
        self.advertised_name = self.name
        self.peer = getattr(_peers(), maker)()
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
        """What is due by now, in order."""
        peer = self.peer
        while peer.running and peer.due_s(peer.row + peer.n) * NS <= now_ns:
            rows = slice(peer.row, peer.row + peer.n)
            peer.row = rows.stop
            for _, value in peer.packet(rows):
                yield value

    def next_due_ns(self, now_ns: int) -> int:
        """When the next packet will exist."""
        return round(self.peer.due_s(self.peer.row + self.peer.n) * NS) if self.running else now_ns + NS // 50

    def link_up(self) -> None:
        """Nothing changes."""

    def link_down(self, now_ns: int) -> None:
        """Without a link these stop; their clock runs on."""
        self.peer.running = False

    def samples(self, now_ns: int) -> int:
        """Periods since it was first started."""
        return int(self.peer.row)
