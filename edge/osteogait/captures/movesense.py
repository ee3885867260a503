"""Captures of Movesense with gatt_sensordata (`movesense`)."""

from __future__ import annotations

from itertools import pairwise

from osteogait.captures.capture import Capture, Document, Fields, Kind, demand_known, each
from osteogait.devices import movesense
from osteogait.devices.movesense import Command, Hello, Joining, Op, Payload, Reply
from osteogait.devices.reason import reason
from osteogait.errors import DecodeError

U8, U64 = 0xFF, 2**64 - 1
WRAP_MS = 2**32
_PARTS = (("acc_m_s2", "acc"), ("gyr_rad_s", "gyr"), ("mag_t", "mag"))


def _notification(capture: Capture) -> Document:
    if capture.packets[0][:1] == bytes([movesense.REPLY]):
        command = capture.context.text("command", "")
        return each(capture, _hello if command == Op.HELLO.name else lambda packet: _reply(packet, capture))
    return _measurements(capture)


def _measurements(capture: Capture) -> Document:
    """One payload, or what several say about loss."""
    path = capture.context.text("path")
    joining = Joining()
    payloads = [one for packet in _of_one(capture) if (one := joining.feed(packet, path)) is not None]
    if not payloads:
        raise DecodeError(movesense.MODEL, b"".join(capture.packets), reason("no_whole_payload"))
    if len(payloads) == 1:
        return _payload(payloads[0])
    named_hz = movesense.path_rate_hz(path)
    rate_hz = (
        named_hz if named_hz and "rate_hz" not in capture.context else capture.context.positive("rate_hz")
    )
    return _losses(payloads, rate_hz)


def _of_one(capture: Capture) -> tuple[bytes, ...]:
    """The packets of the subscription that the context names: those of several may come mixed."""
    if "reference" not in capture.context:
        return capture.packets
    reference = capture.context.whole("reference", U8)
    return tuple(packet for packet in capture.packets if packet[1:2] in (b"", bytes([reference])))


def _payload(payload: Payload) -> Document:
    document: Document = {"ts_ms": payload.ts_ms}
    for name, part in _PARTS:
        values = getattr(payload, part)
        if values is not None:
            document[name] = values.tolist()
    return document


def _losses(payloads: list[Payload], rate_hz: float) -> Document:
    lost = 0
    for before, after in pairwise(payloads):
        step_ms = (after.ts_ms - before.ts_ms) % WRAP_MS
        missing = step_ms * rate_hz / 1000.0 - before.n
        lost += max(0, round(missing / before.n) * before.n)
    return {"received_samples": sum(one.n for one in payloads), "lost_estimated": lost}


def _reply(packet: bytes, capture: Capture) -> Document:
    reply = Reply.from_bytes(packet)
    document: Document = {"reply_to": reply.reference, "status": reply.status}
    if capture.context.text("path", "") == movesense.ENERGY and reply.status == movesense.OK_STATUS:
        document["battery_percent"] = reply.battery_percent
    return document


def _hello(packet: bytes) -> Document:
    hello = Hello.from_bytes(packet)
    return {
        "reply_to": hello.reference,
        "protocol": hello.protocol,
        "serial": hello.serial,
        "product": hello.product,
        "dfu_mac": hello.dfu_mac,
        "app": hello.app,
        "app_version": hello.app_version,
    }


def _command(wanted: Fields) -> bytes:
    name = wanted.text("command")
    demand_known("command", name, Op.__members__)
    op, reference = Op[name], wanted.whole("reference", U8)
    if op in (Op.SUBSCRIBE, Op.GET):
        return bytes(Command(op, reference, path=wanted.text("path")))
    if op is Op.UTC:
        return bytes(Command(op, reference, utc_us=wanted.whole("utc_us", U64)))
    return bytes(Command(op, reference))


def _asked(packet: bytes) -> Document:
    """The mirror of `_command`."""
    command = Command.from_bytes(packet)
    document: Document = {"command": command.op.name, "reference": command.reference}
    if command.op is Op.UTC:
        return document | {"utc_us": command.utc_us}
    return document | ({"path": command.path} if command.path else {})


TABLE = {movesense.NOTIFY: Kind(_notification), movesense.WRITE: Kind(encode=_command, command=_asked)}
