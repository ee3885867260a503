"""FHIR bundles: strict JSON, our own sample read back, every trap of the format refused or counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteogait.clinic.intake.strict_json import read_json
from osteogait.errors import Rejected

PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"value": "A-0001"}]}
URN = "urn:uuid:00000000-0000-4000-8000-000000000001"


def _observation(code: str, value: object, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": URN},
        "effectiveDateTime": "2026-01-05T07:40:00+08:00",
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
        **more,
    }


CTX = _observation("41171-0", 620, "pg/mL", note=[{"text": "fasting"}])
NECK = _observation(
    "38263-0",
    -2.6,
    "{T-score}",
    bodySite={"coding": [{"system": "http://snomed.info/sct", "code": "29627003"}]},
    method={"text": "DXA; brand Hologic; reference database NHANES III"},
)


@pytest.fixture
def bundle(read) -> Callable[..., Any]:
    def reads(*resources: dict[str, Any], **how: Any) -> Any:
        entries = [{"fullUrl": URN, "resource": PATIENT}, *({"resource": item} for item in resources)]
        content = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
        return read(content, "b.json", **how)

    return reads


@pytest.mark.realdata
def test_the_sample_of_the_design_is_read_back(read, shared: Path) -> None:
    found = read((shared / "design" / "fhir_sample_bundle_r4.json").read_bytes(), "sample.json")
    values = {item.variable: item.value for item in found.accepted}
    assert values == {
        "fn_t": -2.6,
        "ls_t": -2.4,
        "ls_bmd": 0.78,
        "ctx": 0.62,
        "pinp": 58,
        "vit_d25oh": 44.928,
    }
    assert not found.refused
    assert dict(found.ignored) == {"other-resource": 8, "other-code": 7}


def test_a_laboratory_value_with_all_that_is_written_beside_it(bundle) -> None:
    more = {
        "referenceRange": [{"low": {"value": 104}, "high": {"value": 1008}}],
        "performer": [{"display": "central"}],
    }
    found = bundle(CTX | more | {"method": {"text": "ECLIA"}})
    (item,) = found.accepted
    assert (found.kind, item.value, item.written_value, item.written_unit, item.row) == (
        "fhir",
        0.62,
        "620",
        "pg/mL",
        2,
    )
    assert item.notes["fasting"] == "Y"
    assert (item.notes["ref_low"], item.notes["ref_high"], item.notes["lab"], item.notes["method"]) == (
        "104",
        "1008",
        "central",
        "ECLIA",
    )


def test_a_fraction_is_kept_as_written(read) -> None:
    content = json.dumps(
        {"resourceType": "Bundle", "entry": [{"fullUrl": URN, "resource": PATIENT}, {"resource": CTX}]}
    )
    (item,) = read(content.replace("620", "620.10").encode(), "b.json").accepted
    assert (item.written_value, item.value) == ("620.10", 0.6201)


def test_bone_density_by_code_and_site(bundle) -> None:
    (item,) = bundle(NECK).accepted
    assert (item.variable, item.value, item.notes["brand"], item.notes["reference_db"]) == (
        "fn_t",
        -2.6,
        "Hologic",
        "NHANES III",
    )
    assert not item.warnings


def _changed(resource: dict[str, Any], **change: Any) -> dict[str, Any]:
    item = deepcopy(resource)
    for key, value in change.items():
        if value is None:
            item.pop(key, None)
        else:
            item[key] = value
    return item


def _quantity(value: object, unit: str = "pg/mL", **more: Any) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit, **more}


def test_a_timed_up_and_go_of_another_system(bundle) -> None:
    (item,) = bundle(_observation("89423-8", 12, "s")).accepted
    assert (item.variable, item.value, item.unit) == ("tug", 12.0, "s")


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (_changed(CTX, status="foo"), "bad-status"),
        (_changed(CTX, status=None), "bad-status"),
        (_changed(CTX, valueQuantity=_quantity(False)), "not-a-number"),
        (_changed(CTX, valueQuantity=_quantity("620")), "not-a-number"),
        (_changed(CTX, valueQuantity=_quantity(None)), "not-a-number"),
        (_changed(CTX, valueQuantity=[620]), "not-a-number"),
        (_changed(CTX, valueString="620"), "not-a-number"),
        (_changed(CTX, valueQuantity=None), "not-a-number"),
        (_changed(CTX, dataAbsentReason={"text": "error"}), "not-a-number"),
        (_changed(CTX, valueQuantity=_quantity(620, "")), "unknown-unit"),
        (_changed(CTX, valueQuantity=_quantity(620, comparator="~")), "bad-comparator"),
        (_changed(CTX, valueQuantity=_quantity(620, comparator=1)), "bad-comparator"),
        (_changed(CTX, effectiveDateTime="2026-01-05T07:40:00"), "no-zone"),
        (_changed(CTX, effectiveDateTime="2026-01"), "bad-time"),
        (_changed(CTX, effectiveDateTime=None), "bad-time"),
        (_changed(CTX, subject={"reference": "urn:uuid:none"}), "unknown-person"),
        (_changed(CTX, subject=None), "unknown-person"),
        (_changed(CTX, subject="A-0001"), "unknown-person"),
        (_observation("80942-2", -1, "{Z-score}"), "bad-check-digit"),
        (_observation("62292-8", 45, "nmol/L"), "code-unit-clash"),
        (_changed(NECK, bodySite=None), "missing-site"),
        (_changed(NECK, method=None), "missing-brand"),
        (_changed(NECK, method={"text": "brand GE"}), "missing-reference-db"),
        (_changed(NECK, valueQuantity=_quantity(-2.6, "g/cm2")), "unknown-unit"),
        (
            _changed(
                CTX,
                code={"coding": [{"system": "http://loinc.org", "code": c} for c in ("41171-0", "77370-5")]},
            ),
            "name-code-mismatch",
        ),
        (_changed(CTX, code={"text": "P1NP", "coding": CTX["code"]["coding"]}), "name-code-mismatch"),
    ],
)
def test_every_trap_has_its_reason(bundle, reasons, resource, reason) -> None:
    found = bundle(resource, _observation("1751-7", 40, "g/L"))
    assert reasons(found) == [(2, reason)]
    assert [item.row for item in found.accepted] == [3]


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (_changed(CTX, status="preliminary"), "not-final"),
        (_changed(CTX, status="entered-in-error"), "not-final"),
        (_observation("83172-7", 1, "m/s"), "other-code"),
        (_observation("30525-0", 70, "a"), "other-code"),
        (_observation("90265-0", 12, "%"), "other-code"),
        (_changed(CTX, valueQuantity=None, dataAbsentReason={"text": "error"}), "no-value"),
        ({"resourceType": "RiskAssessment"}, "other-resource"),
    ],
)
def test_what_is_passed_over_is_counted(bundle, resource, kind) -> None:
    found = bundle(resource)
    assert found.ignored[kind] >= 1
    assert not found.accepted
    assert not found.refused


def test_a_site_wins_over_the_code_of_the_forearm(bundle) -> None:
    hip = _changed(
        NECK,
        code={"coding": [{"system": "http://loinc.org", "code": "38265-5"}]},
        bodySite={"text": "total hip"},
    )
    (item,) = bundle(hip).accepted
    assert item.variable == "th_t"
    assert [said.reason for said in item.warnings] == ["name-code-mismatch"]
    (item,) = bundle(_changed(hip, bodySite=None)).accepted
    assert item.variable == "forearm_t"


def test_references_by_urn_by_id_and_by_identifier(bundle, read) -> None:
    assert bundle(_changed(CTX, subject={"reference": "Patient/p1"})).accepted
    assert bundle(_changed(CTX, subject={"identifier": {"value": "A-0001"}})).accepted
    assert not bundle(_changed(CTX, subject={"identifier": {"value": "Z"}})).accepted


def test_of_whom_a_bundle_speaks(bundle) -> None:
    relative = {"resourceType": "Patient", "id": "r", "identifier": [{"value": "B-0002"}]}
    stranger = {"resourceType": "Condition", "subject": {"identifier": {"value": "elsewhere"}}}
    assert bundle(CTX).people == {"person-1"}
    assert bundle(CTX, relative).people == {"person-1", "person-2"}
    assert bundle(CTX, stranger).people == {"person-1", ""}


def test_a_patient_who_is_two_persons_is_nobody(read, reasons) -> None:
    two = PATIENT | {"identifier": [{"value": "A-0001"}, {"value": "B-0002"}]}
    content = json.dumps(
        {"resourceType": "Bundle", "entry": [{"fullUrl": URN, "resource": two}, {"resource": CTX}]}
    )
    assert reasons(read(content.encode(), "b.json")) == [(2, "unknown-person")]


def test_a_censored_value(bundle) -> None:
    (item,) = bundle(_changed(CTX, valueQuantity=_quantity(30, comparator="<="))).accepted
    assert (item.comparator, item.usable) == ("<=", False)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"a": NaN}', "intake_json_number"),
        (b'{"a": -Infinity}', "intake_json_number"),
        (b'{"a": 1e999}', "intake_json_number"),
        (b'{"a": 1e-999}', "intake_json_number"),
        (b'{"a": 1e999999999999999999999}', "intake_json_number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "intake_json_number"),
        (b'{"a": 1, "a": 2}', "intake_json_twice"),
        (b'{"a": "\\ud800"}', "intake_nul"),
        (b'{"a": {"\\u0000": 1}}', "intake_nul"),
        (b"[" * 100_000, "intake_json_depth"),
        (b"[" * 70 + b"]" * 70, "intake_json_depth"),
        (b"{", "intake_json"),
        (b'{"a": "\xff"}', "intake_json_encoding"),
        (b'{"resourceType": "Patient"}', "intake_not_bundle"),
        (b"[]", "intake_not_bundle"),
        (b'{"resourceType": "Bundle", "entry": {}}', "intake_bundle_entries"),
    ],
)
def test_json_that_is_no_bundle(read, content, code) -> None:
    with pytest.raises(Rejected) as rejected:
        read(content, "b.json")
    assert rejected.value.code == code
    assert rejected.value.message("zh")


WHOLE = st.characters(exclude_characters="\x00", exclude_categories=("Cs",))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(WHOLE, max_size=8)
)
KEYS = st.sampled_from(
    [
        "status",
        "code",
        "coding",
        "system",
        "subject",
        "reference",
        "valueQuantity",
        "value",
        "unit",
        "effectiveDateTime",
        "bodySite",
        "method",
        "note",
        "text",
        "x",
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(changes=st.dictionaries(KEYS, VALUES, max_size=4), patient=VALUES)
def test_any_shape_is_read_or_refused(read, changes, patient) -> None:
    entries = [
        {"fullUrl": URN, "resource": PATIENT},
        {"resource": CTX},
        {"resource": CTX | {"code": CTX["code"]} | changes},
        {"resource": patient},
        patient,
    ]
    found = read(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), "b.json")
    assert len({item.row for item in found.accepted} | {item.row for item in found.refused}) + sum(
        found.ignored.values()
    ) == len(entries)


@given(VALUES)
def test_plain_json_is_read_as_it_is(value) -> None:
    assert read_json(json.dumps(value).encode()) == json.loads(
        json.dumps(value), parse_float=__import__("decimal").Decimal
    )
