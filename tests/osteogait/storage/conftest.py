"""A store in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from osteogait.storage.database import make_private_file
from osteogait.storage.store import Store


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that was made and closed: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "osteogait.sqlite"
    Store.open(path).close()
    return path


@pytest.fixture
def opened(tmp_path: Path, empty_store: Path) -> Iterator[Store]:
    path = tmp_path / "data" / "osteogait.sqlite"
    make_private_file(path)
    shutil.copyfile(empty_store, path)
    with Store.open(path) as store:
        yield store


@pytest.fixture
def somebody(opened: Store) -> str:
    return opened.add_person(birth_year=1954, sex="female")
