"""A store in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from osteogait.storage.store import Store


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data" / "osteogait.sqlite") as store:
        yield store


@pytest.fixture
def somebody(opened: Store) -> str:
    return opened.add_person(birth_year=1954, sex="female")
