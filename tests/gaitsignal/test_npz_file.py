"""npz recordings: plain arrays only, whole and of the right shape."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.errors import RecordingError
from gaitsignal.readers import read_recording

Make = Callable[..., object]


def code(path: Path) -> str:
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    assert caught.value.message("zh")
    return caught.value.code


def test_an_npz_is_read_in_the_body_frame(swaying: Make, write_npz: Make) -> None:
    acc, gyr = swaying(640, 128.0)
    recording = read_recording(write_npz(acc, gyr, 128.0))
    assert recording.fs_hz == 128.0
    assert recording.start_s == 0.0
    assert recording.heading_known
    assert recording.remarks == ()
    assert recording.acc.dtype == np.float64
    np.testing.assert_allclose(recording.acc, acc, rtol=1e-6)


def test_only_height_and_gaps_of_the_side_file_are_read(swaying: Make, write_npz: Make) -> None:
    reference = {"ics": [{"t": 1.0}], "summary": {"cadence_spm": float("nan")}}
    path = write_npz(*swaying(), participant={"height_m": 1.58}, reference=reference, gaps=[[100, 2]])
    recording = read_recording(path)
    assert recording.height_m == 1.58
    assert int((~recording.measured).sum()) == 2
    assert read_recording(write_npz(*swaying(), participant={"height_m": None})).height_m is None
    assert read_recording(write_npz(*swaying(), height_m=1.7, participant={"height_m": 1.5})).height_m == 1.7


def test_damaged_pickled_and_foreign_files(tmp_path: Path, swaying: Make, write_npz: Make) -> None:
    acc, gyr = swaying()
    path = write_npz(acc, gyr)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert code(path) == "npz_unreadable"
    path.write_bytes(b"not an archive at all")
    assert code(path) == "npz_unreadable"
    np.savez(path, fs_hz=100.0, lowback_acc=np.array([{"a": 1}], dtype=object), lowback_gyr=gyr)
    assert code(path) == "npz_pickled"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("fs_hz", "lowback_acc", "lowback_gyr"):
            archive.writestr(f"{name}.npy", b"junk")
    assert code(path) == "npz_unreadable"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"lowback_gyr": None}, "npz_missing"),
        ({"fs_hz": np.array([100.0, 100.0])}, "npz_shape"),
        ({"fs_hz": np.nan}, "npz_shape"),
        ({"fs_hz": -100.0}, "npz_shape"),
        ({"fs_hz": 20.0}, "rate_under_50"),
        ({"lowback_acc": np.zeros((600, 2))}, "npz_shape"),
        ({"lowback_acc": np.zeros((600, 3, 1))}, "npz_shape"),
        ({"lowback_gyr": np.zeros((599, 3))}, "npz_shape"),
        ({"lowback_acc": np.zeros((0, 3)), "lowback_gyr": np.zeros((0, 3))}, "npz_shape"),
        ({"lowback_gyr": np.zeros((600, 3), dtype=complex)}, "npz_shape"),
        ({"lowback_gyr": np.full((600, 3), "a")}, "npz_shape"),
    ],
)
def test_wrong_arrays(tmp_path: Path, swaying: Make, change: dict[str, object], expected: str) -> None:
    acc, gyr = swaying()
    arrays = {"fs_hz": 100.0, "lowback_acc": acc, "lowback_gyr": gyr, **change}
    path = tmp_path / "recording.npz"
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    assert code(path) == expected


def test_a_sample_that_is_not_finite_is_named(swaying: Make, write_npz: Make) -> None:
    acc, gyr = swaying()
    gyr[12, 2] = np.nan
    with pytest.raises(RecordingError) as caught:
        read_recording(write_npz(acc, gyr))
    assert caught.value.fields == {"column": "lowback_gyr[forward]", "row": 12}


def test_an_archive_that_unpacks_to_too_much_is_refused(
    swaying: Make, write_npz: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gaitsignal.readers.npz_file.MAX_UNPACKED_BYTES", 1000)
    assert code(write_npz(*swaying())) == "file_too_large"
