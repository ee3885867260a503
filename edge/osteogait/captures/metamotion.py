"""Captures of MbientLab MetaMotion (`metamotion`)."""

from __future__ import annotations

from osteogait.captures.capture import Capture, Document, Fields, Kind, each, refused
from osteogait.devices import metamotion
from osteogait.devices.metamotion import ACC, Command, Packet
from osteogait.devices.reason import reason

U8, U16 = 0xFF, 0xFFFF


def _samples(capture: Capture) -> Document:
    return each(capture, lambda packet: _packet(packet, capture.context))


def _packet(packet: bytes, context: Fields) -> Document:
    found = Packet.from_bytes(packet)
    if found.module == ACC:
        return {"acc_m_s2": found.values(context.positive("acc_lsb_per_g")).tolist()}
    return {"gyr_rad_s": found.values(context.positive("gyr_lsb_per_dps")).tolist()}


def _command(wanted: Fields) -> bytes:
    module = wanted.whole("module", U8)
    if "subscribe" in wanted:
        register = wanted.whole("register", U8) if "register" in wanted else None
        return metamotion.subscribe(module, on=wanted.flag("subscribe"), register=register)
    if "start" in wanted:
        return metamotion.start(module, on=wanted.flag("start"))
    if "odr_hz" in wanted:
        range_ = wanted.whole("range_g" if module == ACC else "range_dps", U16)
        return metamotion.configure(module, wanted.number("odr_hz"), range_)
    raise refused(reason("capture_holds_none", known="subscribe, start, odr_hz"))


def _asked(packet: bytes) -> Document:
    """The mirror of `_command`; a register is named where it is not the usual one."""
    command = Command.from_bytes(packet)
    if command.what == "configure":
        range_ = "range_g" if command.module == ACC else "range_dps"
        return {"module": command.module, "odr_hz": command.odr_hz, range_: command.range_}
    document: Document = {"module": command.module, command.what: command.on}
    usual = command.what == "start" or packet == metamotion.subscribe(command.module, on=command.on)
    return document if usual else document | {"register": command.register}


TABLE = {metamotion.NOTIFY: Kind(_samples), metamotion.COMMAND: Kind(encode=_command, command=_asked)}
