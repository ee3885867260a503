"""One person of whom everything is kept, and what leaves the box of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kept_person import Kept, kept_person

from osteogait.report.fhir.bundle import bundle
from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.facts import Facts, gather


@pytest.fixture(scope="package")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    made = kept_person(tmp_path_factory.mktemp("station"))
    yield made
    made.station.close()


@pytest.fixture(scope="package")
def facts(kept: Kept) -> Facts:
    return gather(kept.station, kept.person, audit=True)


@pytest.fixture(scope="package")
def sent(facts: Facts) -> dict[str, Any]:
    """As a file, with the terms that a station has by default."""
    return bundle(facts)


@pytest.fixture(scope="package")
def licensed(facts: Facts) -> dict[str, Any]:
    """As a transaction, with SNOMED CT."""
    return bundle(facts, Terms(snomed=True), purpose="transaction")
