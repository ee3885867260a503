"""Initial contacts: one a step, first and last steps of a leg included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.filters import bandpass
from gaitsignal.peaks import find_peaks
from gaitsignal.recording import FloatArray

IntArray = npt.NDArray[np.int64]

BAND = (0.5, 1.5)
"""Band around the step frequency, as shares of it: one wave a step, and room for 50 % faster or slower steps."""
CONTACT_SHARE = 0.10
"""The foot meets the ground this share of a step before the trunk is pushed up most; measured on 11 people,
51 to 125 steps a minute, against hand-checked foot events (a fixed 60 ms is as good above 90 steps/min only)."""
STRONG, BRIDGE, FIRST, LAST = 0.30, 0.10, 0.12, 0.0
"""Height of a wave against the median one: to belong to a train at once, between two parts of a train, before
the first, after the last (a braking step hardly lifts the trunk; movement must still be seen)."""
FIRST_ACTIVITY, LAST_ACTIVITY = 0.45, 0.22
"""Movement around a step against the median one. Open walks: first contact 0.5-1, one step earlier 0.1-0.4;
last contact 0.22-1, one step later 0.05-0.3."""
INTERVAL = (0.5, 1.75)
"""Accepted step times as shares of the rhythm; longer ones hold a missed contact."""
EDGE_INTERVAL = (0.65, 1.75)
"""The same at the ends of a leg, where the filter rings at short distance after the last strong step."""
MIN_CONTACTS = 4
MAX_EXTRA = 4


@dataclass(frozen=True, slots=True)
class Train:
    """Contacts of one uninterrupted run of steps: `rows` (k,) as fractional row numbers, rising."""

    rows: FloatArray


@dataclass(frozen=True, slots=True)
class Waves:
    """Candidate steps: row of every wave top (whole and refined), its height and movement against the median step."""

    top: IntArray
    refined: FloatArray
    height: FloatArray
    activity: FloatArray


def find_trains(
    acc: FloatArray, gyr: FloatArray, vertical: FloatArray, step_s: float, fs_hz: float
) -> list[Train]:
    """Runs of at least four contacts in `vertical` (n,) m/s2, given the rhythm.

    Notes
    -----
    V is filtered to the band around the step frequency (zero-phase Butterworth, order 2), where every step
    is one wave: the smoothing of McCamley 2012 (Gait Posture 36:316) with a width that follows the rhythm.
    The contact lies `CONTACT_SHARE` of a step before the top. Tops are chained by their interval; chains are
    then extended at both ends by weaker waves as long as the trunk still moves.
    """
    waves = _waves(acc, gyr, vertical, step_s, fs_hz)
    step = step_s * fs_hz
    trains = [Train(waves.refined[chain] - CONTACT_SHARE * step) for chain in chained(waves, step)]
    return [train for train in trains if train.rows.size >= MIN_CONTACTS]


def chained(waves: Waves, step: float) -> list[IntArray]:
    """Indices of the waves of every run of steps, ends included; `step` in rows."""
    return _without_overlap([_extended(chain, waves, step) for chain in _chains(waves, step)])


def _waves(acc: FloatArray, gyr: FloatArray, vertical: FloatArray, step_s: float, fs_hz: float) -> Waves:
    wave = bandpass(vertical, BAND[0] / step_s, BAND[1] / step_s, fs_hz, order=2)
    top = find_peaks(wave, distance=max(1, round(0.45 * step_s * fs_hz)))
    height = wave[top]
    tall = height > max(0.3 * float(np.percentile(height, 90)), 0.0) if top.size else np.zeros(0, dtype=bool)
    if not tall.any():
        empty = np.zeros(0)
        return Waves(top[:0], empty, empty, empty)
    usual = float(np.median(height[tall]))
    movement = np.sqrt(_movement(acc, step_s, fs_hz)[top] * _movement(gyr, step_s, fs_hz)[top])
    lively = max(float(np.median(movement[height > STRONG * usual])), 1e-12)
    return Waves(top, _refined(wave, top), height / usual, movement / lively)


def _refined(wave: FloatArray, top: IntArray) -> FloatArray:
    """Fractional row of every top: the vertex of a parabola through three samples."""
    left, mid, right = wave[top - 1], wave[top], wave[top + 1]
    bend = left - 2.0 * mid + right
    vertex: FloatArray = top + 0.5 * (left - right) / np.where(bend == 0.0, 1.0, bend) * (bend != 0.0)
    return vertex


def _movement(block: FloatArray, step_s: float, fs_hz: float) -> FloatArray:
    """(n,) RMS of a sensor above 0.5 Hz over 0.6 step."""
    power = np.sum(bandpass(block, 0.5, min(15.0, 0.4 * fs_hz), fs_hz, order=2) ** 2, axis=1)
    width = max(1, round(0.6 * step_s * fs_hz))
    mean = np.convolve(power, np.full(width, 1.0 / width), mode="same")
    return np.sqrt(np.maximum(mean, 0.0))


def _chains(waves: Waves, step: float) -> list[IntArray]:
    """Runs of strong waves, with weaker ones between two of them when they keep the beat."""
    usable = np.flatnonzero(waves.height > BRIDGE)
    strong = waves.height > STRONG
    chains: list[list[int]] = []
    for i in usable:
        interval = (waves.top[i] - waves.top[chains[-1][-1]]) / step if chains else np.inf
        if chains and INTERVAL[0] <= interval <= INTERVAL[1]:
            chains[-1].append(int(i))
        elif not chains or interval > INTERVAL[1]:
            chains.append([int(i)])
        elif waves.height[i] > waves.height[chains[-1][-1]]:
            chains[-1][-1] = int(i)
    return [trimmed for chain in chains if (trimmed := _trimmed(np.array(chain), strong)).size >= 2]


def _trimmed(chain: IntArray, strong: npt.NDArray[np.bool_]) -> IntArray:
    inside = np.flatnonzero(strong[chain])
    return chain[inside[0] : inside[-1] + 1] if inside.size else chain[:0]


def _extended(chain: IntArray, waves: Waves, step: float) -> IntArray:
    before = _extension(chain[0], -1, waves, step, FIRST, FIRST_ACTIVITY)
    after = _extension(chain[-1], +1, waves, step, LAST, LAST_ACTIVITY)
    return np.array([*reversed(before), *chain, *after], dtype=np.int64)


def _extension(start: int, way: int, waves: Waves, step: float, height: float, activity: float) -> list[int]:
    """Up to four more waves in direction `way`, each a step away from the last and still moving."""
    found: list[int] = []
    at = int(start)
    candidate = at + way
    while 0 <= candidate < waves.top.size and len(found) < MAX_EXTRA:
        interval = abs(int(waves.top[candidate] - waves.top[at])) / step
        if interval > EDGE_INTERVAL[1]:
            break
        enough = waves.height[candidate] > height and waves.activity[candidate] > activity
        if interval >= EDGE_INTERVAL[0] and enough:
            found.append(candidate)
            at = candidate
        candidate += way
    return found


def _without_overlap(chains: list[IntArray]) -> list[IntArray]:
    """Chains that an extension made meet are joined, each wave once."""
    joined: list[IntArray] = []
    for chain in chains:
        if joined and chain[0] <= joined[-1][-1]:
            joined[-1] = np.unique(np.concatenate([joined[-1], chain]))
        else:
            joined.append(chain)
    return joined
