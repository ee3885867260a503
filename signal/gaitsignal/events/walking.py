"""A walk found in a recording: rhythm, orientation, contacts, legs, bouts and turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.bridging import BridgedSamples, true_runs
from gaitsignal.events.contacts import Train, find_trains
from gaitsignal.events.legs import Leg, straight_runs
from gaitsignal.events.rhythm import Rhythm, find_rhythm
from gaitsignal.events.sides import likeness, ml_evidence, sides_of, yaw_evidence
from gaitsignal.events.turns import TurnSpan, find_turns, yaw_rate
from gaitsignal.frames import ML, V
from gaitsignal.orientation import Worn, vertical_signals, worn_while_walking
from gaitsignal.recording import BoolArray, FloatArray
from gaitsignal.stillness import Rest, find_rest

PAUSE_S = 3.0
"""A pause of three seconds ends a walking bout (Mobilise-D consensus: Kluge 2021, PLoS ONE 16:e0256541)."""
SWING = 0.8
"""The first foot leaves the ground 0.8 step before its contact: swing is 40 % of a stride (Perry & Burnfield 2010, Gait
Analysis); in 36 open walks it did 0.78 step before."""
TURN_CONTACTS = 3
"""Contacts before and after a turn while walking; with fewer the person turned on the spot at an end of the walk."""
WALKED_ON = 2
"""Contacts that must lie wholly before and wholly after it: who stops while turning has turned to stand."""
SWING_ALIKE = 0.3
"""Correlation of the two side evidences that settles front and back."""
TURN_HOLE_S = 0.25
"""A turn with a longer hole inside has no believable angle and is withheld."""
OTHER_PACE_S, OTHER_PACE_SCORE = 6.0, 1.5
"""Length of a stretch outside the bouts, and clearness of a rhythm in it, that are taken for unfollowed walking;
household activities and chair rises reach 1.5 in stretches of 4 s only."""
GAP_MARGIN = 0.5
"""Contacts nearer than this share of a step to an open gap are withheld: their filter has seen the gap."""


@dataclass(frozen=True, slots=True)
class Walk:
    """All that was found, in rows of the grid; acc and gyr (n, 3) in up, right, forward of the walking person.

    trains           every run of contacts; legs: their straight parts with sides
    bouts            [first, last] row of walking, pauses under 3 s included
    sides_agree      share of straight contacts whose evidence agrees with the side given
    withheld_count   contacts left out because a gap was too near
    other_pace       a second, different rhythm outside the bouts: steps that were not followed
    """

    acc: FloatArray
    gyr: FloatArray
    rhythm: Rhythm
    worn: Worn
    rest: Rest | None
    trains: tuple[Train, ...]
    legs: tuple[Leg, ...]
    bouts: tuple[tuple[float, float], ...]
    turns: tuple[TurnSpan, ...]
    sides_agree: float
    withheld_count: int
    other_pace: Rhythm | None = None

    @property
    def step_s(self) -> float:
        """Seconds a step, from the rhythm."""
        return self.rhythm.step_s


def find_walk(samples: BridgedSamples, fs_hz: float) -> Walk | Rhythm | None:
    """The walk; only its rhythm when that never made a run of four steps; None when nothing repeats."""
    vertical, yaw = vertical_signals(samples.acc, samples.gyr, fs_hz)
    rhythm = find_rhythm(vertical, yaw, fs_hz)
    if rhythm is None:
        return None
    first_pass = find_trains(samples.acc, samples.gyr, vertical, rhythm.step_s, fs_hz)
    walking = _rows_of(first_pass, samples.open_rows)
    if not walking.any():
        return rhythm
    worn = worn_while_walking(samples.acc, walking, rhythm.step_s, fs_hz)
    acc, gyr = samples.acc @ worn.rotation.T, samples.gyr @ worn.rotation.T
    found = find_trains(acc, gyr, acc[:, V] - acc[walking, V].mean(), rhythm.step_s, fs_hz)
    trains = _away_from_gaps(found, samples, GAP_MARGIN * rhythm.step_s * fs_hz)
    if not trains:
        return rhythm
    worn = _settled(worn, trains, acc, gyr, rhythm.step_s, fs_hz)
    acc, gyr = samples.acc @ worn.rotation.T, samples.gyr @ worn.rotation.T
    rest = find_rest(samples.acc, samples.gyr, ~samples.open_rows, fs_hz)
    up, bias = (worn.rotation[V], np.zeros(3)) if rest is None else (rest.acc, rest.gyr)
    every_turn = find_turns(yaw_rate(samples.gyr, bias, up), rhythm.step_s, fs_hz)
    turns = _turns_while_walking(every_turn, samples, trains, rhythm.step_s, fs_hz)
    legs, agree = _sided_legs(straight_runs(trains, every_turn), acc, gyr, rhythm.step_s, fs_hz)
    withheld = sum(t.rows.size for t in found) - sum(t.rows.size for t in trains)
    bouts = _bouts(trains, rhythm.step_s * fs_hz, PAUSE_S * fs_hz)
    other = _other_pace(vertical, yaw, bouts, fs_hz)
    return Walk(
        acc, gyr, rhythm, worn, rest, tuple(trains), legs, bouts, tuple(turns), agree, withheld, other
    )


def _settled(
    worn: Worn, trains: list[Train], acc: FloatArray, gyr: FloatArray, step_s: float, fs_hz: float
) -> Worn:
    """Front or back from the swing where the phase is unclear: the pelvis turns the same way either way round,
    the trunk seems to sway the other way."""
    if worn.phase_is_clear:
        return worn
    rows = np.concatenate([train.rows for train in trains])
    alike = likeness(yaw_evidence(gyr[:, V], step_s, fs_hz), ml_evidence(acc[:, ML], step_s, fs_hz), rows)
    if abs(alike) < SWING_ALIKE:
        return worn
    return worn.confirmed() if alike > 0 else worn.reversed()


def _rows_of(trains: list[Train], open_rows: BoolArray) -> BoolArray:
    walking = np.zeros(open_rows.size, dtype=bool)
    for train in trains:
        walking[max(0, int(train.rows[0])) : int(train.rows[-1]) + 1] = True
    return walking & ~open_rows


def _away_from_gaps(trains: list[Train], samples: BridgedSamples, margin: float) -> list[Train]:
    """Trains cut at every open gap, contacts next to it left out; runs of two or more stay."""
    gaps = samples.gaps()
    if not gaps:
        return trains
    kept = []
    for train in trains:
        near = np.zeros(train.rows.size, dtype=bool)
        piece = np.zeros(train.rows.size, dtype=int)
        for first, stop in gaps:
            near |= (train.rows > first - margin) & (train.rows < stop + margin)
            piece += train.rows >= first
        parts = [train.rows[(piece == k) & ~near] for k in np.unique(piece)]
        kept += [Train(part) for part in parts if part.size >= 2]
    return kept


def _turns_while_walking(
    every_turn: list[TurnSpan], samples: BridgedSamples, trains: list[Train], step_s: float, fs_hz: float
) -> list[TurnSpan]:
    """Turns with three contacts of the same walk before their middle and three after it, two outside the turn."""
    rows = np.concatenate([train.rows for train in trains])
    reach = max(PAUSE_S, TURN_CONTACTS * step_s) * fs_hz
    turns = []
    for turn in every_turn:
        middle = 0.5 * (turn.first + turn.stop)
        before = rows[(rows < middle) & (rows > turn.first - reach)]
        after = rows[(rows > middle) & (rows < turn.stop + reach)]
        walked_on = min(np.sum(before < turn.first), np.sum(after > turn.stop)) >= WALKED_ON
        hole = max(
            (stop - first for first, stop in true_runs(samples.open_rows[turn.first : turn.stop])), default=0
        )
        if walked_on and min(before.size, after.size) >= TURN_CONTACTS and hole <= TURN_HOLE_S * fs_hz:
            turns.append(turn)
    return turns


def _sided_legs(
    runs: list[FloatArray], acc: FloatArray, gyr: FloatArray, step_s: float, fs_hz: float
) -> tuple[tuple[Leg, ...], float]:
    evidence = yaw_evidence(gyr[:, V], step_s, fs_hz) + ml_evidence(acc[:, ML], step_s, fs_hz)
    legs, agreeing = [], 0.0
    for rows in runs:
        sides, agree = sides_of(rows, evidence, step_s * fs_hz)
        legs.append(Leg(rows, tuple(sides)))
        agreeing += agree * rows.size
    return tuple(legs), agreeing / max(1, sum(rows.size for rows in runs))


def _other_pace(
    vertical: FloatArray, yaw: FloatArray, bouts: tuple[tuple[float, float], ...], fs_hz: float
) -> Rhythm | None:
    """The clearest rhythm in what lies between the bouts."""
    edges = [0, *(round(edge) for bout in bouts for edge in bout), vertical.size]
    found = []
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - first >= OTHER_PACE_S * fs_hz:
            rhythm = find_rhythm(vertical[first:stop], yaw[first:stop], fs_hz)
            found += [rhythm] if rhythm is not None and rhythm.score >= OTHER_PACE_SCORE else []
    return max(found, key=lambda rhythm: rhythm.score, default=None)


def _bouts(trains: list[Train], step: float, pause: float) -> tuple[tuple[float, float], ...]:
    """From the first foot leaving the ground to the last contact."""
    bouts: list[tuple[float, float]] = []
    for train in trains:
        first, last = max(0.0, float(train.rows[0]) - SWING * step), float(train.rows[-1])
        if bouts and first - bouts[-1][1] < pause:
            bouts[-1] = (bouts[-1][0], last)
        else:
            bouts.append((first, last))
    return tuple(bouts)
