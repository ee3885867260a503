"""The `trial` block of a side file: what the assessor noted, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from gaitsignal.errors import RecordingError
from gaitsignal.recording import Recording
from gaitsignal.trial import PARTS, Trial

LIMITS = {
    "started_s": (0.0, 1e6, "a number of seconds"),
    "stopped_s": (0.0, 1e6, "a number of seconds"),
    "distance_m": (1.0, 500.0, "a distance of 1 to 500 m"),
    "mass_kg": (25.0, 250.0, "a body mass of 25 to 250 kg"),
    "seat_height_m": (0.25, 0.70, "a seat height of 0.25 to 0.70 m"),
}


def read_trial(value: object, path: Path) -> Trial:
    """The trial that `value` describes; RecordingError for an unknown key or an impossible number."""
    if value is None:
        return Trial()
    allowed = (*LIMITS, "part")
    if not isinstance(value, dict):
        raise RecordingError("sidecar_value", file=path.name, key="trial", wanted="an object {...}")
    unknown = [str(key) for key in value if key not in allowed]
    if unknown:
        keys = ", ".join(f"trial.{key}" for key in unknown)[:80]
        raise RecordingError("sidecar_unknown_key", file=path.name, keys=keys, allowed=", ".join(allowed))
    part = value.get("part")
    if part is not None and part not in PARTS:
        wanted = f"one of {', '.join(PARTS)}"
        raise RecordingError("sidecar_value", file=path.name, key="trial.part", wanted=wanted)
    numbers = {key: _number(value, key, path) for key in LIMITS}
    if numbers["started_s"] is not None and (numbers["stopped_s"] or math.inf) <= numbers["started_s"]:
        raise RecordingError("sidecar_value", file=path.name, key="trial.stopped_s", wanted="after started_s")
    return Trial(part=part, **numbers)


def check_marks(recording: Recording) -> None:
    """RecordingError when a mark lies outside the recording."""
    end_s = recording.start_s + recording.duration_s
    for key in ("started_s", "stopped_s"):
        mark = getattr(recording.trial, key)
        if mark is not None and not recording.start_s <= mark <= end_s:
            fields = {"key": f"trial.{key}", "mark_s": mark, "start_s": round(recording.start_s, 2)}
            raise RecordingError("mark_outside", end_s=round(end_s, 2), **fields)


def _number(block: Mapping[str, object], key: str, path: Path) -> float | None:
    value = block.get(key)
    if value is None:
        return None
    low, high, wanted = LIMITS[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RecordingError("sidecar_value", file=path.name, key=f"trial.{key}", wanted=wanted)
    return float(value)
