"""The stand-in as a process: `python tests/bluez_standin`, JSON lines on stdin, one answer a line on stdout.

The first line is the settings: `bus` (address of the message bus), `sensors` (list of objects with serial and the
options of `OpenSensor`; with a table, of `EchoSensor`; with a `maker`, of `MakerSensor`), and optionally `adapters`
(addresses; [] for none), `roles`, `powered`, `temporary_s`, `advertising_ms`. The answer {"ready": ...} comes once
the name is owned. Lines up to {"do": "end"} are orders (`Steering`); then other settings begin another world, so
that a test does not pay for the imports. The process ends with stdin.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
import time
from typing import Any

from adapter import Adapter
from bluez import Bluez
from bumble.link import LocalLink
from dbus_fast.aio import MessageBus
from echo import EchoSensor
from firmware import OpenSensor
from maker import MakerSensor
from peripheral import ADVERTISING_MS, Peripheral
from steering import Steering
from tree import ObjectTree

END = {"do": "end"}


def address_of(serial: int) -> str:
    """The static random address of a sensor."""
    return "C0:" + ":".join(f"{(serial >> shift) & 0xFF:02X}" for shift in (32, 24, 16, 8, 0))


class PatientSocket:
    """dbus-fast 5.2 ends the connection when a socket is full, as behind a busy host; here that is 0 bytes sent."""

    def __init__(self, real: socket.socket) -> None:
        self._real = real

    def send(self, content: memoryview) -> int:
        """The bytes sent; the rest follows when the socket can be written again."""
        try:
            return self._real.send(content)
        except BlockingIOError:
            return 0

    def __getattr__(self, name: str) -> Any:
        """Everything else as the socket has it."""
        return getattr(self._real, name)


async def main(settings: dict[str, Any]) -> None:
    """Serve one world until its end."""
    bus = await MessageBus(settings["bus"], negotiate_unix_fd=True).connect()
    bus._writer.sock = PatientSocket(bus._writer.sock)
    tree, link = ObjectTree(bus), LocalLink()
    adapters = [
        Adapter(tree, link, address, settings.get("temporary_s", 30.0), f"hci{k}")
        for k, address in enumerate(settings.get("adapters", ["F0:00:00:00:00:01"]))
    ]
    sensors = {}
    for options in settings["sensors"]:
        kind = EchoSensor if "table" in options else MakerSensor if "maker" in options else OpenSensor
        sensor = kind(options.pop("serial"), time.monotonic_ns(), **options)
        sensors[sensor.name] = Peripheral(
            link, address_of(sensor.serial), sensor, settings.get("advertising_ms", ADVERTISING_MS)
        )
        await sensors[sensor.name].power_on()
    for adapter in adapters:
        adapter.peripherals = sensors
        await adapter.power_on(
            settings.get("roles", ["central", "peripheral"]), settings.get("powered", True)
        )
    await Bluez(bus, tree, adapters).serve()
    old = [asyncio.create_task(adapter.forget_old()) for adapter in adapters]
    say({"ready": {name: peripheral.address for name, peripheral in sensors.items()}})
    await _orders(Steering(tree, adapters, sensors))
    for task in old:
        task.cancel()
    bus.disconnect()
    await bus.wait_for_disconnect()


async def _orders(steering: Steering) -> None:
    reader = asyncio.StreamReader()
    stdin = os.fdopen(os.dup(sys.stdin.fileno()))
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stdin)
    while (line := await reader.readline()) and (order := json.loads(line)) != END:
        say(await steering.carry_out(order))


def say(answer: dict[str, Any]) -> None:
    """One line on stdout."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=os.environ.get("STANDIN_LOG", "CRITICAL"), stream=sys.stderr)
    while told := sys.stdin.readline():
        asyncio.run(main(json.loads(told)))
        say({"ended": True})
        os.set_blocking(sys.stdin.fileno(), True)
