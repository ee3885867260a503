"""`org.bluez` on the bus: one handler that takes every method call and answers as bluetoothd does."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from adapter import Adapter
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from tree import ADAPTER, CHARACTERISTIC, DEVICE, OBJECT_MANAGER, PROPERTIES, BluezError, ObjectTree

Answer = tuple[str, list[Any]]
Handler = Callable[[Message], Awaitable[Answer]]
NOTHING: Answer = ("", [])
logger = logging.getLogger(__name__)


class Bluez:
    """Routes the calls of bus clients to the adapter and its devices."""

    def __init__(self, bus: MessageBus, tree: ObjectTree, adapters: list[Adapter]) -> None:
        self._bus, self._tree, self._adapters = bus, tree, adapters
        self._running: set[asyncio.Task[None]] = set()
        self._calls: dict[tuple[str, str], Handler] = {
            (OBJECT_MANAGER, "GetManagedObjects"): self._managed,
            (PROPERTIES, "Get"): self._get,
            (PROPERTIES, "GetAll"): self._get_all,
            (PROPERTIES, "Set"): self._set,
            (ADAPTER, "SetDiscoveryFilter"): self._set_filter,
            (ADAPTER, "StartDiscovery"): self._start_discovery,
            (ADAPTER, "StopDiscovery"): self._stop_discovery,
            (ADAPTER, "RemoveDevice"): self._remove_device,
            (DEVICE, "Connect"): self._connect,
            (DEVICE, "Disconnect"): self._disconnect,
            (DEVICE, "Pair"): self._pair,
            (CHARACTERISTIC, "ReadValue"): self._read,
            (CHARACTERISTIC, "WriteValue"): self._write,
            (CHARACTERISTIC, "StartNotify"): self._start_notify,
            (CHARACTERISTIC, "StopNotify"): self._stop_notify,
            (CHARACTERISTIC, "AcquireNotify"): self._acquire_notify,
        }

    async def serve(self) -> None:
        """Own the name and answer; NameOwnerChanged tells which clients left."""
        self._bus.add_message_handler(self._on_message)
        rule = "type='signal',interface='org.freedesktop.DBus',member='NameOwnerChanged'"
        await self._bus.call(Message(
            destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus", member="AddMatch", signature="s", body=[rule],
        ))  # fmt: skip
        await self._bus.request_name("org.bluez")

    def _on_message(self, message: Message) -> bool:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, owner = message.body
            if not owner:
                self._spawn(self._client_left(name))
            return True
        if message.message_type is not MessageType.METHOD_CALL or message.destination == "":
            return False
        handler = self._calls.get((message.interface or "", message.member or ""))
        if handler is None:
            return False
        self._spawn(self._answer(message, handler))
        return True

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, message: Message, handler: Handler) -> None:
        try:
            signature, body = await handler(message)
        except BluezError as refusal:
            self._bus.send(Message.new_error(message, refusal.name, str(refusal)))
        except Exception as problem:
            logger.exception("%s.%s", message.interface, message.member)
            self._bus.send(Message.new_error(message, "org.bluez.Error.Failed", repr(problem)))
        else:
            fds = [body[0]] if signature == "hq" else []
            if fds:
                body = [0, *body[1:]]
            await self._bus.send(Message.new_method_return(message, signature, body, fds))
            for fd in fds:
                socket.close(fd)

    async def _client_left(self, name: str) -> None:
        for adapter in self._adapters:
            await adapter.client_left(name)

    def _adapter(self, path: str) -> Adapter:
        for adapter in self._adapters:
            if path == adapter.path or path.startswith(adapter.path + "/"):
                return adapter
        raise BluezError("org.freedesktop.DBus.Error.UnknownObject", f"no object {path}")

    async def _managed(self, message: Message) -> Answer:
        return "a{oa{sa{sv}}}", [self._tree.managed()]

    async def _get(self, message: Message) -> Answer:
        interface, name = message.body
        return "v", [self._tree.all_of(message.path, interface)[name]]

    async def _get_all(self, message: Message) -> Answer:
        return "a{sv}", [self._tree.all_of(message.path, message.body[0])]

    async def _set(self, message: Message) -> Answer:
        interface, name, value = message.body
        if (interface, name) == (ADAPTER, "Powered"):
            await self._adapter(message.path).set_powered(value.value)
        else:
            self._tree.change(message.path, interface, **{name: value.value})
        return NOTHING

    async def _set_filter(self, message: Message) -> Answer:
        wanted: dict[str, Variant] = message.body[0]
        plain = {name: variant.value for name, variant in wanted.items()}
        self._adapter(message.path).set_filter(message.sender, plain)
        return NOTHING

    async def _start_discovery(self, message: Message) -> Answer:
        await self._adapter(message.path).start_discovery(message.sender)
        return NOTHING

    async def _stop_discovery(self, message: Message) -> Answer:
        await self._adapter(message.path).stop_discovery(message.sender)
        return NOTHING

    async def _remove_device(self, message: Message) -> Answer:
        await self._adapter(message.path).remove_device(message.body[0])
        return NOTHING

    async def _connect(self, message: Message) -> Answer:
        await self._adapter(message.path).by_path(message.path).connect()
        return NOTHING

    async def _disconnect(self, message: Message) -> Answer:
        await self._adapter(message.path).by_path(message.path).disconnect()
        return NOTHING

    async def _pair(self, message: Message) -> Answer:
        raise BluezError("AuthenticationFailed", "Authentication Failed")

    async def _read(self, message: Message) -> Answer:
        return "ay", [await self._adapter(message.path).by_path(message.path).read(message.path)]

    async def _write(self, message: Message) -> Answer:
        value, options = message.body
        kind = options["type"].value if "type" in options else "request"
        await self._adapter(message.path).by_path(message.path).write(message.path, value, kind)
        return NOTHING

    async def _start_notify(self, message: Message) -> Answer:
        await self._adapter(message.path).by_path(message.path).start_notify(message.path, message.sender)
        return NOTHING

    async def _stop_notify(self, message: Message) -> Answer:
        await self._adapter(message.path).by_path(message.path).stop_notify(message.path, message.sender)
        return NOTHING

    async def _acquire_notify(self, message: Message) -> Answer:
        fd, mtu = await self._adapter(message.path).by_path(message.path).acquire_notify(message.path)
        return "hq", [fd, mtu]
