"""Captures of the open gait-IMU profile (`og`)."""

from __future__ import annotations

from osteogait.acquire.continuity import Continuity
from osteogait.captures.capture import Capture, Document, Fields, Kind, demand_known, each, refused
from osteogait.devices.open_control import (
    ACC_RANGES_G,
    GYR_RANGES_DPS,
    Op,
    Reply,
    Request,
    Status,
)
from osteogait.devices.open_profile import (
    CONTROL,
    DATA,
    INFO,
    MAX_FRAMES,
    PLACEMENTS,
    VERSION,
    DataPacket,
    Flags,
    Info,
)
from osteogait.devices.reason import reason

U8, U16, U32 = 0xFF, 0xFFFF, 0xFFFFFFFF
_SCALES = (
    (Flags.ACCELEROMETER, "acc_m_s2", "acc_lsb_m_s2"),
    (Flags.GYROSCOPE, "gyr_rad_s", "gyr_lsb_rad_s"),
    (Flags.MAGNETOMETER, "mag_t", "mag_lsb_t"),
)
_ARGUMENT_LIMITS = {"acc_g": U8, "gyr_dps": U16, "seconds": U8, "placement": len(PLACEMENTS) - 1}
_ARGUMENTS = {
    Op.SET_RANGE: ("acc_g", "gyr_dps"),
    Op.IDENTIFY: ("seconds",),
    Op.SET_PLACEMENT: ("placement",),
}


def _data(capture: Capture) -> Document:
    """One packet in SI, or what several say about loss."""
    packets = [DataPacket.from_bytes(packet) for packet in capture.packets]
    return _sample(packets[0], capture.context) if len(packets) == 1 else _losses(packets)


def _sample(packet: DataPacket, context: Fields) -> Document:
    document: Document = {
        "version": VERSION,
        "flags": int(packet.flags),
        "n": packet.n,
        "battery_percent": packet.battery_percent,
        "seq": packet.seq,
        "temperature_c": packet.temperature_c,
        "index": packet.index,
        "ticks": packet.ticks,
    }
    for sensor, name, scale in _SCALES:
        counts = packet.counts(sensor)
        if counts is not None:
            document[name] = (counts * context.positive(scale)).tolist()
    return document


def _losses(packets: list[DataPacket]) -> Document:
    counter = Continuity()
    for packet in packets:
        counter.accept(packet.index, packet.seq, packet.n)
    return {
        "received_samples": counter.received,
        "lost_link": counter.lost_link,
        "lost_sensor": counter.lost_sensor,
        "duplicate_packets": counter.duplicate_packets,
    }


def _info(packet: bytes) -> Document:
    info = Info.from_bytes(packet)
    return {
        "version": VERSION,
        "sensors": info.sensors,
        "features": info.features,
        "n_max": info.n_max,
        "tick_hz": info.tick_hz,
        "rate_hz": info.rate_hz,
        "acc_lsb_m_s2": info.acc_lsb,
        "gyr_lsb_rad_s": info.gyr_lsb,
        "mag_lsb_t": info.mag_lsb,
        "acc_range_m_s2": info.acc_range,
        "gyr_range_rad_s": info.gyr_range,
        "serial": info.serial,
        "boot_id": info.boot_id,
        "placement": info.placement,
        "running": info.running,
    }


def _reply(packet: bytes) -> Document:
    reply = Reply.from_bytes(packet)
    document: Document = {"op": reply.op.name, "token": reply.token, "status": int(reply.status)}
    payload: Document = dict(reply.payload)
    if "rate_mhz" in payload:
        payload = {"rate_hz": payload.pop("rate_mhz") / 1000.0, **payload}
    counts = reply.status in (Status.OK, Status.NOT_RUNNING)
    return document | (payload if counts else {})


def _request(wanted: Fields) -> bytes:
    name = wanted.text("op")
    demand_known("op", name, Op.__members__)
    op = Op[name]
    if op is Op.START:
        rate_mhz = round(1000.0 * wanted.number("rate_hz", 0.0))
        if not 0 <= rate_mhz <= U32:
            raise refused(reason("outside", name="rate_hz", found=rate_mhz / 1000, low=0, high=U32 // 1000))
        values: tuple[int, ...] = (rate_mhz, wanted.whole("n", MAX_FRAMES, 0))
    else:
        values = tuple(wanted.whole(one, _ARGUMENT_LIMITS[one]) for one in _ARGUMENTS.get(op, ()))
    if op is Op.SET_RANGE:
        for what, found, known in zip(_ARGUMENTS[op], values, (ACC_RANGES_G, GYR_RANGES_DPS), strict=True):
            demand_known(what, str(found), map(str, known))
    return bytes(Request(op, wanted.whole("token", U8), values))


def _asked(packet: bytes) -> Document:
    """The mirror of `_request`."""
    request = Request.from_bytes(packet)
    arguments: Document = dict(request.arguments)
    if "rate_mhz" in arguments:
        arguments = {"rate_hz": arguments.pop("rate_mhz") / 1000.0, **arguments}
    return {"op": request.op.name, "token": request.token, **arguments}


TABLE = {
    DATA: Kind(_data),
    INFO: Kind(lambda capture: each(capture, _info)),
    CONTROL: Kind(lambda capture: each(capture, _reply), _request, _asked),
}
