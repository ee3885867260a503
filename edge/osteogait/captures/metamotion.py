"""Captures of MbientLab MetaMotion (`metamotion`)."""

from __future__ import annotations

from osteogait.captures.capture import Capture, Document, Fields, Kind, each, refused
from osteogait.devices import metamotion
from osteogait.devices.metamotion import ACC, Packet

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
        return metamotion.subscribe(module, on=wanted.flag("subscribe"))
    if "start" in wanted:
        return metamotion.start(module, on=wanted.flag("start"))
    if "odr_hz" in wanted:
        range_ = wanted.whole("range_g" if module == ACC else "range_dps", U16)
        return metamotion.configure(module, wanted.number("odr_hz"), range_)
    raise refused("expected holds none of subscribe, start, odr_hz")


TABLE = {metamotion.NOTIFY: Kind(_samples), metamotion.COMMAND: Kind(encode=_command)}
