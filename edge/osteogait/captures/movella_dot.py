"""Captures of Movella DOT (`dot`)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from osteogait.captures.capture import Capture, Document, Fields, Kind, demand_known, each, refused
from osteogait.devices import movella_dot, movella_sync
from osteogait.devices.movella_dot import Battery, Control, DeviceControl, DeviceInfo, Measurement, Report
from osteogait.devices.movella_sync import Message
from osteogait.devices.reason import reason
from osteogait.errors import DecodeError

U8, U16 = 0xFF, 0xFFFF
WRAP_US = 2**32
_NAMES = {
    "acc": "acc_m_s2", "gyr": "gyr_rad_s", "free_acc": "free_acc_m_s2", "mag": "mag_au", "euler": "euler_rad",
    "delta_v": "delta_v_m_s",
}  # fmt: skip
_RESULTS = {movella_sync.STARTED: "ack_result", movella_sync.STOPPED: "stop_sync_result"}
_SYNC = {"StopSync": movella_sync.STOP, "GetSyncStatus": movella_sync.STATUS}


def _measurement(capture: Capture) -> Document:
    """One sample, or what several of a known rate say about loss."""
    mode = capture.context.whole("payload_mode", U8)
    samples = [Measurement.from_bytes(packet, mode) for packet in capture.packets]
    if len(samples) == 1:
        return _sample(samples[0])
    if "rate_hz" not in capture.context:
        return {"packets": [_sample(sample) for sample in samples]}
    rate_hz = capture.context.positive("rate_hz")
    steps_us = [(after.ts_us - before.ts_us) % WRAP_US for before, after in pairwise(samples)]
    lost = sum(max(0, round(1e-6 * step * rate_hz) - 1) for step in steps_us)
    return {"received_samples": len(samples), "lost_estimated": lost}


def _sample(sample: Measurement) -> Document:
    document: Document = {"ts_us": sample.ts_us}
    for name, value in sample.parts.items():
        document[_NAMES.get(name, name)] = value.tolist() if isinstance(value, np.ndarray) else value
    return document


def _control(packet: bytes) -> Document:
    control = Control.from_bytes(packet)
    return {"type": 1, "running": control.running, "payload_mode": control.mode}


def _start(wanted: Fields) -> bytes:
    return bytes(Control(wanted.flag("start"), wanted.whole("payload_mode", U8)))


def _info(packet: bytes) -> Document:
    info = DeviceInfo.from_bytes(packet)
    return {
        "firmware": ".".join(str(part) for part in info.firmware),
        "build": info.build.isoformat(),
        "serial": info.serial,
        "product_code": info.product_code,
    }


def _device_control(packet: bytes) -> Document:
    control = DeviceControl.from_bytes(packet)
    return {
        "visit": control.visit,
        "output_rate_hz": control.rate_hz,
        "filter_profile": control.filter_profile,
        "tag": control.tag,
        "timeout_adv_min": control.timeouts[0],
        "timeout_conn_min": control.timeouts[2],
    }


def _settings(wanted: Fields) -> bytes:
    """Whole settings: what is not in `visit` is not taken by the sensor, and must be what was read from it."""
    tag = wanted.text("tag")
    if len(tag) > movella_dot.TAG_LENGTH:
        raise refused(reason("capture_tag", size=movella_dot.TAG_LENGTH))
    rate_hz = wanted.whole("output_rate_hz", U16)
    demand_known("output_rate_hz", str(rate_hz), (f"{one:g}" for one in movella_dot.RATES_HZ))
    timeouts = (
        wanted.whole("timeout_adv_min", U8),
        wanted.whole("timeout_adv_s", U8, 0),
        wanted.whole("timeout_conn_min", U8),
        wanted.whole("timeout_conn_s", U8, 0),
    )
    identify, power = wanted.whole("identify", U8, 0), wanted.whole("power", U8, 0)
    visit, profile = wanted.whole("visit", U8), wanted.whole("filter_profile", 1)
    return bytes(DeviceControl(visit, identify, power, timeouts, tag, rate_hz, profile))


def _battery(packet: bytes) -> Document:
    battery = Battery.from_bytes(packet)
    return {"battery_percent": battery.percent, "charging": battery.charging}


def _report(packet: bytes) -> Document:
    report = Report.from_bytes(packet)
    document: Document = {"report": report.kind, "report_name": movella_dot.REPORTS[report.kind]}
    return document if report.time is None else document | {"ts": report.time}


def _result(packet: bytes) -> Document:
    kind, value = movella_sync.result(packet)
    return {_RESULTS[kind]: value} if kind in _RESULTS else {"synced": movella_sync.STATES[value]}


def _message(wanted: Fields) -> bytes:
    name = wanted.text("command")
    if name == "StartSync":
        return bytes(movella_sync.start_message(wanted.text("root")))
    demand_known("command", name, ("StartSync", *_SYNC))
    return bytes(Message(movella_sync.SYNCHRONISATION, bytes([_SYNC[name]])))


def _started(packet: bytes) -> Document:
    control = Control.from_bytes(packet)
    return {"start": control.running, "payload_mode": control.mode}


def _sent(packet: bytes) -> Document:
    """The mirror of `_message`."""
    message = Message.from_bytes(packet)
    op, root = message.data[:1], message.data[1:]
    if message.message_id == movella_sync.SYNCHRONISATION and op:
        if op[0] == movella_sync.START and len(root) == movella_sync.ADDRESS_SIZE:
            return {"command": "StartSync", "root": root[::-1].hex(":").upper()}
        for name, code in _SYNC.items():
            if op[0] == code and not root:
                return {"command": name}
    raise DecodeError(movella_dot.MODEL, packet, reason("command_unknown"))


TABLE = {
    **dict.fromkeys(movella_dot.PADDED, Kind(_measurement)),
    movella_dot.CONTROL: Kind(lambda capture: each(capture, _control), _start, _started),
    movella_dot.DEVICE_INFO: Kind(lambda capture: each(capture, _info)),
    movella_dot.DEVICE_CONTROL: Kind(
        lambda capture: each(capture, _device_control), _settings, _device_control
    ),
    movella_dot.DEVICE_REPORT: Kind(lambda capture: each(capture, _report)),
    movella_dot.BATTERY: Kind(lambda capture: each(capture, _battery)),
    movella_dot.MESSAGE: Kind(encode=_message, command=_sent),
    movella_dot.ACKNOWLEDGE: Kind(lambda capture: each(capture, _result)),
    movella_dot.NOTICE: Kind(lambda capture: each(capture, _result)),
}
