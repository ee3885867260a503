"""What the sensor commands tell people: sensors heard, findings, what was kept, what was cut off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.devices.reason import percent, reason
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteogait.acquire.setup_check import Checked
    from osteogait.acquire.summary import RecordingSummary
    from osteogait.acquire.unfinished import Unfinished
    from osteogait.radio.sighting import Sighting

MARKS = {"ok": "+", "warn": "!", "fail": "x", "unknown": "?"}


def sighting_json(seen: Sighting) -> dict[str, Any]:
    """A line of `osteogait sensors scan --json`; rssi in dBm, battery in percent; None where nobody tells."""
    model = seen.model
    return {
        "address": seen.address,
        "name": seen.name,
        "driver": None if model is None else model.key,
        "class": None if model is None else model.loss.value,
        "rssi": seen.rssi_dbm,
        "battery": seen.battery_percent,
    }


def sightings(heard: Iterable[Sighting], lang: str) -> Iterable[str]:
    """One line a device."""
    for seen in heard:
        model = seen.model
        what = sentence("sensors_stranger", lang, {}) if model is None else f"{model.name} ({model.loss})"
        yield f"{seen.address}  {'?' if seen.rssi_dbm is None else seen.rssi_dbm:>4} dBm  {seen.name}  {what}"


def findings(checked: Checked, lang: str) -> Iterable[str]:
    """Whether the sensor is ready, then one line for everything looked at."""
    code = "sensors_ready" if checked.ready else "sensors_not_ready"
    yield sentence(code, lang, {"sensor": checked.sensor})
    for finding in checked.findings:
        yield f"  {MARKS[finding.status]} {finding.message(lang)}"
    if checked.error is not None:
        yield f"  {MARKS['fail']} {checked.error.message(lang)}"


def kept(summary: RecordingSummary, lang: str) -> str:
    """What a session kept, in one sentence."""
    lost = sum(gap.samples for gap in summary.gaps)
    fields: Mapping[str, object] = {
        "sensor": summary.sensor,
        "seconds": round((summary.received + lost) / summary.rate_hz, 1),
        "received": summary.received,
        "rate": round(summary.rate_hz, 2),
        "lost_link": _or_unknown(summary.lost_link),
        "lost_sensor": _or_unknown(summary.lost_sensor),
        "breaks": summary.reconnects + (summary.ended == "lost"),
        "p50": round(summary.clock.latency_p50_ms, 1),
        "p99": round(summary.clock.latency_p99_ms, 1),
        "battery": percent(summary.battery_percent),
        "loss": summary.loss,
        "verdict": sentence(f"sensors_verdict_{summary.verdict}", lang, {}),
    }
    return sentence("sensors_kept", lang, fields)


def cut_off(found: Unfinished, lang: str) -> str:
    """One recording that was never closed."""
    fields: dict[str, object] = {"file": found.path.name, "folder": str(found.path.parent)}
    if found.why is not None:
        return sentence("sensors_cut_off_empty", lang, {**fields, "problem": found.why})
    more = {
        "sensor": found.sensor, "started": found.started_utc, "seconds": round(found.seconds, 1),
        "received": found.received, "lost": found.lost,
    }  # fmt: skip
    return sentence("sensors_cut_off", lang, {**fields, **more})


def cut_off_json(found: Unfinished, busy: bool) -> dict[str, Any]:
    """A line of `osteogait sensors unfinished --json`."""
    return {
        "file": Path(found.path).name,
        "sensor": found.sensor,
        "started_utc": found.started_utc,
        "seconds": found.seconds,
        "received": found.received,
        "lost": found.lost,
        "problem": found.problem,
        "in_progress": busy,
    }


def _or_unknown(value: object) -> object:
    return reason("unknown") if value is None else value
