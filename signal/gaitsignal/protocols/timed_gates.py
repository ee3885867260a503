"""Gates of the timed tests: is the record whole where it counts, is gravity right, where is the sensor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.bridging import BridgedSamples, bridge
from gaitsignal.quality import (
    FROZEN_S,
    G0,
    GAP_LONG_S,
    GRAVITY_REJECT,
    GRAVITY_WARN,
    LOSS_WARN,
    RATE_FULL_HZ,
    RATE_LOW_HZ,
    is_clipped,
    is_long,
    longest_repeat,
)
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Events, Flag, Measures
from gaitsignal.stillness import Rest, find_rest

MIN_S = 5.0
"""No chair test and no timed up and go is shorter, the rests around it included."""
MARGIN_S = 0.5
"""A hole this near to the test may hide its border."""


@dataclass(frozen=True, slots=True)
class TimedSamples:
    """Samples without NaN and without gyroscope bias: acc m/s2, gyr rad/s (n, 3); the rest if there was one."""

    acc: FloatArray
    gyr: FloatArray
    rest: Rest | None
    bridged: BridgedSamples


def open_recording(recording: Recording) -> tuple[TimedSamples | None, list[Flag]]:
    """Samples ready to be searched, and what is wrong with the record as a whole; None when nothing can be."""
    flags: list[Flag] = []
    measured_s = float(recording.measured.sum()) / recording.fs_hz
    if measured_s < MIN_S:
        seen = {"duration_s": round(measured_s, 2), "limit_s": MIN_S}
        return None, [Flag("timed_too_short", "reject", seen)]
    if recording.fs_hz < RATE_LOW_HZ:
        seen = {"fs_hz": round(recording.fs_hz, 2), "limit_hz": RATE_LOW_HZ}
        return None, [Flag("rate_low", "reject", seen)]
    if recording.fs_hz < RATE_FULL_HZ:
        flags.append(Flag("rate_reduced", "warn", {"fs_hz": round(recording.fs_hz, 2)}))
    bridged = bridge(recording)
    rest = find_rest(bridged.acc, bridged.gyr, ~bridged.open_rows, recording.fs_hz)
    flags += _sensor_flags(recording.acc[recording.measured], rest, recording.fs_hz)
    if bridged.filled_count:
        flags.append(Flag("gap_filled", "warn", {"samples": bridged.filled_count}))
    bias = rest.gyr if rest is not None else np.zeros(3)
    return TimedSamples(bridged.acc, bridged.gyr - bias, rest, bridged), flags


def _sensor_flags(acc: FloatArray, rest: Rest | None, fs_hz: float) -> list[Flag]:
    flags = []
    frozen_s = longest_repeat(acc) / fs_hz
    if frozen_s >= FROZEN_S:
        flags.append(Flag("sensor_frozen", "reject", {"seconds": round(frozen_s, 2)}))
    elif is_clipped(acc):
        flags.append(Flag("clipped", "warn"))
    if rest is None:
        return [*flags, Flag("timed_no_rest", "warn")]
    norm = float(np.linalg.norm(rest.acc))
    off = abs(norm / G0 - 1.0)
    if off > GRAVITY_WARN:
        severity = "reject" if off > GRAVITY_REJECT else "warn"
        flags.append(Flag("gravity_off", severity, {"norm": round(norm, 2)}))
    return flags


def gap_flags(recording: Recording, samples: TimedSamples, first: float, stop: float) -> list[Flag]:
    """What was lost inside or next to a test from row `first` to `stop`; over 0.25 s at a stretch rejects."""
    margin = MARGIN_S * recording.fs_hz
    low, high = int(max(0.0, first - margin)), int(min(recording.n, stop + margin))
    flags = []
    gaps = [(a, b) for a, b in samples.bridged.gaps() if a < high and b > low]
    if gaps:
        a, b = max(gaps, key=lambda gap: gap[1] - gap[0])
        longest_s, at_s = (b - a) / recording.fs_hz, recording.start_s + a / recording.fs_hz
        seen: dict[str, object] = {"longest_s": round(longest_s, 2), "at_s": round(at_s, 2)}
        if is_long(b - a, recording.fs_hz):
            flags.append(Flag("gap_long", "reject", seen | {"limit_s": GAP_LONG_S}))
        else:
            flags.append(Flag("timed_gap", "warn", seen))
    lost = float(np.mean(~recording.measured[low:high]))
    if lost > LOSS_WARN:
        flags.append(Flag("loss_high", "warn", {"percent": round(100.0 * lost, 1)}))
    return flags


def rejected(flags: list[Flag]) -> bool:
    """True when a flag forbids to use the trial."""
    return any(flag.severity == "reject" for flag in flags)


def refused(protocol: str, recording: Recording, flags: list[Flag], events: Events) -> Measures:
    """The result of a trial that can't be used."""
    return Measures(protocol, False, (*recording.remarks, *flags), {}, events)
