"""The step rhythm of a recording, between 25 and 200 steps a minute, told from half and double."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.filters import bandpass, good_size
from gaitsignal.recording import FloatArray

IntArray = npt.NDArray[np.int64]

STEP_S = (0.3, 2.4)
"""200 to 25 steps a minute."""
BAND_HZ = (0.3, 6.0)
FAST_LATERAL_HZ, SLOW_LATERAL_HZ = (0.5, 4.0), (0.2, 4.0)
"""Band of the yaw rate below and above `SLOW_STEP_S`: as much of a turn as possible is kept out."""
SHORT_S, LONG_S = 6.0, 12.0
"""A window must hold two strides: 6 s serve steps up to `SLOW_STEP_S`, 12 s the slower ones."""
SLOW_STEP_S = 1.0
HOP_S = 1.0
CHUNK = 256
"""Windows worked on at a time: bounds the memory of a long recording."""
LATERAL_WEIGHT = 0.7
"""Of the sideways terms against the vertical ones: they decide half and double, and turns disturb them."""
YAW_LIMIT = 1.5
"""Yaw rate is cut at this many times its median size; a sine reaches 1.4"""
SHARE = 0.8
"""A lag counts when at most this share of the window is lag: beyond it an autocorrelation is noise."""
MIN_SCORE = 0.55
"""Lowest weighted score taken for walking; open walks 1.5-3, daily activities with much else 1.0."""
AMBIGUOUS = 0.9
EQUAL = 0.72
"""Every multiple of the step time scores as well in theory; the shortest lag with this share of the best is taken."""
MIN_RMS = 0.12
"""m/s2 of vertical movement: a window below it is standing or sitting (severely slow walkers: 0.4)."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`step_s` seconds a step, `score` (0..3.4) of that, `rival_s` and `rival_score` of half or double of it."""

    step_s: float
    score: float
    rival_s: float
    rival_score: float

    @property
    def ambiguous(self) -> bool:
        """True when half or double the rate fits nearly as well."""
        return self.rival_score > AMBIGUOUS * self.score


def find_rhythm(vertical: FloatArray, yaw: FloatArray, fs_hz: float) -> Rhythm | None:
    """The step time that both the vertical and the left-right movement agree on; None when nothing repeats.

    Notes
    -----
    For a step time T the trunk moves up and down once in T and left and right once in 2T, so
    score(T) = r_v(T) + r_v(2T) + 0.7 (r_y(2T) - r_y(T)), with unbiased autocorrelations of vertical acceleration
    and yaw rate (Moe-Nilssen & Helbostad 2004, J Biomech 37:121, for the vertical part). Half of T makes r_y(T)
    vanish, double of T makes it positive: the sideways terms settle what the vertical alone leaves open.
    3T, 5T ... fit as well as T by construction, so the shortest of near-equals is taken. Scores are averaged over
    windows, weighted by the RMS of their vertical movement and by how periodic they are.
    """
    v = bandpass(vertical, *BAND_HZ, fs_hz, order=2)
    lags: IntArray = np.arange(round(STEP_S[0] * fs_hz), round(STEP_S[1] * fs_hz) + 1, dtype=np.int64)
    slow = lags > SLOW_STEP_S * fs_hz
    short, long = (
        _score(v, bandpass(yaw, *band, fs_hz, order=2), lags, round(seconds * fs_hz), fs_hz)
        for seconds, band in ((SHORT_S, FAST_LATERAL_HZ), (LONG_S, SLOW_LATERAL_HZ))
    )
    score = np.where(slow, long, short)
    if not np.isfinite(score).any() or np.nanmax(score) < MIN_SCORE:
        return None
    best = _shortest_of_equals(score, lags)
    rival = max((_near(score, lags, best * factor) for factor in (0.5, 2.0)), key=lambda found: found[1])
    top = float(score[best - lags[0]])
    return Rhythm(best / fs_hz, top, rival[0] / fs_hz, rival[1])


def _score(v: FloatArray, y: FloatArray, lags: IntArray, width: int, fs_hz: float) -> FloatArray:
    """(k,) mean score of every lag over windows of `width` samples; NaN where no window can tell."""
    width = min(width, v.size)
    first = np.arange(0, v.size - width + 1, max(1, round(HOP_S * fs_hz)))
    v_windows, y_windows = (np.lib.stride_tricks.sliding_window_view(x, width) for x in (v, y))
    total, weights = np.zeros(lags.size), 0.0
    for chunk in np.split(first, range(CHUNK, first.size, CHUNK)):
        size = np.sqrt(np.mean(v_windows[chunk] ** 2, axis=1))
        moving = chunk[size >= MIN_RMS]
        if moving.size:
            score = _window_scores(v_windows[moving], _limited(y_windows[moving]), lags)
            periodic = np.maximum(np.nanmax(score, axis=1), 0.0)
            weight = size[size >= MIN_RMS] * periodic**2 + 1e-9
            total += weight @ score
            weights += float(weight.sum())
    return total / weights if weights > 0.0 else np.full(lags.size, np.nan)


def _window_scores(v: FloatArray, y: FloatArray, lags: IntArray) -> FloatArray:
    """(m, k) score of every lag in every window; NaN where a lag is most of the window."""
    width = v.shape[1]
    reach = min(2 * int(lags[-1]), width - 1)
    rv, ry = _autocorrelation(v, reach), _autocorrelation(y, reach)
    single, double = np.minimum(lags, width - 1), np.minimum(2 * lags, width - 1)
    has_double = 2 * lags < SHARE * width
    vertical = rv[:, single] + has_double * rv[:, double]
    lateral = has_double * ry[:, double] - ry[:, single]
    return np.where(lags < SHARE * width, vertical + LATERAL_WEIGHT * lateral, np.nan)


def _limited(windows: FloatArray) -> FloatArray:
    """Every row cut at a multiple of its median size, so that a turn does not drown the swing of the pelvis."""
    limit = YAW_LIMIT * np.median(np.abs(windows), axis=1, keepdims=True)
    return np.clip(windows, -limit, limit)


def _autocorrelation(windows: FloatArray, reach: int) -> FloatArray:
    """Unbiased autocorrelation of every row at lags 0 (where it is 1) to `reach`."""
    width = windows.shape[1]
    centred = windows - windows.mean(axis=1, keepdims=True)
    size = good_size(width + reach)
    spectrum = np.fft.rfft(centred, n=size, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    r = np.fft.irfft(power, n=size, axis=1)[:, : reach + 1] / (width - np.arange(reach + 1))
    normal: FloatArray = r / np.maximum(r[:, :1], 1e-12)
    return normal


def _shortest_of_equals(score: FloatArray, lags: IntArray) -> int:
    filled = np.nan_to_num(score, nan=-np.inf)
    inner = filled[1:-1]
    is_top = (inner >= filled[:-2]) & (inner >= filled[2:]) & (inner >= EQUAL * filled.max())
    tops = np.flatnonzero(is_top) + 1
    return int(lags[tops[0] if tops.size else np.argmax(filled)])


def _near(score: FloatArray, lags: IntArray, lag: float) -> tuple[int, float]:
    """Lag and score of the best within 12 % of `lag`; score -inf outside the searched range."""
    close = (np.abs(lags - lag) <= 0.12 * lag) & np.isfinite(score)
    if not close.any():
        return round(lag), float("-inf")
    at = int(np.argmax(np.where(close, score, -np.inf)))
    return int(lags[at]), float(score[at])
