"""A station in a folder of its own, with two people who have been here before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from audited_writes import watched
from visitors import Visitors

from osteogait.storage.database import make_private_file
from osteogait.storage.identities import Identity
from osteogait.storage.store import Store
from osteogait.web.station import Station


@dataclass(frozen=True)
class Known:
    """One person and an id of everything that can be asked for by address."""

    person: str
    visit: str
    trial: str
    result: str
    document: str

    @property
    def params(self) -> dict[str, str]:
        """By the names of path parameters."""
        return {
            "person": self.person,
            "visit": self.visit,
            "trial": self.trial,
            "result": self.result,
            "document": self.document,
        }


@pytest.fixture(scope="session")
def assessment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The assessment of the example person without recordings."""
    from osteogait.assessment.assess import assess_file

    case = tmp_path_factory.mktemp("case") / "case.yaml"
    case.write_text(
        files("osteogait.examples").joinpath("case.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    document: dict[str, Any] = json.loads(json.dumps(assess_file(case, "en")))
    return document


@pytest.fixture(autouse=True)
def every_write_is_in_the_audit() -> Iterator[None]:
    """Holds for every request of every test of the web."""
    with watched() as without:
        yield
    assert without == [], "written by a request without a row of the audit in the same transaction"


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that was made and closed: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "osteogait.sqlite"
    Store.open(path).close()
    return path


@pytest.fixture
def station(tmp_path: Path, empty_store: Path) -> Iterator[Station]:
    made = Station(tmp_path / "data")
    make_private_file(made.database)
    shutil.copyfile(empty_store, made.database)
    made.warm_later = lambda seconds=0.2: None  # type: ignore[method-assign] # tests open what they need
    yield made
    made.close()


@pytest.fixture
def visitors(station: Station) -> Visitors:
    return Visitors(station)


def _known(station: Station, name: str, clinic_id: str, assessment: dict[str, Any]) -> Known:
    store = station.store
    person = store.add_person(birth_year=1954, sex="female")
    station.identities.put(person, Identity(name, clinic_id))
    station.consents.give(person, "test", lang="en", signer=name, by="test")
    visit = store.add_visit(person, battery="quick", by="test")
    trial = station.trials.add(visit, "walk", "walk", state="skipped", reason="tired", by="test")
    result = store.add_result(visit, assessment)
    document = station.documents.keep(person, visit, "lab.csv", "lab_csv", clinic_id.encode(), {}, "test")
    return Known(person, visit, trial, result, document.id)


@pytest.fixture
def known(station: Station, assessment: dict[str, Any]) -> Known:
    return _known(station, "Wang Xiulan", "C-1001", assessment)


@pytest.fixture
def other(station: Station, assessment: dict[str, Any]) -> Known:
    return _known(station, "Zhao Guiying", "C-2002", assessment)
