"""Captures of Polar measurement data (`polar`)."""

from __future__ import annotations

from osteogait.captures.capture import Capture, Document, Fields, Kind, demand_known, each
from osteogait.devices import polar
from osteogait.devices.polar import Frame
from osteogait.devices.polar import Kind as Measured
from osteogait.devices.polar_control import Features, Op, Reply, Request, Setting, Status

U8, U16, U64 = 0xFF, 0xFFFF, 2**64 - 1
_NAMES = {Measured.ACC: "acc_m_s2", Measured.GYR: "gyr_rad_s", Measured.MAG: "mag_t"}
_OPS = {"get settings": Op.SETTINGS, "start": Op.START, "stop": Op.STOP}
_LIMITS = {"rate_hz": U16, "resolution_bits": U16, "range": U16, "channels": U8}


def _data(capture: Capture) -> Document:
    """One frame, or what several of a known rate say about loss."""
    context = capture.context
    factor = context.positive("factor") if "factor" in context else 1.0
    previous_ns = context.whole("previous_ts_ns", U64, 0) or None
    rate_hz = context.positive("rate_hz") if context.number("rate_hz", 0.0) else None
    frames = [Frame.from_bytes(packet) for packet in capture.packets]
    documents: list[Document] = []
    lost = 0
    for frame in frames:
        document = _frame(frame, factor, previous_ns, rate_hz)
        if documents and rate_hz and previous_ns is not None:
            lost += max(0, round(1e-9 * (frame.ts_last_ns - previous_ns) * rate_hz) - document["n"])
        documents.append(document)
        previous_ns = frame.ts_last_ns
    if len(documents) == 1:
        return documents[0]
    if rate_hz is None:
        return {"packets": documents}
    return {"received_samples": sum(one["n"] for one in documents), "lost_estimated": lost}


def _frame(frame: Frame, factor: float, previous_ns: int | None, rate_hz: float | None) -> Document:
    samples = frame.samples(factor)
    document: Document = {"ts_last_ns": frame.ts_last_ns, "n": len(samples)}
    if frame.kind is Measured.ACC:
        first = polar.first_stamp_ns(frame.ts_last_ns, len(samples), previous_ns, rate_hz)
        document["ts_first_ns"] = first
    return document | {_NAMES[frame.kind]: samples.tolist()}


def _control(capture: Capture) -> Document:
    """What was read, or a reply in one or several indications."""
    if capture.direction == "read":
        return each(capture, _features)
    reply = Reply.joined(capture.packets)
    document: Document = {"op": int(reply.op), "type": reply.measurement, "status": int(reply.status)}
    if reply.status is not Status.SUCCESS:
        return document | {"status_name": reply.status.words}
    document["more"] = reply.more
    for name, values in reply.settings:
        document[name] = values[0] if name == "factor" else [_shown(value) for value in values]
    return document


def _shown(value: float | bytes) -> float | str:
    return value.hex() if isinstance(value, bytes) else value


def _features(packet: bytes) -> Document:
    found = Features.from_bytes(packet)
    return {
        "acc": found.acc,
        "gyro": found.gyro,
        "mag": found.mag,
        "sdk_mode": found.sdk_mode,
        "ecg": found.ecg,
    }


def _request(wanted: Fields) -> bytes:
    name = wanted.text("op")
    demand_known("op", name, _OPS)
    op, measurement = _OPS[name], wanted.whole("type", U8)
    settings: list[Setting] = []
    if op is Op.START:
        settings = [(one, (wanted.whole(one, high),)) for one, high in _LIMITS.items() if one in wanted]
    return bytes(Request(op, measurement, tuple(settings)))


def _asked(packet: bytes) -> Document:
    """The mirror of `_request`."""
    request = Request.from_bytes(packet)
    name = next(name for name, op in _OPS.items() if op is request.op)
    single = {one: _shown(values[0]) for one, values in request.settings if len(values) == 1}
    several = {
        one: [_shown(value) for value in values] for one, values in request.settings if len(values) != 1
    }
    return {"op": name, "type": request.measurement, **single, **several}


TABLE = {polar.DATA: Kind(_data), polar.CONTROL: Kind(_control, _request, _asked)}
