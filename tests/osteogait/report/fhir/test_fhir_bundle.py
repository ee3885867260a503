"""The bundle of a person: valid FHIR R4, within the project's own invariants, without a name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from kept_person import FILE_NAME, NAME, Kept, facts_of

from osteogait.errors import NotPermitted, StoreError
from osteogait.report.fhir.bundle import bundle
from osteogait.report.fhir.codes import LOINC_NOTICE, SNOMED, Terms
from osteogait.report.fhir.document_reference import Printed
from osteogait.report.fhir.facts import Facts, gather
from osteogait.report.fhir.invariants import invariants

Bundle = dict[str, Any]


def of_type(made: Bundle, kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in made["entry"] if entry["resource"]["resourceType"] == kind]


def named(made: Bundle, code: str) -> list[dict[str, Any]]:
    """Observations that carry `code`."""
    return [
        one
        for one in of_type(made, "Observation")
        if any(coding["code"] == code for coding in one["code"].get("coding", []))
    ]


def check(made: Bundle) -> None:
    """R4 by the library, then what it lets through by our own rules."""
    for entry in made["entry"]:
        get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
    get_fhir_model_class("Bundle").model_validate(made)
    assert invariants(made) == ()
    json.dumps(made, allow_nan=False)


def test_everything_of_a_person_is_valid(sent: Bundle, licensed: Bundle) -> None:
    check(sent)
    check(licensed)
    kinds = Counter(entry["resource"]["resourceType"] for entry in sent["entry"])
    assert kinds["Patient"] == 1
    assert set(kinds) == {
        "Patient", "Device", "Observation", "RiskAssessment", "DiagnosticReport", "DocumentReference", "Consent",
        "AuditEvent", "Provenance",
    }  # fmt: skip


def test_in_chinese_with_all_terms(facts: Facts) -> None:
    made = bundle(facts, Terms(snomed=True, unverified=True, lang="zh"), purpose="transaction")
    check(made)
    assert {one["code"]["text"] for one in of_type(made, "RiskAssessment")} == {
        "骨折风险评估",
        "跌倒风险评估",
    }


def test_every_kind_of_result_is_valid(document: dict[str, Any]) -> None:
    made = bundle(facts_of(document))
    check(made)
    assert len(of_type(made, "RiskAssessment")) == 2
    assert {one["status"] for one in of_type(made, "DiagnosticReport")} == {"preliminary"}


def test_the_same_content_gives_the_same_bundle(facts: Facts, sent: Bundle) -> None:
    assert bundle(facts) == sent


def test_a_transaction_can_be_repeated(licensed: Bundle) -> None:
    for entry in licensed["entry"]:
        kind, request = entry["resource"]["resourceType"], entry["request"]
        if kind == "Patient":
            system, value = (entry["resource"]["identifier"][0][key] for key in ("system", "value"))
            assert request == {
                "method": "POST",
                "url": "Patient",
                "ifNoneExist": f"identifier={system}|{value}",
            }
            assert "id" not in entry["resource"]
        else:
            assert request == {"method": "PUT", "url": f"{kind}/{entry['resource']['id']}"}


def test_no_name_of_anybody_leaves_the_box(sent: Bundle, licensed: Bundle) -> None:
    for made in (sent, licensed):
        text = json.dumps(made, ensure_ascii=False)
        for secret in (NAME, FILE_NAME, "Example person", "EXAMPLE-1", "doctor"):
            assert secret not in text


def test_snomed_only_by_switch_and_unverified_codes_only_by_theirs(sent: Bundle, licensed: Bundle) -> None:
    assert SNOMED not in json.dumps(sent)
    assert SNOMED in json.dumps(licensed)
    assert "6768-6" not in json.dumps(licensed)


def test_the_loinc_notice_is_in_every_report(sent: Bundle) -> None:
    assert all(LOINC_NOTICE in one["conclusion"] for one in of_type(sent, "DiagnosticReport"))


def test_a_signed_report_is_final_and_says_by_whom(kept: Kept, sent: Bundle) -> None:
    reports = {one["identifier"][0]["value"]: one for one in of_type(sent, "DiagnosticReport")}
    signed = reports.pop(kept.result)
    assert signed["status"] == "final"
    assert signed["resultsInterpreter"][0]["identifier"]["value"] == kept.account
    assert "=HYPERLINK() is no formula here" in signed["conclusion"]
    (waiting,) = reports.values()
    assert waiting["status"] == "preliminary"
    assert "resultsInterpreter" not in waiting
    activities = [one["activity"]["text"] for one in of_type(sent, "Provenance")]
    assert sorted(activities) == ["assessment", "assessment", "comment", "read from a file", "sign"]


def test_provenance_names_the_hash_of_the_document(kept: Kept, sent: Bundle) -> None:
    stored = kept.station.store.result(kept.result)
    assert stored is not None
    acts = [one for one in of_type(sent, "Provenance") if one["activity"]["text"] == "sign"]
    assert acts[0]["entity"][0]["what"]["identifier"]["value"] == stored.sha256


def test_the_printed_report_is_inside_when_given(kept: Kept, facts: Facts) -> None:
    printed = Printed(kept.result, "zh", b"%PDF-1.7 a page")
    made = bundle(facts, printed={kept.result: printed})
    check(made)
    (binary,) = of_type(made, "Binary")
    (form,) = (one["presentedForm"] for one in of_type(made, "DiagnosticReport") if "presentedForm" in one)
    assert form[0]["url"] == f"urn:uuid:{binary['id']}"
    assert form[0]["size"] == len(printed.content)


def test_one_result_alone(kept: Kept, facts: Facts) -> None:
    made = bundle(facts.of_result(kept.result))
    check(made)
    assert len(of_type(made, "DiagnosticReport")) == 1
    with pytest.raises(StoreError) as missing:
        facts.of_result("nothing")
    assert missing.value.code == "store_no_result"


def test_genotypes_need_their_consent_and_are_marked(kept: Kept, facts: Facts, sent: Bundle) -> None:
    assert facts.has_genotypes
    assert sent["meta"]["tag"][0]["code"] == "contains-hgr"
    (genotype,) = named(sent, "69548-6")
    assert genotype["meta"]["tag"][0]["code"] == "contains-hgr"
    kept.station.consents.withdraw(kept.person, "genetics", kept.account)
    try:
        without = gather(kept.station, kept.person)
        made = bundle(without)
        check(made)
        assert without.withheld == 1
        assert "rs4355801" not in json.dumps(made)
        assert "meta" not in made
        notes = [note["text"] for one in of_type(made, "RiskAssessment") for note in one["note"]]
        assert any("1 genotypes that were used are left out" in note for note in notes)
        assert gather(kept.station, kept.person, own=True).has_genotypes  # their own data
    finally:
        kept.station.consents.give(kept.person, "genetics", lang="en", signer="herself", by=kept.account)


def test_without_consent_nothing_leaves_but_to_the_person(kept: Kept) -> None:
    kept.station.consents.withdraw(kept.person, "test", kept.account)
    try:
        with pytest.raises(NotPermitted) as refused:
            gather(kept.station, kept.person)
        assert refused.value.code == "no_consent"
        held = bundle(gather(kept.station, kept.person, own=True))
        withdrawn = [one for one in of_type(held, "Consent") if one["status"] == "inactive"]
        assert len(withdrawn) == 1
        assert "end" in withdrawn[0]["provision"]["period"]
    finally:
        kept.station.consents.give(kept.person, "test", lang="en", signer="herself", by=kept.account)


def test_nobody_and_erased_people_have_no_bundle(kept: Kept) -> None:
    with pytest.raises(StoreError):
        gather(kept.station, "nobody")


def test_an_amended_report_names_what_it_replaces(cases: dict[str, Callable[[str], Any]]) -> None:
    facts = facts_of(cases["everything"]("en"))
    (result,) = facts.results
    newer = replace(result, supersedes="44444444-4444-4444-8444-444444444444")
    made = bundle(replace(facts, results=(newer,), states={result.id: "amended"}))
    check(made)
    (made_by,) = of_type(made, "Provenance")
    assert made_by["entity"][1]["role"] == "revision"
    assert {one["status"] for one in of_type(made, "RiskAssessment")} == {"amended"}


def test_the_first_page_does_not_load_it() -> None:
    program = (
        "import sys, osteogait.report.fhir.bundle, osteogait.report.exports.package\n"
        "heavy = {'sqlalchemy', 'numpy', 'jinja2', 'fhir', 'scipy', 'onnxruntime'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
