"""A real bluetoothd on a private message bus, with the sensors of the stand-in: the same handle for tests."""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from dbus_fast import BusType, Message, MessageType, unpack_variants
from dbus_fast.aio import MessageBus

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[2]
ROOT = REPO / "build" / "vm" / "root"
OUT = Path("/run/out")
STATE = Path("/var/lib/bluetooth")
READY_S = 30.0
MAIN_CONF = """[General]
ControllerMode=le
TemporaryTimeout={temporary}
[GATT]
Cache=always
[Policy]
AutoEnable=true
"""


def _libraries() -> str:
    return ":".join(str(ROOT / part) for part in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"))


class Daemon:
    """One bluetoothd on the bus at `address`; `restart` ends it the hard way, as a crash would."""

    def __init__(self, address: str, temporary_s: float) -> None:
        shutil.rmtree(STATE, ignore_errors=True)
        STATE.mkdir(mode=0o700)
        self._address = address
        self._conf = Path(tempfile.gettempdir()) / "main.conf"
        self._conf.write_text(MAIN_CONF.format(temporary=math.ceil(temporary_s)), encoding="utf-8")
        self._log = (OUT / "bluetoothd.log").open("a", encoding="utf-8")
        self._start()

    def _start(self) -> None:
        environment = {
            **os.environ,
            "DBUS_SYSTEM_BUS_ADDRESS": self._address,
            "LD_LIBRARY_PATH": _libraries(),
        }
        command = [str(ROOT / "usr/libexec/bluetooth/bluetoothd"), "-n", "-f", str(self._conf)]
        self.process = subprocess.Popen(command, env=environment, stdout=self._log, stderr=self._log)

    def restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self._start()

    def close(self) -> None:
        if not self._log.closed:
            self.process.terminate()
            self.process.wait(20)
            self._log.close()


def daemon_world(standin: Any) -> Any:
    """`StandIn` of that module, with a real bluetoothd in it."""
    standin.HERE = (
        HERE  # its process is then this folder's: sensors and a controller, and nobody that plays org.bluez
    )

    class RealBluez(standin.StandIn):  # type: ignore[misc]
        """The orders are those of `StandIn`; `daemon` is the bluetoothd that serves the bus."""

        def __init__(self, bus: Any, sensors: list[dict[str, Any]], **settings: Any) -> None:
            self.daemon = Daemon(bus.address, settings.get("temporary_s", 30.0))
            super().__init__(bus, sensors, **settings)
            asyncio.run(powered(bus.address))

        def close(self) -> None:
            self.daemon.close()
            super().close()

    return RealBluez


async def powered(address: str) -> None:
    """Wait until hci0 is there and powered."""
    bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
    try:
        async with asyncio.timeout(READY_S):
            while True:
                ask = Message("org.bluez", "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
                reply = await bus.call(ask)
                assert reply is not None
                if reply.message_type is not MessageType.ERROR:
                    objects = {path: unpack_variants(has) for path, has in reply.body[0].items()}
                    adapter = objects.get("/org/bluez/hci0", {}).get("org.bluez.Adapter1", {})
                    if adapter.get("Powered"):
                        return
                await asyncio.sleep(0.1)
    finally:
        bus.disconnect()
