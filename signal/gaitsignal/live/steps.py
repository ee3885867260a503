"""Steps as they happen: a bank of band-passes, the rhythm of the last seconds, and the chain of waves that keeps it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from gaitsignal.events.contacts import BAND, MIN_CONTACTS, STRONG, Waves, chained
from gaitsignal.events.legs import EDGE, MISSED
from gaitsignal.events.rhythm import find_rhythm
from gaitsignal.live.causal import BLOCK, CausalFilters, Section, butterworth, spread
from gaitsignal.recording import FloatArray

CENTRES_HZ = tuple(0.45 * 2.0 ** (k / 6.0) for k in range(17))
"""Middles of the bank, a sixth of an octave apart: 27 to 171 steps a minute, and the bands reach beyond."""
LOOK_S, LEAST_S, HOP_S = 12.0, 3.0, 1.0
"""The rhythm is looked for once a second in the last twelve, as the offline search does in its windows."""
MEMORY = 30
"""Rhythms that are remembered: the last strides before a stop must not turn a whole walk into half its steps."""
KEEP_S = 30.0
"""Waves are kept for 30 to 60 s, then their steps are counted for good."""
LEAST_HEIGHT = 0.03
"""m/s2: lower waves are noise of the sensor."""
ACTIVITY_S = 0.6
NEAREST = 0.55
"""Two waves nearer than this share of a step are one, as offline."""
SPLIT = 0.7
"""A step shorter than this share of the usual one was cut in two by a wave too many."""
TURNING_DEG_S, TURN_HZ = 30.0, 0.5
RECENT = 6


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave top of one filter: fractional row, height m/s2, movement around it, whether the person turned."""

    row: float
    height: float
    movement: float
    turning: bool


