"""High rates down to about 100 Hz by a polyphase filter."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from gaitsignal.recording import FloatArray, Recording

TARGET_HZ = 100.0
LARGEST_FACTOR = 50


def to_hundred_hz(recording: Recording) -> Recording:
    """The recording at the ratio of small whole numbers nearest to 100 Hz; lost rows stay lost.

    Notes
    -----
    `scipy.signal.resample_poly` with its Kaiser window. Lost samples are bridged for the filter only; a new
    row counts as measured when both stored neighbours of its instant were.
    """
    from scipy.signal import resample_poly

    ratio = Fraction(TARGET_HZ / recording.fs_hz).limit_denominator(LARGEST_FACTOR)
    up, down = ratio.numerator, ratio.denominator
    blocks = [
        np.column_stack(
            [resample_poly(column, up, down, padtype="line") for column in _bridged(block, recording).T]
        )
        for block in (recording.acc, recording.gyr)
    ]
    position = np.arange(blocks[0].shape[0]) * down / up
    low = np.clip(np.floor(position).astype(int), 0, recording.n - 1)
    high = np.clip(low + 1, 0, recording.n - 1)
    measured = recording.measured[low] & recording.measured[high]
    for block in blocks:
        block[~measured] = np.nan
    return replace(
        recording, acc=blocks[0], gyr=blocks[1], measured=measured, fs_hz=recording.fs_hz * up / down
    )


def _bridged(block: FloatArray, recording: Recording) -> FloatArray:
    if recording.measured.all():
        return block
    rows = np.arange(recording.n)
    seen = recording.measured
    return np.column_stack([np.interp(rows, rows[seen], column[seen]) for column in block.T])
