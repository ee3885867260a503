"""Are the samples finite, and in m/s2 and rad/s? Recognised by the size of gravity and of human rotation."""

from __future__ import annotations

import numpy as np

from gaitsignal.errors import RecordingError
from gaitsignal.readers.samples import StoredSamples

G0 = 9.80665
G_UNIT = (0.7, 1.4)
MILLI_G_UNIT = (700.0, 1400.0)
NO_GRAVITY = 4.9
"""Below half of g a median |acc| has lost gravity (or its unit is unknown)."""
GRAVITY_HIGH = 15.0
GYR_HUMAN_RAD_S = 15.0
"""99 % of lower-back rates of fast walks and turns stay below 5 rad/s; 15 rad/s is 860 deg/s."""
GYR_PER_ACC = 3.0
"""Rotation against acceleration, SD of |gyr| and of |acc| in rad/s per m/s2; see `_rates_in_degrees`."""


ACC_POSSIBLE, GYR_POSSIBLE = 4000.0, 400.0
"""m/s2 and rad/s: ten times the widest range of sensors that people wear (40 g, 4000 deg/s)."""
UNREADABLE = 1e9
"""No raw count or unit of any sensor reaches this; squares of such numbers stay far from overflow."""


def check_finite(stored: StoredSamples) -> None:
    """RecordingError at the first NaN or infinite sample."""
    for names, block in (
        (("time_s",), stored.stamp_s[:, None]),
        (stored.names[:3], stored.acc),
        (stored.names[3:], stored.gyr),
    ):
        bad = ~np.isfinite(block)
        if bad.any():
            row, column = (int(index[0]) for index in np.nonzero(bad))
            raise RecordingError("not_finite", column=names[column], row=row)


def check_units(stored: StoredSamples) -> None:
    """RecordingError with the likely cause and the factor when a unit is wrong."""
    _refuse_beyond(stored, UNREADABLE, UNREADABLE)
    norm = float(np.median(np.linalg.norm(stored.acc, axis=1)))
    seen = {"norm": round(norm, 3)}
    if G_UNIT[0] <= norm <= G_UNIT[1] and float(np.linalg.norm(stored.acc.mean(axis=0))) > 0.5 * norm:
        raise RecordingError("acc_in_g", **seen)  # without a lasting direction it is no gravity in g
    if MILLI_G_UNIT[0] <= norm <= MILLI_G_UNIT[1]:
        raise RecordingError("acc_in_mg", **seen)
    if norm < NO_GRAVITY or norm > GRAVITY_HIGH:
        raise RecordingError("acc_not_gravity", **seen)
    if _rates_in_degrees(stored):
        top = float(np.percentile(np.linalg.norm(stored.gyr, axis=1), 99))
        raise RecordingError("gyr_in_degrees", p99=round(top, 1))


def check_possible(stored: StoredSamples) -> None:
    """RecordingError at a sample that no worn sensor can measure; to be called when the units are right."""
    _refuse_beyond(stored, ACC_POSSIBLE, GYR_POSSIBLE)


def _refuse_beyond(stored: StoredSamples, acc_limit: float, gyr_limit: float) -> None:
    samples = np.abs(np.hstack([stored.acc, stored.gyr]))
    beyond = samples > np.repeat([acc_limit, gyr_limit], 3)
    if beyond.any():
        row, column = (int(index[0]) for index in np.nonzero(beyond))
        value = f"{samples[row, column]:.3g}"
        raise RecordingError("sample_impossible", column=stored.names[column], row=row, value=value)


def _rates_in_degrees(stored: StoredSamples) -> bool:
    rates = stored.gyr - np.median(stored.gyr, axis=0)
    size = np.linalg.norm(rates, axis=1)
    if np.percentile(size, 99) > GYR_HUMAN_RAD_S:
        return True
    shake = float(np.linalg.norm(stored.acc.std(axis=0)))
    return float(np.sqrt(np.mean(size**2))) > GYR_PER_ACC * max(shake, 0.02)
