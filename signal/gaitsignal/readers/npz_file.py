"""npz recordings: `fs_hz`, `lowback_acc` (n, 3) m/s2 and `lowback_gyr` (n, 3) rad/s in up, right, forward."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gaitsignal.errors import RecordingError
from gaitsignal.readers.samples import StoredSamples
from gaitsignal.recording import FloatArray

NAMES = ("fs_hz", "lowback_acc", "lowback_gyr")
COLUMN_NAMES = tuple(f"{array}[{axis}]" for array in NAMES[1:] for axis in ("up", "right", "forward"))
MAX_UNPACKED_BYTES = 200_000_000


def read_npz(path: Path) -> StoredSamples:
    """The stored rows of an npz file; pickled arrays are never opened."""
    arrays = _load(path)
    fs_hz, acc, gyr = (arrays[name] for name in NAMES)
    if fs_hz.size != 1 or not np.isfinite(fs_hz).all() or float(fs_hz.reshape(-1)[0]) <= 0:
        raise RecordingError("npz_shape", name="fs_hz", found=str(fs_hz.shape), wanted="one positive number")
    for name, array in (("lowback_acc", acc), ("lowback_gyr", gyr)):
        if array.ndim != 2 or array.shape[1] != 3 or array.shape[0] == 0 or array.shape != acc.shape:
            raise RecordingError("npz_shape", name=name, found=str(array.shape), wanted="(n, 3), both alike")
    rate = float(fs_hz.reshape(-1)[0])
    return StoredSamples(np.arange(acc.shape[0]) / rate, acc, gyr, rate, True, COLUMN_NAMES)


def _load(path: Path) -> dict[str, FloatArray]:
    try:
        _check_members(path)
        with np.load(path, allow_pickle=False) as archive:
            return {name: _numbers(name, archive[name]) for name in NAMES}
    except RecordingError:
        raise
    except ValueError as error:
        code = "npz_pickled" if "pickle" in str(error) else "npz_unreadable"
        raise RecordingError(code, file=path.name) from None
    except (OSError, zipfile.BadZipFile, EOFError, KeyError, zlib.error):
        raise RecordingError("npz_unreadable", file=path.name) from None


def _check_members(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename.removesuffix(".npy"): info.file_size for info in archive.infolist()}
    missing = [name for name in NAMES if name not in sizes]
    if missing:
        raise RecordingError("npz_missing", columns=", ".join(missing))
    size = sum(sizes[name] for name in NAMES)
    if size > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES // 1_000_000
        raise RecordingError("file_too_large", file=path.name, size_mb=size // 1_000_000, limit_mb=limit)


def _numbers(name: str, array: npt.NDArray[Any] | bytes) -> FloatArray:
    if isinstance(array, bytes):
        raise ValueError(f"{name} is no array")
    if array.dtype.kind not in "fiu":
        raise RecordingError("npz_shape", name=name, found=str(array.dtype), wanted="real numbers")
    return array.astype(np.float64)
