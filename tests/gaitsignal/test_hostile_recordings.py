"""Recording files as the world writes them, and files that must be refused with a word instead of a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.errors import RecordingError
from gaitsignal.readers import read_recording

Make = Callable[..., object]


@pytest.fixture
def text(swaying: Make, csv_text: Make) -> str:
    return csv_text(np.arange(600) / 100.0, *swaying(600))


def _read(tmp_path: Path, text: str | bytes, sidecar: str | None = None):
    path = tmp_path / "r.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if sidecar is not None:
        path.with_suffix(".json").write_text(sidecar, encoding="utf-8")
    return read_recording(path)


def _quoted(text: str) -> str:
    return "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines())


SPELLINGS: dict[str, Callable[[str], str | bytes]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "blank lines": lambda text: text.replace("\n", "\n\n"),
    "a line of blanks": lambda text: text + "  \t \n",
    "blanks around commas": lambda text: text.replace(",", " , "),
    "quoted cells": _quoted,
    "no last line end": lambda text: text.rstrip("\n"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_same_samples_in_other_spellings(tmp_path: Path, text: str, name: str) -> None:
    plain, other = _read(tmp_path, text), _read(tmp_path, SPELLINGS[name](text))
    np.testing.assert_array_equal(plain.acc, other.acc)
    np.testing.assert_array_equal(plain.gyr, other.gyr)
    assert plain.fs_hz == other.fs_hz


@pytest.mark.parametrize("cell", ["", "NA", "null", "1_0", "0x10", "\uff11", "1d0", "--1", "1+2j", "#", "1e"])
def test_a_cell_that_is_no_number_is_named(tmp_path: Path, text: str, cell: str) -> None:
    lines = text.split("\n")
    cells = lines[100].split(",")
    cells[3] = cell
    lines[100] = ",".join(cells)
    with pytest.raises(RecordingError, match="Line 101, column acc_z"):
        _read(tmp_path, "\n".join(lines))


@pytest.mark.parametrize("value", ["1e9", "-1e9", "1e300", "5000"])
def test_an_impossible_sample_is_refused_by_row(tmp_path: Path, text: str, value: str) -> None:
    lines = text.split("\n")
    cells = lines[300].split(",")
    cells[2] = value
    lines[300] = ",".join(cells)
    with pytest.raises(RecordingError) as refused:
        _read(tmp_path, "\n".join(lines))
    assert refused.value.code == "sample_impossible"
    assert (refused.value.fields["column"], refused.value.fields["row"]) == ("acc_y", 299)
    assert refused.value.message("zh")


def test_a_walk_without_gravity_is_not_called_a_walk_in_g(tmp_path: Path, csv_text: Make) -> None:
    t = np.arange(600) / 100.0
    acc = 1.2 * np.column_stack([np.sin(11 * t), np.cos(11 * t), np.sin(5 * t)])
    with pytest.raises(RecordingError) as refused:
        _read(tmp_path, csv_text(t, acc, 0.1 * acc))
    assert refused.value.code == "acc_not_gravity"


@pytest.mark.parametrize(
    ("sidecar", "code"),
    [
        (f'{{"height_m": 1{"0" * 400}}}', "height_impossible"),
        ('{"height_m": 1e999}', "sidecar_value"),
        (json.dumps({"gaps": [[row, -1] for row in range(1, 600)]}), "too_short"),
        ('{"gaps": [[5, 100000000000000000000]]}', "gap_outside"),
        ("[" * 100_000, "sidecar_not_json"),
    ],
)
def test_side_files_that_cannot_be_meant(tmp_path: Path, text: str, sidecar: str, code: str) -> None:
    with pytest.raises(RecordingError) as refused:
        _read(tmp_path, text, sidecar)
    assert refused.value.code == code


def test_a_side_file_with_a_byte_order_mark(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, text, '\ufeff{"height_m": 1.7}').height_m == 1.7


def test_a_name_the_system_cannot_take(tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as refused:
        read_recording(tmp_path / ("a" * 300 + ".csv"))
    assert refused.value.code == "file_unreadable"


@pytest.mark.parametrize(
    ("fs_hz", "lost", "long"), [(100.0, 25, False), (100.0, 26, True), (50.0, 12, False), (50.0, 13, True)]
)
@pytest.mark.parametrize("first", [7, 20, 411])
def test_a_quarter_of_a_second_is_the_last_gap_that_is_not_long(
    tmp_path: Path, swaying: Make, csv_text: Make, fs_hz: float, lost: int, long: bool, first: int
) -> None:
    from gaitsignal.protocols.quiet_stance import run

    number = np.arange(900) + np.where(np.arange(900) >= first, lost, 0)
    measures = run(_read(tmp_path, csv_text(number / fs_hz, *swaying(900, fs_hz))))
    assert ("gap_long" in [flag.code for flag in measures.flags]) is long


def test_an_unreadable_side_file_is_named(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_text

    def refuse(path: Path, *words: object, **more: object) -> str:
        if path.suffix == ".json":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(RecordingError, match=r"r.json cannot be read: Permission denied"):
        _read(tmp_path, text, "{}")