class StepCounter:
    """Counts steps from vertical acceleration; the count of a run appears with its fourth step."""

    def __init__(self, fs_hz: float) -> None:
        """No steps, no rhythm."""
        self._fs_hz = fs_hz
        bands = [(BAND[0] * hz, min(BAND[1] * hz, 0.45 * fs_hz)) for hz in CENTRES_HZ]
        designs = [butterworth(band, fs_hz, 2) * 2 for band in bands]
        self._bank = CausalFilters(designs, 1)
        self._delay = [
            _group_delay(design, hz, fs_hz) for design, hz in zip(designs, CENTRES_HZ, strict=True)
        ]
        self._yaw_filter = CausalFilters([butterworth(TURN_HZ, fs_hz, 2)], 1)
        self._waves: list[list[Wave]] = [[] for _ in CENTRES_HZ]
        self._tail = np.zeros((len(CENTRES_HZ), 2))
        blocks = round(LOOK_S * fs_hz / BLOCK)
        self._vertical: deque[FloatArray] = deque(maxlen=blocks)
        self._yaw: deque[FloatArray] = deque(maxlen=blocks)
        self._moved: deque[FloatArray] = deque(maxlen=max(1, round(ACTIVITY_S * fs_hz / BLOCK)))
        self._blocks = 0
        self._rhythms: deque[tuple[float, float]] = deque(maxlen=MEMORY)
        self._step_s: float | None = None
        self._filter = 0
        self._settled = _Settled()
        self._border = 0.0
        self._runs: list[list[Wave]] = []
        self._mean_cadence: float | None = None

    def push(self, vertical: FloatArray, yaw: FloatArray, block: FloatArray) -> None:
        """One block: (BLOCK,) upward acceleration m/s2 and yaw rate rad/s, (BLOCK, 6) samples m/s2 and rad/s."""
        self._vertical.append(vertical)
        self._yaw.append(yaw)
        self._moved.append(block)
        found = self._filter in self._find_waves(vertical, yaw)
        self._blocks += 1
        looking = self._blocks % max(1, round(HOP_S * self._fs_hz / BLOCK)) == 0
        if looking:
            found |= self._find_rhythm()
            self._settle()
        if found and self._step_s is not None:
            self._chain(self._step_s)
        if found or looking:
            self._mean_cadence = self._over_all()

    @property
    def steps(self) -> int:
        """Steps counted so far."""
        return self._settled.steps + sum(len(run) for run in self._runs)

    @property
    def mean_cadence(self) -> float | None:
        """Steps/min over all straight steps, None before the first run."""
        return self._mean_cadence

    def _over_all(self) -> float | None:
        straight = _straight(self._runs)
        intervals, rows = self._settled.intervals + len(straight), self._settled.rows + sum(straight)
        return 60.0 * self._fs_hz * intervals / rows if intervals else None

    @property
    def cadence(self) -> float | None:
        """Steps/min of the last six steps, None when the last one is more than a missed step ago."""
        if not self._runs or self._step_s is None or len(self._runs[-1]) < 2:
            return None
        rows = [wave.row for wave in self._runs[-1][-RECENT - 1 :]]
        step = self._step_s * self._fs_hz
        if self._blocks * BLOCK - self._delay[self._filter] - rows[-1] > 2.0 * MISSED * step:
            return None
        return 60.0 * self._fs_hz / median(b - a for a, b in pairwise(rows))

    def _find_waves(self, vertical: FloatArray, yaw: FloatArray) -> set[int]:
        """Adds the tops of this block to the list of every filter; the numbers of the filters that had one."""
        out = self._bank.push(vertical[:, None])[:, :, 0]
        turning = abs(math.degrees(self._yaw_filter.push(yaw[:, None])[0, -1, 0])) > TURNING_DEG_S
        line = np.concatenate([self._tail, out], axis=1)
        self._tail = out[:, -2:]
        middle = line[:, 1:-1]
        tops = (middle > line[:, :-2]) & (middle >= line[:, 2:]) & (middle > LEAST_HEIGHT)
        filters, places = np.nonzero(tops)
        if not filters.size:
            return set()
        movement = self._movement()
        for k, place in zip(filters.tolist(), places.tolist(), strict=True):
            left, top, right = (float(value) for value in line[k, place : place + 3])
            vertex = 0.5 * (left - right) / (left - 2.0 * top + right)
            row = self._blocks * BLOCK - 1 + place + vertex - self._delay[k]
            self._waves[k].append(Wave(row, top, movement, turning))
        return set(filters.tolist())

    def _movement(self) -> float:
        variance = spread(np.concatenate(self._moved)).tolist()
        return math.sqrt(math.sqrt(sum(variance[:3])) * math.sqrt(sum(variance[3:])))

    def _find_rhythm(self) -> bool:
        vertical = np.concatenate(self._vertical)
        if vertical.size < LEAST_S * self._fs_hz:
            return False
        rhythm = find_rhythm(vertical - vertical.mean(), np.concatenate(self._yaw), self._fs_hz)
        if rhythm is None:
            return False
        self._rhythms.append((rhythm.step_s, rhythm.score * float(vertical.std())))
        self._step_s = _weighted_median(self._rhythms)
        self._filter = int(np.argmin([abs(np.log(hz * self._step_s)) for hz in CENTRES_HZ]))
        return True

    def _chain(self, step_s: float) -> None:
        """The runs of steps among the waves that are not settled yet."""
        step = step_s * self._fs_hz
        after = self._settled.last.row + 0.5 * step if self._settled.last else -np.inf
        waves = _apart([wave for wave in self._waves[self._filter] if wave.row > after], NEAREST * step)
        runs = _runs(waves, step)
        self._runs = [run for run in runs if len(run) >= MIN_CONTACTS or self._goes_on(run, step)]

    def _goes_on(self, run: list[Wave], step: float) -> bool:
        """Whether a run is the rest of one that was settled in part."""
        last = self._settled.last
        return last is not None and run[0].row - last.row < MISSED * step

    def _settle(self) -> None:
        """Every `KEEP_S`, counts what is older than that for good and forgets its waves."""
        keep = KEEP_S * self._fs_hz
        border = self._blocks * BLOCK - keep
        if border < self._border + keep:
            return
        self._border = border
        while self._runs and self._runs[0][0].row < border:
            old = [wave for wave in self._runs[0] if wave.row < border]
            self._settled.add(old, 2.0 * MISSED * (self._step_s or 0.0) * self._fs_hz)
            self._runs[0] = self._runs[0][len(old) :]
            if self._runs[0]:
                break
            self._runs.pop(0)
        self._waves = [[wave for wave in waves if wave.row >= border] for waves in self._waves]


