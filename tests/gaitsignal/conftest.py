"""Recording files for tests of the readers, and the shared gait scorer for tests on real walks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from by_path import load_module

FloatArray = npt.NDArray[np.float64]
Block = tuple[FloatArray, FloatArray]
HEADER = "time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"


@pytest.fixture(scope="session")
def predictions() -> ModuleType:
    """gait_predictions.py: measures as rows of the scorer."""
    return load_module(Path(__file__).with_name("gait_predictions.py"))


@pytest.fixture(scope="session")
def scorer(shared: Path) -> ModuleType:
    """The shared score_gait.py."""
    return load_module(shared / "tools" / "score_gait.py")


@pytest.fixture
def swaying() -> Callable[..., Block]:
    """acc and gyr (n, 3) of somebody who sways gently, sensor upright."""

    def make(n: int = 600, fs_hz: float = 100.0) -> Block:
        t = np.arange(n) / fs_hz
        acc = np.column_stack([9.81 + 0.05 * np.sin(3 * t), 0.1 * np.sin(2 * t), 0.4 + 0.1 * np.cos(2 * t)])
        return acc, 0.02 * np.column_stack([np.sin(t), np.cos(2 * t), np.sin(3 * t)])

    return make


@pytest.fixture
def csv_text() -> Callable[..., str]:
    """CSV text of stamps (n,), acc and gyr (n, 3)."""

    def make(stamp_s: FloatArray, acc: FloatArray, gyr: FloatArray, header: str = HEADER) -> str:
        rows = np.column_stack([stamp_s, acc, gyr])
        return "\n".join([header, *(",".join(f"{value:.9g}" for value in row) for row in rows)]) + "\n"

    return make


@pytest.fixture
def write_csv(tmp_path: Path, csv_text: Callable[..., str]) -> Callable[..., Path]:
    """Writes recording.csv, and recording.json when keywords are given."""

    def write(stamp_s: FloatArray, acc: FloatArray, gyr: FloatArray, **sidecar: object) -> Path:
        path = tmp_path / "recording.csv"
        path.write_text(csv_text(stamp_s, acc, gyr), encoding="utf-8")
        if sidecar:
            path.with_suffix(".json").write_text(json.dumps(sidecar), encoding="utf-8")
        return path

    return write


@pytest.fixture
def write_npz(tmp_path: Path) -> Callable[..., Path]:
    """Writes recording.npz, and recording.json when keywords are given."""

    def write(acc: FloatArray, gyr: FloatArray, fs_hz: float = 100.0, **sidecar: object) -> Path:
        path = tmp_path / "recording.npz"
        np.savez(path, fs_hz=fs_hz, lowback_acc=acc.astype(np.float32), lowback_gyr=gyr.astype(np.float32))
        if sidecar:
            path.with_suffix(".json").write_text(json.dumps(sidecar), encoding="utf-8")
        return path

    return write
