"""A remote device as bluetoothd keeps it: its link, its GATT objects, and who hears its notifications."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable
from functools import partial
from typing import TypeVar

from bumble.att import ATT_Error
from bumble.core import UUID
from bumble.device import Connection, Device, Peer
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR
from bumble.hci import Address, HCI_ErrorCode
from tree import CHARACTERISTIC, DESCRIPTOR, DEVICE, SERVICE, BluezError, ObjectTree

logger = logging.getLogger(__name__)
PREFERRED_MTU = 517
"""What bluetoothd asks for."""
CONNECT_S = 20.0
ATT_S = 30.0
"""The ATT transaction timeout of the core specification, vol 3 part F 3.3.3."""
T = TypeVar("T")
FULL_BYTES = 16
NOTIFY, INDICATE = b"\x01\x00", b"\x02\x00"


class RemoteDevice:
    """One Device1 object; `connecting` is the adapter's lock, as one LE link is made at a time."""

    def __init__(self, tree: ObjectTree, host: Device, path: str, address: str, lock: asyncio.Lock) -> None:
        self._tree, self._host, self.path, self.address = tree, host, path, address
        self._lock = lock
        self._connection: Connection | None = None
        self._attempt: asyncio.Task[Connection] | None = None
        self._unwanted = False
        self._handles: dict[str, int] = {}
        self._cccd: dict[str, int] = {}
        self.subscribers: dict[str, list[str]] = {}
        """Characteristic path to bus names, in order of StartNotify; survives a link loss."""
        self._acquired: dict[str, socket.socket] = {}

    @property
    def connected(self) -> bool:
        """Whether the link is up."""
        return self._connection is not None

    async def connect(self) -> None:
        """Device1.Connect: link, MTU, discovery or the kept table, subscriptions renewed."""
        if self._attempt is not None:
            raise BluezError("Failed", "Operation already in progress")
        if self.connected:
            return
        self._unwanted = False
        try:
            connection = await self._link_up()
        finally:
            self._attempt = None
        if self._unwanted:  # it came up in the moment in which it was called off
            await self._let_go(connection)
            raise BluezError("Failed", "br-connection-canceled")
        connection.on(connection.EVENT_DISCONNECTION, partial(self._link_lost, connection))
        self._connection = connection
        self._tree.change(self.path, DEVICE, Connected=True)
        try:
            await self._resolve(connection)
        except Exception as problem:
            logger.info("%s: %r", self.path, problem)
            await self.disconnect()
            raise BluezError("Failed", "le-connection-abort-by-local") from problem

    async def _link_up(self) -> Connection:
        self._attempt = asyncio.create_task(self._create_link())
        try:
            async with asyncio.timeout(CONNECT_S):
                return await asyncio.shield(self._attempt)
        except TimeoutError:
            self._attempt.cancel()
            raise BluezError("Failed", "le-connection-abort-by-local") from None
        except asyncio.CancelledError:
            raise BluezError("Failed", "br-connection-canceled") from None  # its words, for an LE link too

    async def _create_link(self) -> Connection:
        async with self._lock:
            address = Address(self.address, Address.RANDOM_DEVICE_ADDRESS)
            try:
                return await self._host.connect(address, timeout=None)
            except asyncio.CancelledError:
                came_up = self._host.find_connection_by_bd_addr(address)
                if came_up is not None:
                    await self._let_go(came_up)
                raise
            finally:
                self._host.host.controller.pending_le_connection = None  # type: ignore[attr-defined]

    async def _resolve(self, connection: Connection) -> None:
        peer = Peer(connection)
        mtu = await peer.request_mtu(PREFERRED_MTU)
        if self._handles:
            for path in self._tree.paths(CHARACTERISTIC):
                if (
                    path.startswith(self.path + "/")
                    and self._tree.properties(path, CHARACTERISTIC)["MTU"] != mtu
                ):
                    self._tree.change(path, CHARACTERISTIC, MTU=mtu)
        else:
            await self._discover(peer, mtu)
        for path, names in self.subscribers.items():
            if names or path in self._acquired:
                await self._listen(path)
        uuids = sorted({full_uuid(service.uuid) for service in peer.services} | set(self._uuids()))
        self._tree.change(self.path, DEVICE, UUIDs=uuids, ServicesResolved=True)

    def _uuids(self) -> list[str]:
        uuids: list[str] = self._tree.properties(self.path, DEVICE).get("UUIDs", [])
        return uuids

    async def _discover(self, peer: Peer, mtu: int) -> None:
        for service in await peer.discover_services():
            await peer.discover_characteristics(service=service)
            path = f"{self.path}/service{service.handle:04x}"
            properties = {
                "UUID": full_uuid(service.uuid),
                "Primary": True,
                "Device": self.path,
                "Includes": [],
            }
            self._tree.add(path, SERVICE, properties)
            for characteristic in service.characteristics:
                declaration = characteristic.handle - 1
                below = f"{path}/char{declaration:04x}"
                self._handles[below] = characteristic.handle
                flags = [
                    {"write_without_response": "write-without-response"}.get(name, name)
                    for name in (str(flag.name).lower() for flag in characteristic.properties)
                ]
                self._tree.add(below, CHARACTERISTIC, {
                    "UUID": full_uuid(characteristic.uuid), "Service": path, "Value": b"", "Notifying": False,
                    "Flags": flags, "MTU": mtu,
                    **({"NotifyAcquired": False} if "notify" in flags else {}),
                })  # fmt: skip
                for descriptor in await peer.discover_descriptors(characteristic):
                    self._descriptor(below, descriptor.handle, descriptor.type)

    def _descriptor(self, path: str, handle: int, kind: UUID) -> None:
        if kind == GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR:
            self._cccd[path] = handle
        below = f"{path}/desc{handle:04x}"
        self._tree.add(below, DESCRIPTOR, {"UUID": full_uuid(kind), "Characteristic": path, "Value": b""})

    async def disconnect(self) -> None:
        """Device1.Disconnect: also cancels an attempt; subscriptions are told off first, as bluetoothd does."""
        if self._attempt is not None:
            self._unwanted = True
            self._attempt.cancel()
            return
        if self._connection is not None:
            await self._let_go(self._connection)

    async def _let_go(self, connection: Connection) -> None:
        with contextlib.suppress(Exception):
            await connection.disconnect(HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)

    def _link_lost(self, connection: Connection, _: int) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        for path in list(self._acquired):
            self._acquired.pop(path).close()
            self._tree.change(path, CHARACTERISTIC, NotifyAcquired=False)
        if self._tree.has(self.path, DEVICE):
            self._tree.change(self.path, DEVICE, ServicesResolved=False)
            self._tree.change(self.path, DEVICE, Connected=False)

    def link(self) -> Connection:
        """The live link; the error of bluetoothd without one."""
        if self._connection is None:
            raise BluezError("Failed", "Not connected")
        return self._connection

    async def read(self, path: str) -> bytes:
        """ReadValue; a subscribed client also gets the value as a notification, as with bluetoothd."""
        self._permit(path, "read", BluezError("NotPermitted", "Read not permitted"))
        value = bytes(await self._att(self.link().gatt_client.read_value(self._handles[path])))
        self._tree.change(path, CHARACTERISTIC, Value=value)
        return value

    async def write(self, path: str, value: bytes, kind: str) -> None:
        """WriteValue, with response for a request."""
        flag = "write" if kind == "request" else "write-without-response"
        self._permit(path, flag, BluezError("NotSupported", "Operation is not supported"))
        client = self.link().gatt_client
        await self._att(client.write_value(self._handles[path], value, with_response=kind == "request"))

    def _permit(self, path: str, flag: str, refusal: BluezError) -> None:
        self.link()
        if flag not in self._tree.properties(path, CHARACTERISTIC)["Flags"]:
            raise refusal

    async def start_notify(self, path: str, sender: str) -> None:
        """StartNotify by `sender`; without a link it waits for the next one."""
        if path not in self._cccd:
            raise BluezError("NotSupported", "Operation is not supported")
        names = self.subscribers.setdefault(path, [])
        if sender in names:
            if not self.connected:
                raise BluezError("InProgress", "In Progress")
            return
        names.append(sender)
        if len(names) == 1 and self.connected:
            await self._listen(path)
        self._tree.change(path, CHARACTERISTIC, Notifying=True)

    async def stop_notify(self, path: str, sender: str) -> None:
        """StopNotify by `sender`; the last one switches the sensor's notifications off."""
        names = self.subscribers.get(path, [])
        if sender not in names:
            raise BluezError("Failed", "No notify session started")
        names.remove(sender)
        if not names:
            await self._silence(path)

    async def acquire_notify(self, path: str) -> tuple[int, int]:
        """A socket that carries the notifications, and the MTU."""
        mtu = self.link().att_mtu
        if path in self._acquired or self.subscribers.get(path):
            raise BluezError("NotPermitted", "Notify acquired")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._acquired[path] = ours
        self.subscribers.setdefault(path, [])
        await self._listen(path)
        self._tree.change(path, CHARACTERISTIC, NotifyAcquired=True)
        return theirs.detach(), mtu

    async def forget(self, name: str) -> None:
        """A client left the bus: its subscriptions go with it."""
        for path, names in self.subscribers.items():
            if name in names:
                names.remove(name)
                if not names:
                    await self._silence(path)

    async def _silence(self, path: str) -> None:
        self._tree.change(path, CHARACTERISTIC, Notifying=False)
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.gatt_client.write_value(self._cccd[path], b"\0\0", with_response=True)

    async def _listen(self, path: str) -> None:
        client, handle = self.link().gatt_client, self._handles[path]
        indicates = "indicate" in self._tree.properties(path, CHARACTERISTIC)["Flags"]
        subscribers = client.indication_subscribers if indicates else client.notification_subscribers
        subscribers[handle] = {partial(self._heard, path)}
        await self._att(
            client.write_value(self._cccd[path], INDICATE if indicates else NOTIFY, with_response=True)
        )

    def _heard(self, path: str, value: bytes) -> None:
        """One Value signal per subscribed client: how a client that was never closed doubles everything."""
        if path in self._acquired:
            with contextlib.suppress(BlockingIOError):
                self._acquired[path].send(bytes(value))
        for _ in self.subscribers.get(path, ()):
            self._tree.change(path, CHARACTERISTIC, Value=bytes(value))

    async def _att(self, request: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(ATT_S):
                return await request
        except ATT_Error as refusal:
            raise BluezError(
                "Failed", f"Operation failed with ATT error: 0x{refusal.error_code:02x}"
            ) from refusal
        except asyncio.CancelledError:
            raise BluezError("Failed", "Not connected") from None  # the link went away under the request


def full_uuid(uuid: UUID) -> str:
    """The UUID as bluetoothd writes it: 128 bits, lower case."""
    if len(uuid.uuid_bytes) == FULL_BYTES:
        return uuid.to_hex_str("-").lower()
    return f"{int.from_bytes(uuid.uuid_bytes, 'little'):08x}-0000-1000-8000-00805f9b34fb"
