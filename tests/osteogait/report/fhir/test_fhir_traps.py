"""Traps of FHIR, LOINC and UCUM, one test each; and that the invariants see what the libraries let through."""

from __future__ import annotations

import copy
import csv
import io
import json
import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from kept_person import TAKEN, Kept, result_of

from osteogait.clinic.intake.code_table import dxa_code, dxa_variable, known_lab_codes, site_of
from osteogait.clinic.intake.loinc import is_loinc
from osteogait.clinic.intake.variable import family
from osteogait.report.document import OUTCOMES
from osteogait.report.exports.person_table import person_csv
from osteogait.report.fhir import codes
from osteogait.report.fhir.bundle import bundle
from osteogait.report.fhir.codes import LOINC, UCUM, Terms
from osteogait.report.fhir.facts import gather
from osteogait.report.fhir.invariants import invariants
from osteogait.report.fhir.observation import observation
from osteogait.report.fhir.prediction import predictions
from osteogait.report.fhir.risk_assessment import risk_assessments
from osteogait.storage.records import Value

Bundle = dict[str, Any]


def of_type(made: Bundle, kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in made["entry"] if entry["resource"]["resourceType"] == kind]


def loinc_of(resource: Mapping[str, Any]) -> list[str]:
    return [item["code"] for item in resource["code"].get("coding", []) if item["system"] == LOINC]


def shown(variable: str, value: float | str, unit: str, **more: Any) -> dict[str, Any]:
    held = Value(variable, value, unit, "typed", id="55555555-5555-4555-8555-555555555555", **more)
    return observation(held, "p", Terms())


# --- probability and time -------------------------------------------------------------------------------------------


def test_chances_are_percent_and_stand_also_in_an_observation(kept: Kept, sent: Bundle) -> None:
    stored = kept.station.store.result(kept.result)
    assert stored is not None
    expected = round(stored.assessment["fracture_10y"]["mof"]["probability"] * 100, 4)
    risk = next(
        one
        for one in of_type(sent, "RiskAssessment")
        if one["status"] == "final"
        and "percentage (0-100)" in one["note"][0]["text"]
        and len(one["prediction"]) == 2
    )
    assert risk["prediction"][0]["probabilityDecimal"] == expected
    chances = [
        one for one in of_type(sent, "Observation")
        if one["status"] == "final" and one["code"].get("coding", [{}])[0].get("code") == "mof-10y"
    ]  # fmt: skip
    assert chances[0]["valueQuantity"] == {"value": expected, "unit": "%", "system": UCUM, "code": "%"}
    low, high = (part["valueQuantity"]["value"] for part in chances[0]["component"])
    assert low <= expected <= high


@pytest.mark.parametrize(("lang", "said"), [("en", "must not be used"), ("zh", "医生认为不可采用")])
def test_what_a_clinician_overrode_goes_out_with_the_number(kept: Kept, lang: str, said: str) -> None:
    facts = gather(kept.station, kept.person)
    signed = facts.acts[kept.result][-1]
    act = replace(
        signed, id=str(uuid.uuid4()), kind="override", comment="the hip is replaced",
        override={"outcome": OUTCOMES.index("hip_10y"), "conclusion": "not_usable"},
    )  # fmt: skip
    facts = replace(facts, acts={**facts.acts, kept.result: (act, signed)})
    made = bundle(facts, Terms(lang=lang))
    assert invariants(made) == ()
    told = [
        one for kind in ("RiskAssessment", "Observation", "DiagnosticReport") for one in of_type(made, kind)
        if said in str(one.get("note", "")) + one.get("conclusion", "")
    ]  # fmt: skip
    assert [one["resourceType"] for one in told] == ["RiskAssessment", "Observation", "DiagnosticReport"]
    assert all("the hip is replaced" in str(one) for one in told)
    rows = list(csv.DictReader(io.StringIO(person_csv(facts).decode("utf-8-sig"))))
    overridden = {row["name"] for row in rows if row["reason"] == "override: not_usable"}
    assert overridden == {"hip_10y"}


def test_when_range_is_an_age_and_falls_are_of_the_past(kept: Kept, sent: Bundle) -> None:
    stored = kept.station.store.result(kept.result)
    assert stored is not None
    age = stored.assessment["person"]["age"]
    for risk in of_type(sent, "RiskAssessment"):
        ends = (age, age + 10) if len(risk["prediction"]) == 2 else (age - 1, age)
        for prediction in risk["prediction"]:
            low, high = prediction["whenRange"]["low"], prediction["whenRange"]["high"]
            assert (low["value"], high["value"]) == ends
            assert (low["code"], high["code"]) == ("a", "a")


