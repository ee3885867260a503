"""Numbers of a chair test: repetitions, both stopwatch ends, how the rises were done, power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.attitude import Attitude
from gaitsignal.events.chair_test import ChairTest
from gaitsignal.events.rises import RiseSpan
from gaitsignal.filters import lowpass
from gaitsignal.measures.chair_catalogue import UNITS
from gaitsignal.measures.chair_power import chair_power_w
from gaitsignal.result import Value

TILT_HZ, PITCH_HZ, LEAN_BEFORE_S = 3.0, 5.0, 0.5


@dataclass(frozen=True, slots=True)
class Sitter:
    """What power needs beside the recording: body mass in kg and seat height in m; None when not known."""

    mass_kg: float | None = None
    seat_height_m: float | None = None


def chair_values(
    test: ChairTest, counted: tuple[RiseSpan, ...], repetitions: int, stopped: float, fs_hz: float
) -> dict[str, Value]:
    """Measures of the `counted` full rises of a test that stopped at row `stopped`; the slope from three on.

    Notes
    -----
    `total_time` ends at the last full stand that counts, `total_time_to_seat` at the seat contact after it, when it
    was recorded; both start at the first movement.
    """
    seconds = np.array([(rise.last - rise.first) / fs_hz for rise in counted])
    numbers = {
        "repetitions": float(repetitions),
        "total_time": (stopped - test.start) / fs_hz,
        "rise_time": float(seconds.mean()),
        "rise_height": float(np.mean([rise.displacement_m for rise in counted])),
        "rise_velocity": float(np.mean([rise.peak_m_s for rise in counted])),
    }
    descents = [rise.descent for rise in counted if rise.descent is not None]
    if descents:
        numbers["sit_time"] = float(np.mean([seated - left for left, seated in descents])) / fs_hz
    if counted[-1].descent is not None:
        numbers["total_time_to_seat"] = (counted[-1].descent[1] - test.start) / fs_hz
    if len(counted) >= 3:
        numbers["rise_time_slope"] = float(np.polyfit(np.arange(len(counted)), seconds, 1)[0])
    if test.attitude is not None:
        numbers |= _trunk(test.attitude, counted, fs_hz)
    return {key: Value(number, UNITS[key]) for key, number in numbers.items()}


def power_values(
    sitter: Sitter, height_m: float | None, seconds: float, repetitions: int
) -> dict[str, Value]:
    """Alcazar's power when body mass, body height and seat height are known, else nothing."""
    if sitter.mass_kg is None or sitter.seat_height_m is None or height_m is None:
        return {}
    watts = chair_power_w(sitter.mass_kg, height_m, sitter.seat_height_m, seconds, repetitions)
    numbers = {"chair_power": watts, "chair_power_relative": watts / sitter.mass_kg}
    return {key: Value(number, UNITS[key]) for key, number in numbers.items()}


def _trunk(attitude: Attitude, counted: tuple[RiseSpan, ...], fs_hz: float) -> dict[str, float]:
    """Means over the rises, from half a second before each to its end: largest lean against the stand at its end,
    peak rotation rate about horizontal axes."""
    rate = lowpass(attitude.tilt_deg_s, PITCH_HZ, fs_hz)
    leans, peaks = [], []
    for rise in counted:
        rows = slice(max(0, rise.first - round(LEAN_BEFORE_S * fs_hz)), rise.last + 1)
        tilt = lowpass(attitude.angle_from(attitude.up[rise.last]), TILT_HZ, fs_hz, order=2)
        leans.append(tilt[rows].max())
        peaks.append(rate[rows].max())
    return {"rise_lean": float(np.mean(leans)), "rise_pitch_rate": float(np.mean(peaks))}
