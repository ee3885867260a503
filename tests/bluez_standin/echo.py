"""A sensor of any shape: advertises and lists what it is told to, and notifies every write back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from firmware import NS, Books, Trouble


class EchoSensor:
    """`options`: name (None for none), services and companies advertised, `table` of services, characteristics,
    properties; `values` in hex by readable characteristic. A write comes back as a notification of `answers`.
    """

    def __init__(self, serial: int, now_ns: int, **options: Any) -> None:
        self.serial, self.boot_ns, self.boot_id = serial, now_ns, 0
        self.name = options.get("name") or f"#{serial}"
        self.advertised_name: str | None = options.get("name")
        self.services: list[str] = options.get("services", [])
        self.companies: list[int] = options.get("companies", [])
        self.table: dict[str, dict[str, list[str]]] = options["table"]
        self.stream = self._answers = options["answers"]
        self._values = {uuid: bytes.fromhex(value) for uuid, value in options.get("values", {}).items()}
        self.trouble, self.books = Trouble(), Books()
        self.battery, self.clock_ppm, self.first_tick, self.mtu, self.running = 255, 0.0, 0, 23, False

    def read(self, characteristic: str) -> bytes:
        """The value it was given."""
        return self._values[characteristic]

    def control(self, characteristic: str, value: bytes, now_ns: int) -> tuple[str, bytes]:
        """What was written, and on which characteristic it goes back."""
        return self._answers, value

    def packets(self, now_ns: int) -> Iterator[bytes | None]:
        """It sends nothing by itself."""
        return iter(())

    def next_due_ns(self, now_ns: int) -> int:
        """Nothing is due."""
        return time.monotonic_ns() + NS

    def subscribed(self, characteristic: str) -> None:
        """Nothing changes."""

    def link_up(self) -> None:
        """Nothing changes."""

    def link_down(self, now_ns: int) -> None:
        """Nothing changes."""

    def samples(self, now_ns: int) -> int:
        """It takes none."""
        return 0
