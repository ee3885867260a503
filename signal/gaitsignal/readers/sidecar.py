"""The JSON file beside a recording: how the sensor was worn, by whom, and which samples were lost."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gaitsignal.errors import RecordingError
from gaitsignal.readers.trial_block import read_trial
from gaitsignal.result import Flag
from gaitsignal.trial import NO_NOTES, Trial

HEIGHT_LIMITS_M = (1.00, 2.20)
"""Hard range of an adult's height, the same as in the clinic's intake."""
KEYS = ("site", "axes", "height_m", "sensor", "gaps", "trial", "remarks")
REMARKS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "recording_interrupted": ("warn", ()),
    "simulated_sensor": ("warn", ()),
    "recording_damaged": ("warn", ("chunks",)),
    "device_clock_jumped": ("reject", ("samples",)),
    "arrival_timing": ("warn", ()),
    "clipped": ("warn", ()),
    "axes_assumed": ("info", ()),
}
"""What whoever recorded found, which no sample shows: severity, and the numbers that go with it."""
DIRECTIONS = ("up", "down", "left", "right", "forward", "back")
MAX_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a side file may say; an absent file says nothing."""

    site: str = "lower_back"
    axes: tuple[str, str, str] | None = None
    height_m: float | None = None
    sensor: str | None = None
    gaps: tuple[tuple[int, int], ...] = ()
    trial: Trial = NO_NOTES
    remarks: tuple[Flag, ...] = ()


def read_csv_sidecar(path: Path) -> Sidecar:
    """The side file of a CSV recording; unknown keys are refused."""
    content = _content(path)
    unknown = [key for key in content if key not in KEYS]
    if unknown:
        raise RecordingError(
            "sidecar_unknown_key", file=path.name, keys=", ".join(unknown)[:80], allowed=", ".join(KEYS)
        )
    return Sidecar(
        site=_text(content, "site", path) or "lower_back",
        axes=_axes(content.get("axes"), path),
        height_m=_height(content.get("height_m"), path),
        sensor=_text(content, "sensor", path),
        gaps=_gaps(content.get("gaps"), path),
        trial=read_trial(content.get("trial"), path),
        remarks=_remarks(content.get("remarks"), path),
    )


def read_npz_sidecar(path: Path) -> Sidecar:
    """`height_m` (or `participant.height_m`), `gaps`, `trial` beside an npz recording; other keys are left unread."""
    content = _content(path, strict=False)
    participant = content.get("participant")
    height = content.get("height_m")
    if height is None and isinstance(participant, dict):
        height = participant.get("height_m")
    return Sidecar(
        height_m=_height(height, path),
        gaps=_gaps(content.get("gaps"), path),
        trial=read_trial(content.get("trial"), path),
    )


def _content(path: Path, strict: bool = True) -> dict[str, Any]:
    """The JSON object; `strict` refuses NaN and repeated keys, which parts that are left unread may hold."""
    if not path.is_file():
        return {}
    if path.stat().st_size > MAX_BYTES:
        limit_mb = MAX_BYTES // 1_000_000
        raise RecordingError(
            "file_too_large", file=path.name, size_mb=path.stat().st_size // 1_000_000, limit_mb=limit_mb
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text, **(_STRICT if strict else {}))
    except (ValueError, RecursionError) as error:
        raise RecordingError("sidecar_not_json", file=path.name, problem=str(error)[:80]) from None
    if not isinstance(content, dict):
        raise RecordingError("sidecar_not_json", file=path.name, problem="not an object {...}")
    return content


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key occurs twice")
    return content


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


_STRICT: dict[str, Any] = {"object_pairs_hook": _no_duplicates, "parse_constant": _no_constant}


def _text(content: dict[str, Any], key: str, path: Path) -> str | None:
    value = content.get(key)
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= 200):
        raise RecordingError(
            "sidecar_value", file=path.name, key=key, wanted="a text of at most 200 characters"
        )
    return value


def _height(value: object, path: Path) -> float | None:
    if value is None:
        return None
    endless = isinstance(value, float) and not math.isfinite(value)  # a whole number may be too long to ask
    if isinstance(value, bool) or not isinstance(value, int | float) or endless:
        raise RecordingError("sidecar_value", file=path.name, key="height_m", wanted="a number in metres")
    low, high = HEIGHT_LIMITS_M
    if not low <= value <= high:
        raise RecordingError("height_impossible", value=str(value)[:20], low=low, high=high)
    return float(value)


def _axes(value: object, path: Path) -> tuple[str, str, str] | None:
    if value is None:
        return None
    words = f"three of {', '.join(DIRECTIONS)}: where x, y, z point"
    if not isinstance(value, list) or len(value) != 3 or any(word not in DIRECTIONS for word in value):
        raise RecordingError("sidecar_value", file=path.name, key="axes", wanted=words)
    return (value[0], value[1], value[2])


def _remarks(value: object, path: Path) -> tuple[Flag, ...]:
    if value is None:
        return ()
    wanted = "{code: {field: number}} with codes " + ", ".join(REMARKS)
    if not isinstance(value, dict):
        raise RecordingError("sidecar_value", file=path.name, key="remarks", wanted=wanted)
    flags = []
    for code, fields in value.items():
        severity, names = REMARKS.get(code, ("", ()))
        numbers = isinstance(fields, dict) and all(type(number) in (int, float) for number in fields.values())
        if not severity or not numbers or tuple(fields) != names:
            raise RecordingError("sidecar_value", file=path.name, key="remarks", wanted=wanted)
        flags.append(Flag(code, severity, fields))
    return tuple(flags)


def _gaps(value: object, path: Path) -> tuple[tuple[int, int], ...]:
    if value is None:
        return ()
    wanted = "[[row, lost], ...], whole numbers, lost >= 1, or -1 for a repeated row"
    if not isinstance(value, list):
        raise RecordingError("sidecar_value", file=path.name, key="gaps", wanted=wanted)
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or any(type(number) is not int for number in pair):
            raise RecordingError("sidecar_value", file=path.name, key="gaps", wanted=wanted)
        if pair[1] == 0 or pair[1] < -1:
            raise RecordingError("sidecar_value", file=path.name, key="gaps", wanted=wanted)
    return tuple((pair[0], pair[1]) for pair in value)
