"""Captures of the services of the Bluetooth SIG (`sig`)."""

from __future__ import annotations

from osteogait.captures.capture import Capture, Document, Kind, each
from osteogait.devices import standard


def _text(capture: Capture) -> Document:
    return {standard.TEXTS[capture.characteristic]: standard.text(capture.packet)}


def _battery(packet: bytes) -> Document:
    return {"battery_percent": standard.battery(packet)}


TABLE = {
    standard.BATTERY_LEVEL: Kind(lambda capture: each(capture, _battery)),
    **dict.fromkeys(standard.TEXTS, Kind(_text)),
}
