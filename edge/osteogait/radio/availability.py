"""Why Bluetooth cannot be used, told so that a person can do something about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError
from dbus_fast import AuthError

from osteogait.errors import DeviceNotFound, NotPermitted, OsteogaitError

Reason = BleakBluetoothNotAvailableReason
_REASONS = {
    Reason.NO_BLUETOOTH: "bluetooth_no_adapter",
    Reason.NO_BLE_CENTRAL_ROLE: "bluetooth_no_central",
    Reason.POWERED_OFF: "bluetooth_off",
}
_DENIED = (Reason.DENIED_BY_USER, Reason.DENIED_BY_SYSTEM, Reason.DENIED_BY_UNKNOWN)
_NO_DAEMON = ("ServiceUnknown", "NameHasNoOwner", "Spawn", "Disconnected", "NoReply")
"""Last parts of org.freedesktop.DBus.Error names that mean: nobody answers for org.bluez."""


@contextmanager
def told() -> Iterator[None]:
    """Turn what the message bus and bleak raise when there is no Bluetooth to use into the errors of the app."""
    try:
        yield
    except (BleakBluetoothNotAvailableError, BleakDBusError, AuthError, OSError, EOFError) as problem:
        known = unavailable(problem)
        if known is None:
            raise
        raise known from problem


def unavailable(problem: BaseException) -> OsteogaitError | None:
    """What `problem` means for the user; None when it is not about Bluetooth as such."""
    if isinstance(problem, BleakBluetoothNotAvailableError):
        if problem.reason in _DENIED:
            return NotPermitted("bluetooth_denied", detail=_text(problem))
        return DeviceNotFound(_REASONS.get(problem.reason, "bluetooth_no_adapter"))
    if isinstance(problem, BleakDBusError):
        return _refused(problem)
    if isinstance(problem, (AuthError, PermissionError)):
        return NotPermitted("bluetooth_denied", detail=_text(problem))
    if isinstance(problem, (OSError, EOFError)) and not isinstance(problem, TimeoutError):
        return DeviceNotFound("bluetooth_no_bus", detail=_text(problem))
    return None


def _refused(problem: BleakDBusError) -> OsteogaitError | None:
    name = problem.dbus_error
    if name.endswith((".AccessDenied", ".AuthFailed")):
        # its text tells command lines and process numbers
        return NotPermitted("bluetooth_denied", detail=name)
    if name.startswith("org.freedesktop.DBus.Error.") and any(part in name for part in _NO_DAEMON):
        return DeviceNotFound("bluetooth_no_daemon")
    if name == "org.bluez.Error.NotReady":
        return DeviceNotFound("bluetooth_off")
    return None


def _text(problem: BaseException) -> str:
    return str(problem) or type(problem).__name__
