"""The Bluetooth adapter as bluetoothd shows it: discovery on behalf of bus clients, and the devices it knows."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Device, DeviceConfiguration
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink
from peripheral import Peripheral
from remote import RemoteDevice, full_uuid
from tree import ADAPTER, DEVICE, BluezError, ObjectTree

UUIDS = {
    AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
}
NAME = AdvertisingData.Type.COMPLETE_LOCAL_NAME
MANUFACTURER = AdvertisingData.Type.MANUFACTURER_SPECIFIC_DATA


class Adapter:
    """hci0; `temporary_s` is how long an unpaired device outlives its last advertisement (bluetoothd: 30 s)."""

    def __init__(
        self, tree: ObjectTree, link: LocalLink, address: str, temporary_s: float, name: str
    ) -> None:
        self._tree, self.path, self.address = tree, f"/org/bluez/{name}", address
        self._temporary_s = temporary_s
        self._lock = asyncio.Lock()
        self._discovering: dict[str, dict[str, Any]] = {}
        self.peripherals: dict[str, Peripheral] = {}
        self.devices: dict[str, RemoteDevice] = {}
        self._seen_s: dict[str, float] = {}
        controller = Controller("adapter", link=link)
        config = DeviceConfiguration(name="stand-in", address=Address(address))
        self.host = Device(config=config, host=Host(controller, controller))
        self.host.on(self.host.EVENT_ADVERTISEMENT, self._advertised)

    async def power_on(self, roles: list[str], powered: bool) -> None:
        """Start the controller and export Adapter1."""
        await self.host.power_on()
        self._tree.add(self.path, ADAPTER, {
            "Address": self.address, "AddressType": "public", "Name": "stand-in", "Alias": "stand-in", "Class": 0,
            "Powered": powered, "Discoverable": False, "Pairable": False, "Discovering": False,
            "UUIDs": [], "Roles": roles,
        })  # fmt: skip

    async def set_powered(self, powered: bool) -> None:
        """Switch the radio; switching off drops every link."""
        self._tree.change(self.path, ADAPTER, Powered=powered)
        if not powered:
            self._discovering.clear()
            await self._scan(False)
            for device in self.devices.values():
                if device.connected:
                    await device.disconnect()

    def set_filter(self, sender: str, discovery: dict[str, Any]) -> None:
        """SetDiscoveryFilter, kept for each client."""
        self._ready()
        self._filters(sender).update(wanted=[uuid.lower() for uuid in discovery.get("UUIDs", [])])

    def _filters(self, sender: str) -> dict[str, Any]:
        return self._discovering.setdefault(sender, {"wanted": [], "on": False})

    async def start_discovery(self, sender: str) -> None:
        """StartDiscovery; advertisements then make and refresh device objects."""
        self._ready()
        if self._filters(sender)["on"]:
            raise BluezError("InProgress", "Operation already in progress")
        self._filters(sender)["on"] = True
        await self._scan(True)

    async def stop_discovery(self, sender: str) -> None:
        """StopDiscovery; the last client ends it, and signal strengths are forgotten."""
        self._ready()
        if not self._discovering.get(sender, {}).get("on"):
            raise BluezError("Failed", "No discovery started")
        self._discovering[sender]["on"] = False
        if not self._active():
            await self._scan(False)
            for device in self.devices.values():
                self._tree.change(device.path, DEVICE, gone=("RSSI",))

    def _active(self) -> list[dict[str, Any]]:
        return [session for session in self._discovering.values() if session["on"]]

    async def _scan(self, on: bool) -> None:
        if on and not self.host.is_scanning:
            await self.host.start_scanning(filter_duplicates=False)
        elif not on and self.host.is_scanning:
            await self.host.stop_scanning()
        if self._tree.properties(self.path, ADAPTER)["Discovering"] != on:
            self._tree.change(self.path, ADAPTER, Discovering=on)

    def _ready(self) -> None:
        if not self._tree.properties(self.path, ADAPTER)["Powered"]:
            raise BluezError("NotReady", "Resource Not Ready")

    def _advertised(self, report: Advertisement) -> None:
        address = report.address.to_string(False)
        found: dict[str, Any] = {"RSSI": self._rssi(address), "UUIDs": _services(report.data)}
        if not self._wanted(found["UUIDs"]):
            return
        name = report.data.get(NAME, raw=True)
        if name:
            found["Name"] = found["Alias"] = name.decode()
        maker = report.data.get(MANUFACTURER, raw=True)
        if maker:
            found["ManufacturerData"] = {int.from_bytes(maker[:2], "little"): maker[2:]}
        self._seen_s[address] = time.monotonic()
        if address not in self.devices:
            self._new(address, found)
            return
        path = self.devices[address].path
        found["UUIDs"] = sorted(set(found["UUIDs"]) | set(self._tree.properties(path, DEVICE)["UUIDs"]))
        known = self._tree.properties(path, DEVICE)
        changed = {key: value for key, value in found.items() if key == "RSSI" or known.get(key) != value}
        self._tree.change(path, DEVICE, **changed)

    def _rssi(self, address: str) -> int:
        for peripheral in self.peripherals.values():
            if peripheral.address == address:
                return peripheral.rssi_dbm
        return -127

    def _wanted(self, uuids: list[str]) -> bool:
        wanted = [session["wanted"] for session in self._active()]
        return any(not names or set(names) & set(uuids) for names in wanted)

    def _new(self, address: str, found: dict[str, Any]) -> None:
        path = f"{self.path}/dev_{address.replace(':', '_')}"
        self.devices[address] = RemoteDevice(self._tree, self.host, path, address, self._lock)
        self._tree.add(path, DEVICE, {
            "Address": address, "AddressType": "random", "Alias": address.replace(":", "-"), "Paired": False,
            "Bonded": False, "Trusted": False, "Blocked": False, "LegacyPairing": False, "Connected": False,
            "ServicesResolved": False, "Adapter": self.path, **found,
        })  # fmt: skip

    async def remove_device(self, path: str) -> None:
        """RemoveDevice: link down, objects gone."""
        device = self.by_path(path)
        if device.connected:
            await device.disconnect()
        del self.devices[device.address]
        self._tree.remove(path)

    def by_path(self, path: str) -> RemoteDevice:
        """The device that `path` is or lies under."""
        for device in self.devices.values():
            if path == device.path or path.startswith(device.path + "/"):
                return device
        raise BluezError("org.freedesktop.DBus.Error.UnknownObject", f"no object {path}")

    async def forget_old(self) -> None:
        """Drop devices that nobody is connected to and that have not been heard for a while, for ever."""
        while True:
            await asyncio.sleep(min(1.0, self._temporary_s / 4))
            limit_s = time.monotonic() - self._temporary_s
            for device in list(self.devices.values()):
                if not device.connected and self._seen_s[device.address] < limit_s:
                    await self.remove_device(device.path)
                elif device.connected:
                    self._seen_s[device.address] = time.monotonic()

    async def client_left(self, name: str) -> None:
        """A bus client is gone: its discovery and its subscriptions too; links stay, as with bluetoothd."""
        if self._discovering.pop(name, {}).get("on") and not self._active():
            await self._scan(False)
        for device in self.devices.values():
            await device.forget(name)


def _services(data: AdvertisingData) -> list[str]:
    found = []
    for kind, size in UUIDS.items():
        raw = data.get(kind, raw=True) or b""
        found += [full_uuid(UUID.from_bytes(raw[k : k + size])) for k in range(0, len(raw), size)]
    return found
