"""What one station sends, the next one reads: the same values through the intake's own FHIR door."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from kept_person import Kept

from osteogait.clinic.intake.door import read_upload
from osteogait.clinic.intake.measurement import PersonFacts
from osteogait.report.fhir.facts import Facts

READ = {
    "fn_t", "ls_bmd", "ls_t", "th_t", "ctx", "pinp", "vit_d25oh", "calcium", "pth", "height", "weight",
}  # fmt: skip
NOW = datetime(2100, 1, 1, tzinfo=UTC)


def test_values_come_back_as_they_went(kept: Kept, facts: Facts, sent: dict[str, Any]) -> None:
    def persons(identifier: str) -> PersonFacts | None:
        return (
            PersonFacts(kept.person, facts.person.birth_year, "female") if identifier == kept.person else None
        )

    found = read_upload(
        "record.json", json.dumps(sent).encode(), default_zone="UTC", persons=persons, now=NOW
    )
    assert found.kind == "fhir"
    back = {
        (one.variable, round(float(one.value), 6)) for one in found.accepted if isinstance(one.value, float)
    }
    gone = {
        (one.variable, round(one.value, 6))
        for one in facts.values
        if isinstance(one.value, float) and one.withdrawn is None and one.variable in READ
    }
    refused = {(one.row, one.reason) for one in found.refused}
    assert gone - back <= {one for one in gone if one[0].endswith(("_t", "_bmd"))}, refused
    # bone densities without brand and reference database are refused by every door, as the paper's were typed
    reasons = {one.reason for one in found.refused}
    assert reasons <= {"missing-brand", "missing-reference-db"}, refused
    dxa = {variable for variable, _ in back if variable.endswith(("_t", "_bmd"))}
    assert {"th_t", "ls_t", "ls_bmd"} <= dxa
    assert next(one for one in found.accepted if one.variable == "pth").comparator == "<"
