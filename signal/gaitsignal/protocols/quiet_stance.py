"""Quiet stance: sway of a person who stands still, from one lower-back IMU."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitsignal.filters import lowpass
from gaitsignal.frames import AP, ML, vertical_alignment
from gaitsignal.measures.sway import LOWPASS_HZ, sway
from gaitsignal.protocols.stance_gates import Piece, rejected, signal_flags, unbroken_piece
from gaitsignal.protocols.stance_sway import alignment_flags, sway_values
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Events, Flag, Measures

PROTOCOL = "quiet_stance"


def run(recording: Recording, trim_s: tuple[float, float] | None = None) -> Measures:
    """Sway of the trial, or of `trim_s` = (start, end) on its own clock; the filter sees the whole of it.

    Notes
    -----
    Order: bridge losses of at most five samples, turn mean gravity exactly upwards, low-pass 3.5 Hz
    (zero-phase 4th-order Butterworth) over the whole record, trim, measure. `usable` False leaves no values
    and at least one flag of severity `reject`. Measures that need a heading are withheld when it is unknown.
    """
    piece, flags = unbroken_piece(recording)
    if not rejected(flags):
        flags += signal_flags(piece, recording.fs_hz)
    if rejected(flags):
        return _measures(recording, flags, {})
    alignment = vertical_alignment(piece.acc.mean(axis=0))
    flags += alignment_flags(alignment, recording.heading_known)
    smooth = lowpass(alignment.apply(piece.acc), LOWPASS_HZ, recording.fs_hz)
    part = _trimmed(smooth, piece, recording, trim_s)
    return _measures(recording, flags, sway(part[:, AP], part[:, ML], recording.fs_hz))


def _trimmed(
    x: FloatArray, piece: Piece, recording: Recording, trim_s: tuple[float, float] | None
) -> FloatArray:
    if trim_s is None:
        return x
    first, last = (round((t - piece.start_s) * recording.fs_hz) for t in trim_s)
    if not 0 <= first < last <= x.shape[0]:
        end_s = piece.start_s + x.shape[0] / recording.fs_hz
        raise ValueError(f"trim {trim_s} s lies outside the unbroken trial {piece.start_s:.2f}-{end_s:.2f} s")
    return x[first:last]


def _measures(recording: Recording, flags: list[Flag], values: Mapping[str, float]) -> Measures:
    codes = {flag.code for flag in flags}
    remarks = tuple(flag for flag in recording.remarks if flag.code not in codes)
    kept = sway_values(values, codes)
    all_flags = (*remarks, *flags)
    usable = bool(kept) and not rejected(list(all_flags)) and bool(np.isfinite(list(values.values())).all())
    return Measures(PROTOCOL, usable, all_flags, kept if usable else {}, Events())
