"""A person who does the timed up and go, with every border known, on the lower back or the thigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gaitsignal.recording import Recording
from gaitsignal.result import Phase
from gaitsignal.synthetic.mounting import GRAVITY, Mounting, worn
from gaitsignal.synthetic.postures import Change, posed, smooth_step, standing_share, trunk_pitch
from gaitsignal.synthetic.step_plan import Turning
from gaitsignal.synthetic.walker import SyntheticWalk, walker

FloatArray = npt.NDArray[np.float64]

SEATED_THIGH_DEG = 75.0
THIGH_SWING_DEG = 20.0
THIGH_FROM, THIGH_SETTLED = 0.08, 0.70
"""Shares of a rise after which a thigh moves, and of a descent after which it lies on the seat; fitted by eye to
24 tests with video (thigh upright 40 % of the way 0.6 s after the start of a rise of 1.16 s)."""
THIGH_GIVE = 0.15
"""A phone in a pocket follows the lean of the trunk by so much, before the thigh itself moves."""
LIFT_M = {"lower_back": 0.38, "thigh": 0.19}
SEEN_SHARE = 0.23
"""A turn of raised-cosine rate has 15 and 85 % of its angle done 0.23 of its duration beside the middle."""


@dataclass(frozen=True, slots=True)
class SyntheticTug:
    """A recorded timed up and go; `phases` and `truth` as the protocol defines them: `tug_total` in s, `tug_rise_lean`
    in deg (of a trunk)."""

    recording: Recording
    phases: tuple[Phase, ...]
    truth: Mapping[str, float]


def tug_walker(  # noqa: PLR0913 - one person is described by many independent numbers
    speed_m_s: float = 0.9,
    cadence_per_min: float = 104.0,
    height_m: float = 1.62,
    *,
    site: str = "lower_back",
    rise_s: float = 1.3,
    sit_s: float = 1.4,
    turn_s: float = 2.2,
    lean_deg: float = 32.0,
    before_s: float = 4.0,
    after_s: float = 4.0,
    mounting: Mounting | None = None,
    fs_hz: float = 100.0,
    seed: int = 0,
) -> SyntheticTug:
    """Sit `before_s`, rise, walk 3 m, turn, walk back, turn, sit down, sit `after_s`."""
    steps = max(4, round(3.0 / (speed_m_s * 60.0 / cadence_per_min)))
    still_s = max(before_s + rise_s, turn_s + sit_s + after_s)
    walk = walker(
        speed_m_s, cadence_per_min, height_m, steps=steps, turn_s=turn_s, still_s=still_s,
        mounting=Mounting(noise=0.0), fs_hz=fs_hz, seed=seed,
    )  # fmt: skip
    set_off, halt = walk.bouts[0].start_s, walk.bouts[0].end_s
    second = Turning(halt + 0.35 * turn_s, turn_s, np.pi * (1.0 if seed % 2 else -1.0))
    rise = Change(set_off - rise_s, set_off, up=True)
    seat_turned = second.centre_s + SEEN_SHARE * turn_s
    descent = Change(seat_turned, seat_turned + sit_s, up=False)
    t = walk.recording.time_s
    acc, gyr = walk.recording.acc - GRAVITY, walk.recording.gyr.copy()
    gyr[:, 0] += second.rate(t)
    pitch = _pitch(t, (rise, descent), walk, site, lean_deg)
    lift = LIFT_M[site] * standing_share(t, (rise, descent))
    acc, gyr = posed(acc, gyr, pitch, lift, fs_hz)
    rows = slice(round((rise.start_s - before_s) * fs_hz), round((descent.end_s + after_s) * fs_hz))
    recording = worn(acc[rows], gyr[rows], fs_hz, height_m, mounting or Mounting(), seed)
    phases = _phases(rise, walk, second, descent, rows.start / fs_hz)
    total = phases[-1].end_s - phases[0].start_s
    truth = {"tug_total": total, "tug_rise_lean": float(np.degrees(pitch.max()))}
    return SyntheticTug(replace(recording, site=site), phases, truth)


def _pitch(
    t: FloatArray, changes: tuple[Change, Change], walk: SyntheticWalk, site: str, lean_deg: float
) -> FloatArray:
    """(n,) rad: the trunk leans; a thigh lies on the seat and swings with every stride."""
    if site == "lower_back":
        return trunk_pitch(t, changes, lean_deg)
    contacts = np.array([contact.time_s for contact in walk.initial_contacts])
    strides = np.interp(t, contacts, np.arange(contacts.size) / 2.0)
    bout = walk.bouts[0]
    moving = smooth_step(t, bout.start_s, bout.start_s + 0.5) * (
        1.0 - smooth_step(t, bout.end_s - 0.3, bout.end_s)
    )
    swing = np.radians(THIGH_SWING_DEG) * moving * np.sin(2.0 * np.pi * strides)
    give = THIGH_GIVE * trunk_pitch(t, changes, lean_deg)
    rise, descent = changes
    seated = 1.0 - smooth_step(t, rise.start_s + THIGH_FROM * (rise.end_s - rise.start_s), rise.end_s)
    lies_s = descent.start_s + THIGH_SETTLED * (descent.end_s - descent.start_s)
    seated += smooth_step(t, descent.start_s, lies_s)
    pitch: FloatArray = give + swing - np.radians(SEATED_THIGH_DEG) * seated
    return pitch


def _phases(
    rise: Change, walk: SyntheticWalk, second: Turning, descent: Change, zero_s: float
) -> tuple[Phase, ...]:
    one = walk.turns[0]
    middle = (one.start_s + one.end_s) / 2.0
    length = 2.0 * 180.0 / one.peak_deg_per_s
    borders = [
        rise.start_s,
        rise.end_s,
        middle - SEEN_SHARE * length,
        middle + SEEN_SHARE * length,
        second.centre_s - SEEN_SHARE * second.duration_s,
        descent.start_s,
        descent.end_s,
    ]
    names = ("stand_up", "walk_1", "turn_1", "walk_2", "turn_2", "sit_down")
    shifted = [border - zero_s for border in borders]
    return tuple(Phase(name, *span) for name, span in zip(names, pairwise(shifted), strict=True))
