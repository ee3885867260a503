"""Captures of WitMotion BLE 5 sensors (`witmotion`)."""

from __future__ import annotations

from osteogait.captures.capture import Capture, Document, Fields, Kind, refused
from osteogait.devices import witmotion
from osteogait.devices.reason import reason
from osteogait.devices.witmotion import Command, Motion, Reassembly, Registers
from osteogait.errors import DecodeError

_COMMANDS = ("read_register", "write_register", "rate_hz", "bandwidth_hz")


def _frames(capture: Capture) -> Document:
    """All frames of the notifications, which follow one another on one connection."""
    reassembly = Reassembly()
    frames = [frame for packet in capture.packets for frame in reassembly.feed(packet)]
    if not frames:
        raise DecodeError(witmotion.MODEL, b"".join(capture.packets), reason("no_whole_frame"))
    return {"frames": [_frame(frame) for frame in frames]}


def _frame(frame: Motion | Registers) -> Document:
    if isinstance(frame, Registers):
        return {"register": frame.first, "raw": list(frame.raw)}
    acc, gyr, angle = frame.values.tolist()
    return {"acc_m_s2": acc, "gyr_rad_s": gyr, "angle_rad": angle}


def _command(wanted: Fields) -> bytes:
    if "read_register" in wanted:
        return bytes(Command.read(wanted.whole("read_register", 0xFF)))
    if "write_register" in wanted:
        return bytes(Command(wanted.whole("write_register", 0xFF), wanted.whole("value", 0xFFFF)))
    if "rate_hz" in wanted:
        return bytes(witmotion.rate_command(wanted.number("rate_hz")))
    if "bandwidth_hz" in wanted:
        return bytes(witmotion.bandwidth_command(wanted.number("bandwidth_hz")))
    raise refused(reason("capture_holds_none", known=", ".join(_COMMANDS)))


def _written(packet: bytes) -> Document:
    """The mirror of `_command`."""
    command = Command.from_bytes(packet)
    if command.register == witmotion.READ:
        return {"read_register": command.value}
    for register, name, table in (
        (witmotion.RATE, "rate_hz", witmotion.RATES_HZ),
        (witmotion.BANDWIDTH, "bandwidth_hz", witmotion.BANDWIDTHS_HZ),
    ):
        named = [value for value, code in table.items() if code == command.value]
        if command.register == register and named:
            return {name: named[0]}
    return {"write_register": command.register, "value": command.value}


TABLE = {
    witmotion.NOTIFY: Kind(_frames),
    witmotion.DUAL_NOTIFY: Kind(_frames),
    witmotion.COMMAND: Kind(encode=_command, command=_written),
    witmotion.DUAL_COMMAND: Kind(encode=_command, command=_written),
}
