"""Fixtures for all tests: where the real recordings and tables are, and what happens when they are not there."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import settings

# the same examples at every run: a red test means a change of ours; timing belongs to the bench
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

REPO = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("OSTEOGAIT_SHARED", REPO.parent / "shared"))
REQUIRED = os.environ.get("OSTEOGAIT_REALDATA") == "required"

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# The training room has its own environment: its tests are collected only where that environment runs.
collect_ignore = [] if importlib.util.find_spec("jax") else ["osteofusion/lab"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip real-data tests with a reason where the data are not, or fail there when they are required."""
    if (SHARED / "data").is_dir():
        return
    if REQUIRED:
        raise pytest.UsageError(f"real recordings and tables are required, but {SHARED}/data does not exist")
    skip = pytest.mark.skip(reason="the shared recordings and tables are not here (set OSTEOGAIT_SHARED)")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data/, oracle/ and tools/ for tests marked realdata."""
    return SHARED


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of this repository."""
    return REPO
