"""The audit as AuditEvents: every row, in its order, with what proves the chain; and consents."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from kept_person import NOW, Kept

from osteogait.report.fhir.audit_event import audit_event, chain
from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.consent import consent
from osteogait.report.fhir.device import measuring_device
from osteogait.report.fhir.invariants import invariants
from osteogait.storage.audit import ACTIONS, Event
from osteogait.storage.consents import PURPOSES, Consent

TERMS = Terms()


def event(action: str, object_: str = "person:p", details: str = "{}") -> Event:
    facts = {
        "seq": 7, "boot_id": "b", "monotonic_ns": 1, "utc": NOW.isoformat(), "synchronised": None, "actor": "a",
        "action": action, "object": object_, "details": details, "previous": "0" * 64, "sha256": "1" * 64,
    }  # fmt: skip
    assert set(facts) == {one.name for one in fields(Event)}
    return Event(**facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_valid(action: str) -> None:
    made = audit_event(event(action), "d", TERMS)
    get_fhir_model_class("AuditEvent").model_validate(made)
    assert made["action"] in "CRUDE"
    assert made["recorded"] == "2026-11-25T09:30:00+00:00"


def test_actions_that_matter_are_told_apart() -> None:
    for action, letter in {"view": "R", "create": "C", "change": "U", "erase": "D"}.items():
        assert audit_event(event(action), "d", TERMS)["action"] == letter
    login = audit_event(event("login"), "d", TERMS)
    assert login["type"]["code"] == "110114"
    assert login["subtype"][0]["code"] == "110122"


def test_the_whole_chain_goes_out_with_its_hashes(kept: Kept) -> None:
    rows = tuple(reversed(kept.station.audit.rows(None, None)))
    made = chain(rows, measuring_device("0.1.0", TERMS), TERMS)
    get_fhir_model_class("Bundle").model_validate(made)
    assert invariants(made) == ()
    told: list[dict[str, Any]] = [entry["resource"] for entry in made["entry"][1:]]
    details = [{one["type"]: one["valueString"] for one in row["entity"][0]["detail"]} for row in told]
    assert [int(one["sequence"]) for one in details] == list(range(1, len(rows) + 1))
    for before, after in pairwise(details):
        assert after["previous"] == before["sha256"]
    assert details[-1]["sha256"] == kept.station.audit.head()


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("taken_back", [False, True])
def test_every_purpose_has_its_consent(purpose: str, taken_back: bool) -> None:
    held = Consent(purpose, "1", "zh", "Zhang Qiuyue", "t", NOW, NOW if taken_back else None)
    made = consent(held, "p", TERMS)
    get_fhir_model_class("Consent").model_validate(made)
    assert made["status"] == ("inactive" if taken_back else "active")
    assert ("end" in made["provision"]["period"]) is taken_back
    assert "Zhang" not in str(made)
    assert made["provision"]["purpose"][0]["code"] == ("HRESCH" if purpose == "research" else "TREAT")
