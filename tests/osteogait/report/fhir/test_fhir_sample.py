"""The shared sample of the whole output: every resource and element of it has its place in ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kept_person import Kept

from osteogait.clinic.intake.loinc import is_loinc
from osteogait.report.fhir.bundle import bundle
from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.document_reference import Printed
from osteogait.report.fhir.facts import Facts
from osteogait.report.fhir.invariants import invariants

pytestmark = pytest.mark.realdata
NOT_OURS = {
    "83172-7": "the NIH Toolbox protocol only; our walk has a code of its own",
}
ELSEWHERE = {
    "Observation.note": "fasting is a note in both, so it is there",
    "RiskAssessment.prediction.outcome.coding.display": "only codes whose display was checked carry one",
}


@pytest.fixture(scope="module")
def sample(shared: Path) -> dict[str, Any]:
    text = (shared / "design" / "fhir_sample_bundle_r4.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def ours(kept: Kept, facts: Facts) -> dict[str, Any]:
    printed = Printed(kept.result, "zh", b"%PDF-1.7 a page")
    return bundle(facts, Terms(snomed=True), purpose="transaction", printed={kept.result: printed})


def elements(part: Any, place: str) -> set[str]:
    """The paths of all elements, places in lists left out."""
    if isinstance(part, dict):
        inside = [elements(item, f"{place}.{key}") for key, item in part.items()]
        return {place}.union(*inside)
    if isinstance(part, list):
        return set().union(*(elements(item, place) for item in part))
    return {place}


def by_type(made: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in made["entry"]:
        kind = entry["resource"]["resourceType"]
        found.setdefault(kind, set()).update(elements(entry["resource"], kind))
    return found


def codings(made: dict[str, Any]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if "system" in part and "code" in part:
                found.add((part["system"], part["code"]))
            for item in part.values():
                walk(item)
        elif isinstance(part, list):
            for item in part:
                walk(item)

    walk(made)
    return found


def test_every_element_of_the_sample_is_in_ours(sample: dict[str, Any], ours: dict[str, Any]) -> None:
    mine = by_type(ours)
    lacking = {
        kind: sorted(places - mine.get(kind, set()) - set(ELSEWHERE))
        for kind, places in by_type(sample).items()
    }
    assert {kind: places for kind, places in lacking.items() if places} == {}


def test_every_published_code_of_the_sample_is_known_here(
    sample: dict[str, Any], ours: dict[str, Any]
) -> None:
    published = {(system, code) for system, code in codings(sample) if "example.org" not in system}
    lacking = {code for system, code in published - codings(ours) if code not in NOT_OURS}
    assert lacking <= {"cm", "m/s", "62292-8"}, lacking  # units and codes that follow the unit as written
    assert all(is_loinc(code) for system, code in published if system == "http://loinc.org")


def test_the_invariants_accept_the_sample(sample: dict[str, Any]) -> None:
    assert invariants(sample) == ()
