"""Several sensors of one trial on one axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gaitsignal.recording import Recording
from osteogait.acquire.assembled import to_recording
from osteogait.acquire.recorded import read_recorded
from osteogait.devices.driver import LossClass
from osteogait.errors import QualityGateFailed


def aligned(paths: Sequence[Path]) -> tuple[Recording, ...]:
    """The recordings of one trial with `start_s` and `fs_hz` on the host's axis, zero at the earliest sample.

    QualityGateFailed when one has no clock of its own (class C): a single loss would shift it unseen.
    """
    placed = [_on_host(path) for path in paths]
    zero_s = min((recording.start_s for recording in placed), default=0.0)
    return tuple(replace(recording, start_s=recording.start_s - zero_s) for recording in placed)


def _on_host(path: Path) -> Recording:
    recorded = read_recorded(path)
    if recorded.model.loss is LossClass.UNKNOWN:
        raise QualityGateFailed("session_not_alignable", sensor=str(recorded.facts.get("sensor")))
    recording, books = to_recording(path), recorded.books()
    track = books.main
    first = track.packets[0]
    offset_s, rate = books.line(first.clock)
    first_s = books.time_s(first) - (first.n - 1) / recording.fs_hz
    return replace(recording, start_s=offset_s + rate * first_s, fs_hz=recording.fs_hz / rate)