def test_the_basis_is_every_input_and_nothing_else(kept: Kept, sent: Bundle) -> None:
    stored = kept.station.store.result(kept.result)
    assert stored is not None
    held = stored.assessment
    ours = {one["id"] for one in of_type(sent, "Observation") if "derivedFrom" in one}
    used = {
        part["feature"]
        for outcome in ("mof_10y", "hip_10y")
        for part in held["contributions"][outcome]["features"]
    }
    records = {held["values"][name]["record"] for name in used if "record" in held["values"].get(name, {})}
    assert records
    trials = {one["trial"] for one in held["recordings"]}
    risk = next(
        one
        for one in of_type(sent, "RiskAssessment")
        if one["status"] == "final" and len(one["prediction"]) == 2
    )
    basis = {one["reference"].removeprefix("urn:uuid:") for one in risk["basis"]}
    assert records <= basis
    assert basis - records - trials == {kept.person}  # age and sex are the Patient's
    assert not basis & ours


def test_what_was_measured_and_not_used_is_no_basis(sent: Bundle) -> None:
    refused = {
        one["id"]
        for one in of_type(sent, "Observation")
        if "dataAbsentReason" in one or one["status"] in ("cancelled", "entered-in-error")
    }
    assert len(refused) >= 4  # a failed gate, a test not done, an unknown answer, a withdrawn weight
    for risk in of_type(sent, "RiskAssessment"):
        assert not refused & {one["reference"].removeprefix("urn:uuid:") for one in risk["basis"]}


# --- refused numbers ------------------------------------------------------------------------------------------------


def test_a_failed_gate_leaves_a_reason_and_no_number(sent: Bundle) -> None:
    (failed,) = (
        one
        for one in of_type(sent, "Observation")
        if "6.1 %" in one.get("dataAbsentReason", {}).get("text", "")
    )
    assert "valueQuantity" not in failed
    assert failed["dataAbsentReason"]["coding"][0]["code"] == "error"
    assert [part["valueCodeableConcept"]["coding"][0]["code"] for part in failed["component"]] == ["fail"]


