"""Fixtures for all tests: where the real recordings and tables are, and what happens when they are not there."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# what several tests need; tests themselves are no package
sys.path.insert(0, str(Path(__file__).with_name("helpers")))

# the same examples at every run: a red test means a change of ours; timing belongs to the bench
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

REPO = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("OSTEOGAIT_SHARED", REPO.parent / "shared"))
REQUIRED = os.environ.get("OSTEOGAIT_REALDATA") == "required"

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Training has its own environment: its tests are collected only where that environment runs.
collect_ignore = [] if importlib.util.find_spec("jax") else ["osteofusion/lab"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip real-data tests with a reason where the data are not, or fail there when they are required.

    Tests in a browser come last: Playwright keeps an event loop running, within which no other can be started.
    """
    items.sort(key=lambda item: "browser" in Path(str(item.fspath)).relative_to(REPO).parts)
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


@pytest.fixture(scope="session")
def resign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], None]]:
    """Signs a bundle that a test made or changed, with a key that only this run has and trusts as a site's key."""
    from osteofusion.bundle import sign, write_manifest
    from osteofusion.private_key import new_private_key, public_entry

    private = new_private_key(tmp_path_factory.mktemp("private") / "key.pem")
    site = tmp_path_factory.mktemp("trust")
    entry = public_entry(private, "tests", "development", "osteofusion", "2026-01-01")
    (site / "tests.yaml").write_text(entry, encoding="utf-8")

    def signed(bundle: Path) -> None:
        write_manifest(bundle)
        sign(bundle, private)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSTEOGAIT_TRUST", str(site))
        yield signed
