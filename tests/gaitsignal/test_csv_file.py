"""CSV recordings: what is read, and what is refused with which words."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.errors import RecordingError
from gaitsignal.readers import read_recording

Make = Callable[..., object]
HEADER = "time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"


def refusal(path: Path) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    for lang in ("en", "zh"):
        assert caught.value.message(lang)
    return caught.value


@pytest.fixture
def good(swaying: Make, csv_text: Make) -> list[str]:
    """Lines of a good file of 6 s."""
    acc, gyr = swaying()
    return csv_text(np.arange(600) / 100.0, acc, gyr).splitlines()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[list[str]], Path]:
    def write_lines(lines: list[str]) -> Path:
        path = tmp_path / "recording.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_lines


def test_samples_arrive_unchanged(swaying: Make, write_csv: Make) -> None:
    acc, gyr = swaying()
    recording = read_recording(write_csv(2.5 + np.arange(600) / 100.0, acc, gyr))
    assert recording.fs_hz == pytest.approx(100.0, rel=1e-9)
    assert recording.start_s == pytest.approx(2.5)
    assert recording.measured.all()
    np.testing.assert_allclose(recording.acc, acc, rtol=1e-8)
    np.testing.assert_allclose(recording.gyr, gyr, atol=1e-9)
    assert [flag.code for flag in recording.remarks] == ["axes_assumed"]
    assert recording.heading_known


def test_columns_may_stand_in_any_order_with_bom_and_windows_lines(tmp_path: Path, good: list[str]) -> None:
    turned = [",".join(reversed(line.split(","))) for line in good]
    path = tmp_path / "recording.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(turned).encode() + b"\r\n\r\n")
    recording = read_recording(path)
    assert recording.n == 600
    assert recording.acc[0, 0] == pytest.approx(9.81)


def test_a_minute_is_read_in_a_blink(swaying: Make, write_csv: Make) -> None:
    acc, gyr = swaying(6000)
    path = write_csv(np.arange(6000) / 100.0, acc, gyr)
    read_recording(path)
    start = time.process_time()
    read_recording(path)
    assert time.process_time() - start < 0.1  # 0.02 s on the bench machine


@pytest.mark.parametrize(
    ("header", "code", "named"),
    [
        (HEADER.replace("gyr_z", "gyro_z"), "columns_missing", "gyr_z"),
        (HEADER + ",temperature", "columns_unknown", "temperature"),
        (HEADER + ",acc_x", "columns_unknown", "twice"),
        ("1,2,3,4,5,6,7", "columns_missing", "time_s"),
    ],
)
def test_wrong_columns_are_named(good: list[str], write: Make, header: str, code: str, named: str) -> None:
    error = refusal(write([header, *good[1:]]))
    assert error.code == code
    assert named in error.message("en")


@pytest.mark.parametrize(
    ("cell", "code"), [("nan", "not_finite"), ("inf", "not_finite"), ("-inf", "not_finite")]
)
def test_a_sample_that_is_not_finite_is_named_with_row_and_column(
    good: list[str], write: Make, cell: str, code: str
) -> None:
    cells = good[8].split(",")
    cells[3] = cell
    error = refusal(write([*good[:8], ",".join(cells), *good[9:]]))
    assert error.code == code
    assert error.fields == {"column": "acc_z", "row": 7}


@pytest.mark.parametrize("cell", ["", "abc", "0x10", "1 2", "'; drop"])
def test_a_cell_that_is_no_number_is_named_with_line_and_column(
    good: list[str], write: Make, cell: str
) -> None:
    cells = good[4].split(",")
    cells[5] = cell
    error = refusal(write([*good[:4], ",".join(cells), *good[5:]]))
    assert error.code == "not_a_number"
    assert (error.fields["line"], error.fields["column"]) == (5, "gyr_y")


def test_a_short_line_is_named(good: list[str], write: Make) -> None:
    error = refusal(write([*good[:10], "0.1,9.8", *good[11:]]))
    assert error.code == "row_length"
    assert error.fields["line"] == 11


def test_empty_files(tmp_path: Path, write: Make) -> None:
    path = tmp_path / "recording.csv"
    path.write_bytes(b"")
    assert refusal(path).code == "file_empty"
    assert refusal(write([HEADER])).code == "no_rows"
    assert refusal(tmp_path / "absent.csv").code == "file_missing"
    path.write_bytes(b"\xff\xfe\x00\x01" * 50)
    assert refusal(path).code == "not_text"
    other = tmp_path / "recording.xlsx"
    other.write_bytes(b"PK")
    assert refusal(other).code == "unknown_format"


def test_a_file_too_large_is_refused_before_it_is_read(
    good: list[str], write: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gaitsignal.readers.recording_file.MAX_BYTES", 1000)
    assert refusal(write(good)).code == "file_too_large"


@pytest.mark.parametrize(
    ("acc_factor", "gyr_factor", "code"),
    [
        (1 / 9.80665, 1.0, "acc_in_g"),
        (1000 / 9.80665, 1.0, "acc_in_mg"),
        (0.2, 1.0, "acc_not_gravity"),
        (3.0, 1.0, "acc_not_gravity"),
        (1.0, 180 / np.pi, "gyr_in_degrees"),
    ],
)
def test_wrong_units_are_recognised_in_a_quiet_stance(
    swaying: Make, write_csv: Make, acc_factor: float, gyr_factor: float, code: str
) -> None:
    acc, gyr = swaying()
    error = refusal(write_csv(np.arange(600) / 100.0, acc * acc_factor, gyr * gyr_factor))
    assert error.code == code


def test_gravity_removed_is_no_recording(swaying: Make, write_csv: Make) -> None:
    acc, gyr = swaying()
    assert refusal(write_csv(np.arange(600) / 100.0, acc - acc.mean(axis=0), gyr)).code == "acc_not_gravity"


def test_height_given_by_hand_beats_the_side_file(swaying: Make, write_csv: Make) -> None:
    path = write_csv(np.arange(600) / 100.0, *swaying(), height_m=1.55)
    assert read_recording(path).height_m == 1.55
    assert read_recording(path, height_m=1.62).height_m == 1.62
    with pytest.raises(RecordingError, match="outside"):
        read_recording(path, height_m=162.0)