def test_a_test_not_done_says_why(sent: Bundle) -> None:
    (skipped,) = (one for one in of_type(sent, "Observation") if one["status"] == "cancelled")
    assert skipped["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert "not_safe" in skipped["dataAbsentReason"]["text"]
    assert "device" not in skipped


def test_a_chance_that_was_not_computed_leaves_a_reason(cases: dict[str, Callable[[str], Any]]) -> None:

    result = result_of(cases["too_young"]("en"))
    answers = predictions(result, "preliminary", Terms())
    assert [one.get("valueCodeableConcept", {}).get("coding", [{}])[0].get("code") for one in answers] == [
        "below-expected-for-age", None, None, None
    ]  # fmt: skip
    assert all("no risk is given at 34 years" in one["dataAbsentReason"]["text"] for one in answers[1:])
    for risk in risk_assessments(result, "preliminary", Terms()):
        assert all("probabilityDecimal" not in one and one["rationale"] for one in risk["prediction"])


def test_asked_and_not_known_is_not_no() -> None:
    assert shown("stroke", "unknown", "1")["dataAbsentReason"]["coding"][0]["code"] == "asked-unknown"
    assert shown("stroke", 0.0, "1")["valueBoolean"] is False
    assert shown("stroke", 1.0, "1")["valueBoolean"] is True


# --- codes and units ------------------------------------------------------------------------------------------------


def every_loinc() -> set[str]:
    found: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for item in part.values():
                walk(item)
        elif isinstance(part, list):
            for item in part:
                walk(item)
        elif isinstance(part, str) and part.replace("-", "").isdigit() and part[-2:-1] == "-":
            found.add(part)

    walk(codes.tables())
    return found


def test_every_loinc_code_has_its_check_digit() -> None:
    found = every_loinc()
    assert len(found) > 60
    assert [code for code in sorted(found) if not is_loinc(code)] == []
    assert "80942-2" not in found


def test_codes_that_do_not_exist_or_mean_something_else_are_not_used() -> None:
    deprecated_or_invented = {"41909-3", "96341-8", "96343-4", "83172-7", "41957-2", "41956-4", "2722-7"}
    assert not every_loinc() & deprecated_or_invented


@pytest.mark.parametrize(("variable", "entries"), codes.tables()["laboratory"].items())
def test_laboratory_codes_are_read_back_as_the_same_variable(variable: str, entries: list[Any]) -> None:
    for entry in entries:
        known = known_lab_codes()[entry["code"]]
        assert known["variable"] == variable
        assert known["family"] == entry["family"]


@pytest.mark.parametrize("site", codes.tables()["dxa"])
@pytest.mark.parametrize("measure", ["bmd", "t", "z"])
@pytest.mark.parametrize("side", codes.SIDES)
def test_bone_density_is_read_back_as_the_same_variable(site: str, measure: str, side: str) -> None:
    unit = {"bmd": "g/cm2", "t": "{T-score}", "z": "{Z-score}"}[measure]
    made = shown(f"{site}_{measure}", -1.5, unit, notes={"side": side})
    found = loinc_of(made)
    if site == "heel" and measure == "z" and not side:  # LOINC has it by side only
        assert found == []
        return
    meaning = dxa_code(found[0])
    assert meaning is not None
    assert meaning.measure == measure
    assert meaning.side in ("", side)
    written = site_of((), made["bodySite"]["text"])
    assert dxa_variable(written, measure) == f"{site}_{measure}"
    assert made["bodySite"]["text"].startswith(side)


def test_the_forearm_code_is_for_the_forearm_only() -> None:
    assert loinc_of(shown("forearm_t", -2.0, "{T-score}")) == ["38265-5"]
    for variable in ("fn_t", "th_t", "ls_t"):
        assert loinc_of(shown(variable, -2.0, "{T-score}")) != ["38265-5"]


def test_the_code_follows_the_unit() -> None:
    assert loinc_of(shown("vit_d25oh", 47.4, "nmol/L")) == ["68438-1"]
    as_written = shown("vit_d25oh", 47.424, "nmol/L", written_value="19", written_unit="ng/mL")
    assert loinc_of(as_written) == ["62292-8"]
    assert as_written["valueQuantity"] == {"value": 19.0, "unit": "ng/mL", "system": UCUM, "code": "ng/mL"}
    assert loinc_of(shown("calcium", 2.3, "mmol/L")) == ["2000-8"]
    assert loinc_of(shown("pth", 3.0, "pmol/L")) == ["14866-8"]


def test_what_was_written_and_is_no_plain_number_goes_out_as_stored() -> None:
    made = shown("ctx", 0.41, "ng/mL", written_value="４１０", written_unit="pg/mL")
    assert made["valueQuantity"]["value"] == 0.41
    assert made["valueQuantity"]["code"] == "ng/mL"


def test_a_censored_value_keeps_its_sign() -> None:
    made = shown("pth", 3.0, "pg/mL", comparator="<", written_value="3", written_unit="pg/mL")
    assert made["valueQuantity"]["comparator"] == "<"


def test_a_day_without_a_time_stays_a_day() -> None:
    assert (
        shown("th_t", -1.0, "{T-score}", taken_at=TAKEN, notes={"day_only": True})["effectiveDateTime"]
        == "2026-10-01"
    )
    assert (
        shown("th_t", -1.0, "{T-score}", taken_at=TAKEN)["effectiveDateTime"] == "2026-10-01T07:40:00+00:00"
    )


def test_frax_codes_are_for_a_typed_frax_alone(sent: Bundle) -> None:
    (typed,) = (one for one in of_type(sent, "Observation") if "90265-0" in loinc_of(one))
    assert "typed by the clinician; country China" in typed["note"][0]["text"]
    assert all(
        "FRAX" not in one.get("method", {}).get("text", "").replace("not FRAX", "")
        for one in of_type(sent, "Observation")
    )
    assert all(not loinc_of(one) for one in of_type(sent, "Observation") if "derivedFrom" in one)


def test_units_are_ucum(sent: Bundle) -> None:
    assert codes.ucum("mg HA/cm3") == "mg/cm3"
    assert codes.ucum("1/mm") == "/mm"
    written = json.dumps(sent)
    for no_ucum in ('"mg HA/cm3"', '"steps/min", "system"', '"code": "1/mm"'):
        assert f'"code": {no_ucum}' not in written


def test_measures_of_the_sensor_have_codes_of_the_project(sent: Bundle) -> None:
    parts = [part for one in of_type(sent, "Observation") for part in one.get("component", [])]
    systems = {coding["system"] for part in parts for coding in part["code"]["coding"]}
    assert systems == {LOINC, f"{codes.BASE}/CodeSystem/measure"}


def test_a_site_with_an_address_of_its_own_uses_it() -> None:
    held = Value("tbs", 1.2, "1", "typed", id="x")
    made = observation(held, "p", Terms(base="https://clinic.example/og"))
    assert made["code"]["coding"][0]["system"] == "https://clinic.example/og/CodeSystem/measure"


# --- what the libraries let through ---------------------------------------------------------------------------------


def first(made: Bundle, kind: str, element: str) -> dict[str, Any]:
    return next(one for one in of_type(made, kind) if element in one)


def spoil_status(made: Bundle) -> None:
    first(made, "RiskAssessment", "prediction")["status"] = "foo"


def spoil_probability(made: Bundle) -> None:
    first(made, "RiskAssessment", "prediction")["prediction"][0]["probabilityDecimal"] = 140


def spoil_finite(made: Bundle) -> None:
    first(made, "Observation", "valueQuantity")["valueQuantity"]["value"] = math.nan


def spoil_number(made: Bundle) -> None:
    first(made, "Observation", "valueQuantity")["valueQuantity"]["value"] = "1.0"


def spoil_boolean(made: Bundle) -> None:
    first(made, "Observation", "valueQuantity")["valueQuantity"]["value"] = False


def spoil_value(made: Bundle) -> None:
    first(made, "Observation", "valueQuantity")["valueString"] = "two values"


def spoil_when(made: Bundle) -> None:
    first(made, "RiskAssessment", "prediction")["prediction"][0]["whenPeriod"] = {"start": "2026-01-01"}


def spoil_ages(made: Bundle) -> None:
    ages = first(made, "RiskAssessment", "prediction")["prediction"][0]["whenRange"]
    ages["low"]["value"], ages["high"]["value"] = 0, 10


def spoil_age_unit(made: Bundle) -> None:
    first(made, "RiskAssessment", "prediction")["prediction"][0]["whenRange"]["high"]["code"] = "mo"


def spoil_zone(made: Bundle) -> None:
    first(made, "Observation", "effectiveDateTime")["effectiveDateTime"] = "2026-01-05T09:31:00"


def spoil_issued(made: Bundle) -> None:
    first(made, "DiagnosticReport", "issued")["issued"] = "2026-01-05"


def spoil_reference(made: Bundle) -> None:
    first(made, "RiskAssessment", "basis")["basis"][0]["reference"] = "Foo/1"


def spoil_unit(made: Bundle) -> None:
    quantity = next(
        one["valueQuantity"] for one in of_type(made, "Observation") if "62292-8" in loinc_of(one)
    )
    quantity["code"] = quantity["unit"] = "nmol/L"


def spoil_digit(made: Bundle) -> None:
    next(one for one in of_type(made, "Observation") if loinc_of(one))["code"]["coding"][0]["code"] = (
        "80942-2"
    )


def spoil_empty(made: Bundle) -> None:
    first(made, "Observation", "method")["method"]["text"] = ""


def spoil_text(made: Bundle) -> None:
    first(made, "Observation", "method")["method"]["text"] = "a\x00b"


def spoil_absent(made: Bundle) -> None:
    first(made, "Observation", "valueQuantity")["dataAbsentReason"] = {"text": "why"}


def spoil_nothing(made: Bundle) -> None:
    del first(made, "Observation", "valueBoolean")["valueBoolean"]


def spoil_address(made: Bundle) -> None:
    made["entry"][1]["fullUrl"] = made["entry"][0]["fullUrl"]


SPOILED = {
    spoil_status: "status", spoil_probability: "percent", spoil_finite: "finite", spoil_number: "number",
    spoil_boolean: "number", spoil_value: "one_type", spoil_when: "one_type", spoil_ages: "age_range",
    spoil_age_unit: "age_range", spoil_zone: "zone", spoil_issued: "zone", spoil_reference: "dangling_reference",
    spoil_unit: "unit_fits_code", spoil_digit: "check_digit", spoil_empty: "no_empty", spoil_text: "text",
    spoil_absent: "value_or_absent", spoil_nothing: "value_or_absent", spoil_address: "one_address",
}  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_the_invariants_see_it(sent: Bundle, spoil: Callable[[Bundle], None]) -> None:
    made = copy.deepcopy(sent)
    spoil(made)
    problems = invariants(made)
    assert SPOILED[spoil] in {one.rule for one in problems}
    assert all(one.place and one.text for one in problems)


@pytest.mark.parametrize("spoil", [spoil_status, spoil_probability, spoil_reference, spoil_unit])
def test_the_library_does_not_see_it(sent: Bundle, spoil: Callable[[Bundle], None]) -> None:
    made = copy.deepcopy(sent)
    spoil(made)
    get_fhir_model_class("Bundle").model_validate(made)


def test_families_of_units_are_known_for_every_rule() -> None:
    for code, rule in codes.unit_rules().items():
        assert rule.get("family", "mass") in ("mass", "molar", "activity"), code
        assert "family" in rule or rule["units"], code
    assert family("ng/mL") == "mass"
