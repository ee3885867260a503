"""A person who rises from a chair and sits down again, a known number of times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.recording import Recording
from gaitsignal.result import Rise
from gaitsignal.synthetic.mounting import Mounting, worn
from gaitsignal.synthetic.postures import Change, posed, standing_share, trunk_pitch
from gaitsignal.synthetic.stander import sway_motion, tremor_motion

FloatArray = npt.NDArray[np.float64]

SWAY_M_S2 = 0.05
SPREAD = 0.06
"""Relative spread of durations from repetition to repetition."""


@dataclass(frozen=True, slots=True)
class SyntheticChairTest:
    """A recorded chair test and its truth.

    rises      from the moment the hips lift to standing
    contacts_s when the hips are back on the seat, after every rise
    truth      `repetitions`, `total_time`, `total_time_to_seat` in s from the first lean, `rise_height` m
    """

    recording: Recording
    rises: tuple[Rise, ...]
    contacts_s: tuple[float, ...]
    truth: Mapping[str, float]


def chair_stander(  # noqa: PLR0913 - one person is described by many independent numbers
    repetitions: int = 5,
    rise_s: float = 1.3,
    sit_s: float = 1.2,
    pause_s: float = 0.25,
    *,
    rise_height_m: float = 0.38,
    lean_deg: float = 32.0,
    height_m: float = 1.62,
    still_s: float = 3.5,
    tremor: float = 0.0,
    mounting: Mounting | None = None,
    fs_hz: float = 100.0,
    seed: int = 0,
) -> SyntheticChairTest:
    """Sit still, rise and sit `repetitions` times with `pause_s` at both ends of the way, sit still.

    `rise_s` and `sit_s` go from the first lean to upright and back; `tremor` in m/s2.
    """
    rng = np.random.default_rng((seed, 5))
    changes = _plan(repetitions, (rise_s, sit_s, pause_s), still_s, rng)
    n = round((changes[-1].end_s + still_s) * fs_hz)
    t = np.arange(n) / fs_hz
    still, rates = sway_motion(n, fs_hz, SWAY_M_S2, seed)
    still += tremor_motion(n, fs_hz, tremor, seed)
    lift = rise_height_m * standing_share(t, changes)
    acc, gyr = posed(still, rates, trunk_pitch(t, changes, lean_deg), lift, fs_hz)
    recording = worn(acc, gyr, fs_hz, height_m, mounting or Mounting(), seed)
    return _described(recording, changes, rise_height_m)


def _plan(
    repetitions: int, seconds: tuple[float, float, float], still_s: float, rng: np.random.Generator
) -> tuple[Change, ...]:
    rise_s, sit_s, pause_s = seconds
    at, plan = still_s, []
    for _ in range(repetitions):
        for length, up in ((rise_s, True), (sit_s, False)):
            duration = length * (1.0 + SPREAD * float(np.clip(rng.normal(), -2.0, 2.0)))
            plan.append(Change(at, at + duration, up))
            at += duration + pause_s
    return tuple(plan)


def _described(recording: Recording, changes: tuple[Change, ...], rise_height_m: float) -> SyntheticChairTest:
    rises = tuple(Rise(*change.lift_s) for change in changes if change.up)
    contacts = tuple(change.lift_s[1] for change in changes if not change.up)
    start = changes[0].start_s
    truth = {
        "repetitions": float(len(rises)),
        "total_time": rises[-1].end_s - start,
        "total_time_to_seat": contacts[-1] - start,
        "rise_height": rise_height_m,
    }
    return SyntheticChairTest(recording, rises, contacts, truth)
