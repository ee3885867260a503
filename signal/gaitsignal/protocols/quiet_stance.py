"""Quiet stance: sway of a person who stands still, from one lower-back IMU."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitsignal.filters import lowpass
from gaitsignal.frames import AP, ML, vertical_alignment
from gaitsignal.measures.sway import LOWPASS_HZ, sway
from gaitsignal.protocols.stance_gates import MIN_S, Piece, rejected, signal_flags, unbroken_piece
from gaitsignal.protocols.stance_sway import alignment_flags, sway_values
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Events, Flag, Measures

PROTOCOL = "quiet_stance"


def run(recording: Recording, trim_s: tuple[float, float] | None = None) -> Measures:
    """Sway of the trial, of `trim_s` = (start, end) on its own clock, or between its two marks.

    Notes
    -----
    Order: bridge losses of at most five samples, turn mean gravity exactly upwards, low-pass 3.5 Hz
    (zero-phase 4th-order Butterworth) over the whole record, trim, measure. Of the stretch between the marks only
    what was not lost counts: `duration_s` tells how much that is. `usable` False leaves no values and at least
    one flag of severity `reject`. Measures that need a heading are withheld when it is unknown.
    """
    piece, flags = unbroken_piece(recording)
    trim_s = trim_s or _marked(recording, piece)
    if not rejected(flags):
        flags += signal_flags(piece, recording.fs_hz) + _marked_flags(recording, trim_s)
    if rejected(flags):
        return _measures(recording, flags, {})
    alignment = vertical_alignment(piece.acc.mean(axis=0))
    flags += alignment_flags(alignment, recording.heading_known)
    smooth = lowpass(alignment.apply(piece.acc), LOWPASS_HZ, recording.fs_hz)
    part = _trimmed(smooth, piece, recording, trim_s)
    return _measures(recording, flags, sway(part[:, AP], part[:, ML], recording.fs_hz))


def _marked(recording: Recording, piece: Piece) -> tuple[float, float] | None:
    """What the unbroken piece has of the stretch between the assessor's marks; None without both."""
    started_s, stopped_s = recording.trial.started_s, recording.trial.stopped_s
    if started_s is None or stopped_s is None:
        return None
    end_s = piece.start_s + piece.acc.shape[0] / recording.fs_hz
    return max(started_s, piece.start_s), min(stopped_s, end_s)


def _marked_flags(recording: Recording, trim_s: tuple[float, float] | None) -> list[Flag]:
    marked = recording.trial.watched_s is not None and trim_s is not None
    seconds = trim_s[1] - trim_s[0] if marked and trim_s is not None else MIN_S
    if seconds >= MIN_S:
        return []
    return [Flag("stance_too_short", "reject", {"duration_s": round(max(0.0, seconds), 2), "limit_s": MIN_S})]


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
