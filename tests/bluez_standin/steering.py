"""What a test tells the stand-in to do, one JSON object a line, and the truth it may ask for."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

from adapter import Adapter
from firmware import NS
from peripheral import Peripheral
from tree import CHARACTERISTIC, ObjectTree

Order = dict[str, Any]
FOREVER_NS = 3600 * NS


class Steering:
    """The orders by name; every one answers with a JSON object."""

    def __init__(self, tree: ObjectTree, adapters: list[Adapter], sensors: dict[str, Peripheral]) -> None:
        self._tree, self._adapters, self._sensors = tree, adapters, sensors
        self._orders: dict[str, Callable[[Order], Awaitable[Order]]] = {
            "drop": self._drop, "appear": self._appear, "reboot": self._reboot, "loss": self._loss,
            "stall": self._stall, "freeze": self._freeze, "miss": self._miss, "battery": self._battery,
            "mtu": self._mtu, "rssi": self._rssi, "powered": self._powered, "truth": self._truth,
            "bus": self._bus, "mute": self._mute,
        }  # fmt: skip

    async def carry_out(self, order: Order) -> Order:
        """Do it; `error` says why not."""
        try:
            return await self._orders[order["do"]](order)
        except Exception as problem:
            return {"error": repr(problem)}

    def _sensor(self, order: Order) -> Peripheral:
        return self._sensors[order["sensor"]]

    async def _drop(self, order: Order) -> Order:
        """Lose the link; advertise again after `pause_s`, or vanish when it is null."""
        await self._sensor(order).drop(order["pause_s"])
        return {"at_ns": time.monotonic_ns()}

    async def _appear(self, order: Order) -> Order:
        """Advertise (again)."""
        sensor = self._sensor(order)
        sensor.visible = True
        await sensor.advertise()
        return {"at_ns": time.monotonic_ns()}

    async def _reboot(self, order: Order) -> Order:
        """Drop, then come back with another boot_id and fresh ticks."""
        sensor = self._sensor(order)
        await sensor.drop(order["pause_s"])
        sensor.sensor.boot(time.monotonic_ns())
        return {"boot_id": sensor.sensor.boot_id}

    async def _loss(self, order: Order) -> Order:
        """Lose this share of packets silently."""
        self._sensor(order).sensor.trouble.loss = order["share"]
        return {}

    async def _stall(self, order: Order) -> Order:
        """Hold everything back for some seconds, then send it in one burst."""
        until_ns = time.monotonic_ns() + round(order["seconds"] * NS)
        self._sensor(order).sensor.trouble.stalled_until_ns = until_ns
        return {}

    async def _freeze(self, order: Order) -> Order:
        """The link stays up and nothing comes, for `seconds` or for ever (null)."""
        seconds = order["seconds"]
        length_ns = FOREVER_NS if seconds is None else round(seconds * NS)
        self._sensor(order).sensor.trouble.frozen_until_ns = time.monotonic_ns() + length_ns
        return {}

    async def _mute(self, order: Order) -> Order:
        """Answer no read for some seconds."""
        self._sensor(order).muted_until_ns = time.monotonic_ns() + round(order["seconds"] * NS)
        return {}

    async def _miss(self, order: Order) -> Order:
        """The sensor fails to take the next samples."""
        self._sensor(order).sensor.miss(order["samples"])
        return {}

    async def _battery(self, order: Order) -> Order:
        await self._sensor(order).set_battery(order["percent"])
        return {}

    async def _mtu(self, order: Order) -> Order:
        """Largest ATT MTU of the next connection."""
        self._sensor(order).limit_mtu(order["mtu"])
        return {}

    async def _rssi(self, order: Order) -> Order:
        self._sensor(order).rssi_dbm = order["dbm"]
        return {}

    async def _powered(self, order: Order) -> Order:
        await self._adapters[0].set_powered(order["on"])
        return {}

    async def _truth(self, order: Order) -> Order:
        """What the sensor knows: counters since START, clock, link."""
        peripheral = self._sensor(order)
        sensor, books = peripheral.sensor, peripheral.sensor.books
        now_ns = time.monotonic_ns()
        return {
            "built": books.built, "discarded": books.discarded, "missed": books.missed,
            "sent_packets": books.sent_packets, "sent_samples": books.sent_samples,
            "samples": sensor.samples(now_ns), "boot_id": sensor.boot_id, "boot_ns": sensor.boot_ns,
            "clock_ppm": sensor.clock_ppm, "first_tick": sensor.first_tick, "running": sensor.running,
            "connected": peripheral.connection is not None, "now_ns": now_ns,
            "mtu": peripheral.connection.att_mtu if peripheral.connection else math.nan,
        }  # fmt: skip

    async def _bus(self, order: Order) -> Order:
        """Who subscribed to what: bus names by characteristic, over all devices."""
        return {
            "subscribers": {
                self._tree.properties(path, CHARACTERISTIC)["UUID"]: names
                for adapter in self._adapters
                for device in adapter.devices.values()
                for path, names in device.subscribers.items()
            }
        }
