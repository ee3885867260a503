"""Every way in which Bluetooth can be missing: the right exit code, and words that say what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError
from dbus_fast import AuthError

from osteogait.errors import DeviceNotFound, NotPermitted, OsteogaitError
from osteogait.radio.availability import told, unavailable
from osteogait.radio.bluetooth import Bluetooth

ADDRESS = "C0:00:00:00:00:07"
SENSOR = {"serial": 7}


def refusal(work: Coroutine[Any, Any, object]) -> OsteogaitError:
    """The error of the app that `work` ends with; its sentences exist in both languages."""
    with pytest.raises(OsteogaitError) as refused:
        asyncio.run(work)
    assert refused.value.message("en")
    assert refused.value.message("zh") != refused.value.message("en")
    return refused.value


def test_without_a_message_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    error = refusal(Bluetooth().scan(0.1))
    assert (error.code, error.exit_code) == ("bluetooth_no_bus", 5)
    assert "dbus" in error.message("en")


def test_without_bluetoothd(private_bus: Any) -> None:
    private_bus()
    error = refusal(Bluetooth().connect(ADDRESS))
    assert (error.code, error.exit_code) == ("bluetooth_no_daemon", 5)
    assert "systemctl start bluetooth" in error.message("zh")


def test_when_the_bus_refuses(stand_in: Any) -> None:
    stand_in(SENSOR, denied=True)
    error = refusal(Bluetooth().scan(0.1))
    assert isinstance(error, NotPermitted)
    assert (error.code, error.exit_code) == ("bluetooth_denied", 6)
    assert "usermod" in error.message("en")
    assert "pid=" not in error.message("en")  # what the bus says tells command lines of other programs


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"adapters": []}, "bluetooth_no_adapter"),
        ({"powered": False}, "bluetooth_off"),
        ({"roles": ["peripheral"]}, "bluetooth_no_central"),
    ],
)
def test_without_an_adapter_that_can(stand_in: Any, settings: dict[str, Any], code: str) -> None:
    stand_in(SENSOR, **settings)
    error = refusal(Bluetooth().scan(0.1))
    assert (error.code, error.exit_code) == (code, 5)


def test_an_adapter_is_chosen_by_its_address_whatever_its_number(stand_in: Any) -> None:
    stand_in(SENSOR, adapters=["F0:00:00:00:00:01", "F0:00:00:00:00:02"])

    async def flow() -> None:
        bluetooth = Bluetooth("f0:00:00:00:00:02")
        assert (await bluetooth.adapter()).name == "hci1"
        link = await bluetooth.connect(ADDRESS)
        await link.close()
        assert (await Bluetooth().adapter()).name == "hci0"

    asyncio.run(flow())
    error = refusal(Bluetooth("AA:00:00:00:00:01").adapter())
    assert error.code == "bluetooth_adapter_absent"
    assert "F0:00:00:00:00:01, F0:00:00:00:00:02" in error.message("en")


def test_a_sensor_that_is_not_there_is_said_by_its_address(stand_in: Any) -> None:
    stand_in(SENSOR)
    error = refusal(Bluetooth().find("C0:00:00:00:00:99", seconds=0.4))
    assert (error.code, error.exit_code) == ("sensor_not_seen", 5)
    assert "C0:00:00:00:00:99" in error.message("zh")


def test_a_sensor_that_left_is_tried_until_the_time_is_over(stand_in: Any) -> None:
    there = stand_in(SENSOR)

    async def flow() -> None:
        bluetooth = Bluetooth()
        await (await bluetooth.connect(ADDRESS)).close()
        there.do("drop", "OG-0007", pause_s=None)
        await bluetooth.connect(ADDRESS, seconds=0.8)

    error = refusal(flow())
    assert (error.code, error.fields["phase"]) == ("link_timeout", "connect")
    assert "（连接）" in error.message("zh")


def test_switched_off_in_the_middle(stand_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there = stand_in(SENSOR)
    monkeypatch.setattr("osteogait.radio.bluetooth.RETURN_S", 0.3)

    async def flow() -> None:
        bluetooth = Bluetooth()
        link = await bluetooth.connect(ADDRESS)
        there.do("powered", on=False)
        assert await link.receive() is None
        await link.close()
        await bluetooth.connect(ADDRESS)

    assert refusal(flow()).code == "bluetooth_off"


REASON = BleakBluetoothNotAvailableReason


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (BleakBluetoothNotAvailableError("", REASON.NO_BLUETOOTH), "bluetooth_no_adapter"),
        (BleakBluetoothNotAvailableError("", REASON.UNKNOWN), "bluetooth_no_adapter"),
        (BleakBluetoothNotAvailableError("", REASON.NO_BLE_CENTRAL_ROLE), "bluetooth_no_central"),
        (BleakBluetoothNotAvailableError("", REASON.POWERED_OFF), "bluetooth_off"),
        (BleakBluetoothNotAvailableError("", REASON.DENIED_BY_USER), "bluetooth_denied"),
        (BleakBluetoothNotAvailableError("", REASON.DENIED_BY_SYSTEM), "bluetooth_denied"),
        (BleakBluetoothNotAvailableError("", REASON.DENIED_BY_UNKNOWN), "bluetooth_denied"),
        (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", ["no"]), "bluetooth_denied"),
        (BleakDBusError("org.freedesktop.DBus.Error.Spawn.ChildExited", []), "bluetooth_no_daemon"),
        (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), "bluetooth_off"),
        (AuthError("authentication failed"), "bluetooth_denied"),
        (PermissionError(13, "Permission denied"), "bluetooth_denied"),
        (ConnectionRefusedError(111, "Connection refused"), "bluetooth_no_bus"),
    ],
)
def test_each_refusal_of_the_system_has_its_words(problem: Exception, code: str) -> None:
    with pytest.raises(OsteogaitError) as refused, told():
        raise problem
    assert refused.value.code == code
    assert refused.value.exit_code == (6 if code == "bluetooth_denied" else 5)


def test_what_is_not_about_bluetooth_passes_through() -> None:
    other = BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"])
    assert unavailable(other) is None
    assert unavailable(TimeoutError()) is None
    with pytest.raises(BleakDBusError), told():
        raise other
    with pytest.raises(DeviceNotFound), told():
        raise DeviceNotFound("link_lost", sensor="x")
