"""One person of whom everything is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kept_person import Kept, kept_person

from osteogait.report.fhir.facts import Facts, gather


@pytest.fixture(scope="package")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    made = kept_person(tmp_path_factory.mktemp("station"))
    yield made
    made.station.close()


@pytest.fixture(scope="package")
def facts(kept: Kept) -> Facts:
    return gather(kept.station, kept.person)
