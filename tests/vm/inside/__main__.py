"""The air of the emulated machine: simulated sensors, and the controller that the kernel sees as hci0.

Spoken to as the stand-in's process is (`python tests/bluez_standin`): settings and orders are JSON lines on stdin,
answers on stdout; what owns org.bluez is not in here but a real bluetoothd.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

STANDIN = Path(__file__).resolve().parents[2] / "bluez_standin"
sys.path.insert(0, str(STANDIN))

from bumble.controller import Controller  # noqa: E402
from bumble.hci import LeFeatureMask  # noqa: E402
from bumble.link import LocalLink  # noqa: E402
from bumble.transport.vhci import open_vhci_transport  # noqa: E402
from firmware import OpenSensor  # noqa: E402
from peripheral import ADVERTISING_MS, Peripheral  # noqa: E402
from steering import Order, Steering  # noqa: E402


def _process() -> ModuleType:
    spec = importlib.util.spec_from_file_location("standin_process", STANDIN / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


process = _process()


class Air(Steering):
    """The orders that are about sensors, and who listens as the sensors know it."""

    def __init__(self, sensors: dict[str, Peripheral]) -> None:
        super().__init__(None, [], sensors)  # type: ignore[arg-type]

    async def _bus(self, order: Order) -> Order:
        """What bluetoothd has switched on at the sensors, by characteristic."""
        told: dict[str, list[str]] = {}
        for peripheral in self._sensors.values():
            server = peripheral.device.gatt_server
            uuids = {made.handle: uuid for uuid, made in peripheral._characteristics.items()}
            for handle, value in server.subscribers.get(peripheral.connection, {}).items():
                if handle in uuids:  # the others belong to the generic services
                    told[uuids[handle]] = ["bluetoothd"] if any(value) else []
        return {"subscribers": told}


async def main(settings: dict[str, Any]) -> None:
    """Serve one world until its end."""
    transport, link = await open_vhci_transport(None), LocalLink()
    controller = Controller("hci0", host_source=transport.source, host_sink=transport.sink, link=link)
    # without a public address, and without these two features: with them the kernel takes ways that bumble lacks
    controller.le_features &= ~(LeFeatureMask.LL_PRIVACY | LeFeatureMask.LE_EXTENDED_ADVERTISING)
    sensors = {}
    for options in settings["sensors"]:
        sensor = OpenSensor(options.pop("serial"), time.monotonic_ns(), **options)
        sensors[sensor.name] = Peripheral(link, process.address_of(sensor.serial), sensor, ADVERTISING_MS)
        await sensors[sensor.name].power_on()
    process.say({"ready": {name: peripheral.address for name, peripheral in sensors.items()}})
    await process._orders(Air(sensors))
    await transport.close()


if __name__ == "__main__":
    logging.basicConfig(level=os.environ.get("STANDIN_LOG", "CRITICAL"), stream=sys.stderr)
    while told := sys.stdin.readline():
        asyncio.run(main(json.loads(told)))
        process.say({"ended": True})
        os.set_blocking(sys.stdin.fileno(), True)
