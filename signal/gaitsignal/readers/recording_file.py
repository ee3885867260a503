"""Which reader a file needs, and the checks that every recording passes whatever its format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gaitsignal.errors import RecordingError
from gaitsignal.readers.axes import assumed_heading, into_body_frame
from gaitsignal.readers.clock import place_on_grid
from gaitsignal.readers.samples import StoredSamples
from gaitsignal.readers.sidecar import HEIGHT_LIMITS_M, Sidecar
from gaitsignal.readers.trial_block import check_marks
from gaitsignal.readers.units import check_finite, check_possible, check_units
from gaitsignal.recording import Recording

MAX_BYTES = 200_000_000
"""Eight hours of CSV at 100 Hz; a larger file is not one trial of one sensor."""
SHOWN = 60  # characters of a name that a message repeats


def read_recording(path: str | Path, height_m: float | None = None) -> Recording:
    """The recording in `path` (.csv or .npz, formats in docs/formats.md); RecordingError says why not.

    `height_m` beats the height of the side file. Samples that the file says were lost become rows with
    `measured` False and NaN; nothing is filled here.
    """
    path = Path(path)
    if height_m is not None and not HEIGHT_LIMITS_M[0] <= height_m <= HEIGHT_LIMITS_M[1]:
        raise RecordingError(
            "height_impossible", value=height_m, low=HEIGHT_LIMITS_M[0], high=HEIGHT_LIMITS_M[1]
        )
    try:
        _check_file(path)
        stored, sidecar = _read(path)
    except OSError as error:
        reason = error.strerror or str(error)
        name = Path(error.filename or path).name[:SHOWN]  # it may be the side file
        raise RecordingError("file_unreadable", file=name, reason=reason) from None
    check_finite(stored)
    check_units(stored)
    check_possible(stored)
    recording = place_on_grid(stored, sidecar.gaps)
    recording = replace(
        recording,
        height_m=sidecar.height_m if height_m is None else height_m,
        site=sidecar.site,
        sensor=sidecar.sensor,
        trial=sidecar.trial,
        remarks=(*recording.remarks, *sidecar.remarks),
    )
    check_marks(recording)
    if sidecar.axes is not None:
        return into_body_frame(recording, sidecar.axes)
    return recording if stored.body_frame else assumed_heading(recording)


def _read(path: Path) -> tuple[StoredSamples, Sidecar]:
    suffix = path.suffix.lower()
    if suffix == ".csv":
        from gaitsignal.readers.csv_file import read_csv
        from gaitsignal.readers.sidecar import read_csv_sidecar

        return read_csv(path), read_csv_sidecar(path.with_suffix(".json"))
    if suffix == ".npz":
        from gaitsignal.readers.npz_file import read_npz
        from gaitsignal.readers.sidecar import read_npz_sidecar

        return read_npz(path), read_npz_sidecar(path.with_suffix(".json"))
    raise RecordingError("unknown_format", file=path.name)


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise RecordingError("file_missing", file=str(path))
    size = path.stat().st_size
    if size == 0:
        raise RecordingError("file_empty", file=path.name)
    if size > MAX_BYTES:
        raise RecordingError(
            "file_too_large", file=path.name, size_mb=size // 1_000_000, limit_mb=MAX_BYTES // 1_000_000
        )
