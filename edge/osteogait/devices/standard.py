"""Services of the Bluetooth SIG that sensors share: battery (0x180F), device information (0x180A).

====  =============================================
2A19  u8 battery percent, 0..100; above: unknown
2A24  model, 2A25 serial, 2A26 firmware, 2A29 maker
====  =============================================

Source: Bluetooth SIG, Battery Service 1.0, Device Information Service 1.1.
"""

from __future__ import annotations

from osteogait.devices.driver import BATTERY_LEVEL, battery_level
from osteogait.devices.reason import reason
from osteogait.devices.wire import demand_length
from osteogait.errors import DecodeError

MODEL = "standard service"
TEXTS = {
    "00002a24-0000-1000-8000-00805f9b34fb": "model",
    "00002a25-0000-1000-8000-00805f9b34fb": "serial",
    "00002a26-0000-1000-8000-00805f9b34fb": "firmware",
    "00002a29-0000-1000-8000-00805f9b34fb": "maker",
}
__all__ = ["BATTERY_LEVEL", "MODEL", "TEXTS", "battery", "text"]


def battery(packet: bytes) -> int | None:
    """Percent, None for a value above 100; DecodeError for another length than one byte."""
    demand_length(MODEL, packet, 1)
    return battery_level(packet)


def text(packet: bytes) -> str:
    """A text of the device information; DecodeError when it is not UTF-8."""
    try:
        return packet.rstrip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        raise DecodeError(MODEL, packet, reason("not_utf8")) from None