class _Settled:
    """Steps that are counted for good: how many, their straight intervals in rows, the last wave."""

    def __init__(self) -> None:
        self.steps = 0
        self.rows, self.intervals = 0.0, 0
        self.last: Wave | None = None

    def add(self, run: list[Wave], reach: float) -> None:
        """Adds a run; it goes on from the last one when it begins within `reach` rows of it."""
        joined = [self.last, *run] if self.last and run[0].row - self.last.row < reach else run
        straight = _straight([joined])
        self.steps += len(run)
        self.rows += sum(straight)
        self.intervals += len(straight)
        self.last = run[-1]


def _weighted_median(pairs: Sequence[tuple[float, float]]) -> float:
    """The value at half of the summed weights of (value, weight)."""
    values, weights = np.array(sorted(pairs)).T
    return float(values[int(np.searchsorted(np.cumsum(weights), 0.5 * weights.sum()))])


def _apart(waves: list[Wave], rows: float) -> list[Wave]:
    """The waves, higher ones first served, none nearer to another than `rows`."""
    kept: list[Wave] = []
    for wave in sorted(waves, key=lambda wave: -wave.height):
        place = bisect_left(kept, wave.row, key=lambda other: other.row)
        if all(abs(other.row - wave.row) >= rows for other in kept[max(0, place - 1) : place + 1]):
            kept.insert(place, wave)
    return kept


def _runs(waves: list[Wave], step: float) -> list[list[Wave]]:
    """Runs of waves that keep the beat of `step` rows, by the rules of the offline contacts."""
    heights = np.array([wave.height for wave in waves])
    movement = np.array([wave.movement for wave in waves])
    tall = heights > 0.3 * np.percentile(heights, 90) if waves else np.zeros(0, dtype=bool)
    if not tall.any():
        return []
    usual = float(np.median(heights[tall]))
    lively = max(float(np.median(movement[heights > STRONG * usual])), 1e-12)
    rows = np.array([wave.row for wave in waves])
    candidates = Waves(np.rint(rows).astype(np.int64), rows, heights / usual, movement / lively)
    return [[waves[i] for i in chain] for chain in chained(candidates, step)]


def _straight(runs: list[list[Wave]]) -> list[float]:
    """Rows between neighbouring steps of a straight walk: no turn, no missed step, no slow start or stop."""
    every = [b.row - a.row for run in runs for a, b in pairwise(run)]
    if not every:
        return []
    usual = median(every)
    found = []
    for run in runs:
        for number, (a, b) in enumerate(pairwise(run)):
            limit = EDGE if number in (0, len(run) - 2) else MISSED
            share = (b.row - a.row) / usual
            if SPLIT < share < limit and not a.turning and not b.turning:
                found.append(b.row - a.row)
    return found


def _group_delay(sections: Sequence[Section], hz: float, fs_hz: float) -> float:
    """Rows by which a wave of `hz` comes out late."""
    angles = 2.0 * np.pi * hz / fs_hz * np.array([0.99, 1.01])
    delay = np.exp(-1j * angles)
    response = np.ones(2, dtype=np.complex128)
    for section in sections:
        response *= np.polyval(section.b[::-1], delay) / np.polyval((section.a[1], section.a[0], 1.0), delay)
    return float(-np.angle(response[1] / response[0]) / (angles[1] - angles[0]))
