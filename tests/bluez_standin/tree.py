"""What `org.bluez` exports on the bus: paths, interfaces, properties, and a signal for every change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dbus_fast import Message, Variant
from dbus_fast.aio import MessageBus

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
SERVICE, CHARACTERISTIC, DESCRIPTOR = (
    f"org.bluez.Gatt{kind}1" for kind in ("Service", "Characteristic", "Descriptor")
)
SIGNATURES = {
    "Address": "s", "AddressType": "s", "Name": "s", "Alias": "s", "Class": "u", "Powered": "b",
    "Discoverable": "b", "Pairable": "b", "Discovering": "b", "UUIDs": "as", "Roles": "as", "Adapter": "o",
    "Paired": "b", "Bonded": "b", "Trusted": "b", "Blocked": "b", "LegacyPairing": "b", "Connected": "b",
    "ServicesResolved": "b", "RSSI": "n", "UUID": "s", "Primary": "b", "Device": "o", "Service": "o",
    "Includes": "ao", "Flags": "as", "Value": "ay", "Notifying": "b", "MTU": "q", "NotifyAcquired": "b",
    "Characteristic": "o", "Handle": "q", "Percentage": "y",
}  # fmt: skip
Properties = dict[str, Any]


class BluezError(Exception):
    """An error reply: `org.bluez.Error.<kind>` with a text."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.name = kind if "." in kind else f"org.bluez.Error.{kind}"


class ObjectTree:
    """The exported objects; signals go out as soon as `bus` is connected."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._objects: dict[str, dict[str, Properties]] = {}

    def has(self, path: str, interface: str) -> bool:
        """Whether the object is exported with this interface."""
        return interface in self._objects.get(path, {})

    def properties(self, path: str, interface: str) -> Properties:
        """The live properties, not to be written to."""
        return self._objects[path][interface]

    def add(self, path: str, interface: str, properties: Properties) -> None:
        """Export an interface of an object."""
        self._objects.setdefault(path, {})[interface] = properties
        self._signal(
            "/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, {interface: _wrap(properties)}]
        )

    def remove(self, path: str) -> None:
        """Take an object and everything below it away, leaves first."""
        below = [known for known in self._objects if known == path or known.startswith(path + "/")]
        for gone in sorted(below, key=len, reverse=True):
            interfaces = list(self._objects.pop(gone))
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [gone, interfaces])

    def change(self, path: str, interface: str, gone: Iterable[str] = (), **values: Any) -> None:
        """Set properties, drop those in `gone`, and say so in one signal."""
        known = self._objects[path][interface]
        known.update(values)
        dropped = [name for name in gone if known.pop(name, None) is not None]
        if values or dropped:
            body = [interface, _wrap(values), dropped]
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", body)

    def managed(self) -> dict[str, dict[str, dict[str, Variant]]]:
        """The answer to GetManagedObjects."""
        return {
            path: {interface: _wrap(properties) for interface, properties in interfaces.items()}
            for path, interfaces in self._objects.items()
        }

    def all_of(self, path: str, interface: str) -> dict[str, Variant]:
        """The answer to GetAll."""
        if not self.has(path, interface):
            raise BluezError("org.freedesktop.DBus.Error.UnknownObject", f"{path} has no {interface}")
        return _wrap(self._objects[path][interface])

    def paths(self, interface: str) -> list[str]:
        """Every object with this interface."""
        return [path for path, interfaces in self._objects.items() if interface in interfaces]

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        if self._bus.connected:
            self._bus.send(Message.new_signal(path, interface, member, signature, body))


def _wrap(properties: Mapping[str, Any]) -> dict[str, Variant]:
    wrapped = {
        name: Variant(SIGNATURES[name], value) for name, value in properties.items() if name in SIGNATURES
    }
    if "ManufacturerData" in properties:
        data = {company: Variant("ay", value) for company, value in properties["ManufacturerData"].items()}
        wrapped["ManufacturerData"] = Variant("a{qv}", data)
    return wrapped
