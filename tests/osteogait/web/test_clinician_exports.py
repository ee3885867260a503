"""What leaves the box: the right bytes, never a name, a row of audit each, and nothing without consent."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from visitors import PASSWORD, Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.report.fhir.invariants import invariants
from osteogait.screening import battery
from osteogait.storage.records import Value
from osteogait.web.station import Station

NAMES = ("Wang Xiulan", "C-1001")


@pytest.fixture
def clinician(visitors: Visitors, known: Any) -> Visitor:
    visitor = visitors.signed_in(Role.CLINICIAN)
    visitor.get(f"/people/{known.person}/exports")
    return visitor


def export(clinician: Visitor, known: Any, **fields: str) -> Any:
    return clinician.post(f"/people/{known.person}/exports", fields)


def last_event(station: Station) -> tuple[str, str]:
    (event,) = station.audit.rows(1, None)
    return event.action, event.object


def test_the_table_holds_values_and_answers(clinician: Visitor, known: Any, station: Station) -> None:
    answer = export(clinician, known, kind="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {"osteoporosis", "mof_10y", "hip_10y", "falls_12m"} <= {row["name"] for row in rows}
    assert not any(name in answer.text for name in NAMES)
    assert last_event(station) == ("export", f"person:{known.person}")


def test_a_filter_leaves_out_what_is_not_wanted(clinician: Visitor, known: Any) -> None:
    answer = export(clinician, known, kind="csv", test="walk")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["test"] for row in rows} == {"walk"}
    assert export(clinician, known, kind="csv", since="no day").status_code == 422


def test_the_bundle_is_fhir_without_names(clinician: Visitor, known: Any) -> None:
    answer = export(clinician, known, kind="fhir")
    bundle = json.loads(answer.content)
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert {"Patient", "RiskAssessment", "DiagnosticReport", "Provenance"} <= kinds
    assert not any(name in answer.text for name in NAMES)


def test_tests_are_offered_by_the_name_on_the_screen(
    clinician: Visitor, known: Any, station: Station
) -> None:
    visit = station.store.visits_of(known.person)[-1].id
    for name in ("sppb_tandem", "test_of_a_later_version"):
        station.trials.add(visit, name, "quiet_stance", state="skipped", reason="refused", by="t")
    page = clinician.get(f"/people/{known.person}/exports").text
    title = battery.test("sppb_tandem").title
    assert f">{title}</option>" in page
    assert ">test_of_a_later_version</option>" in page


def test_conditions_are_offered_in_words(clinician: Visitor, known: Any, station: Station) -> None:
    visit = station.store.visits_of(known.person)[-1].id
    for name, variant in (("quiet_stance_closed", "closed_firm"), ("later", "of_a_later_version")):
        station.trials.add(visit, name, "quiet_stance", state="skipped", reason="x", variant=variant, by="t")
    page = clinician.get(f"/people/{known.person}/exports").text
    assert '<option value="closed_firm">eyes closed, firm floor</option>' in page
    assert ">of_a_later_version</option>" in page


def test_every_condition_of_the_batteries_has_words() -> None:
    from osteogait.web.clinician.exports import CONDITIONS

    found = {one.variant for one in battery.all_tests() if one.variant}
    assert found <= CONDITIONS.keys()


def test_the_filters_hold_for_the_bundle_too(clinician: Visitor, known: Any) -> None:
    bundle = json.loads(export(clinician, known, kind="fhir", test="walk").content)
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert "Patient" in kinds
    assert not kinds & {"RiskAssessment", "DiagnosticReport"}
    assert invariants(bundle) == ()


@pytest.mark.parametrize("kind", ["csv", "fhir", "package"])
def test_the_audit_says_whether_genotypes_left(
    clinician: Visitor, known: Any, station: Station, kind: str
) -> None:
    export(clinician, known, kind=kind)
    (event,) = station.audit.rows(1, None)
    held = any(value.variable.startswith("rs") for value in station.store.values_of(known.person))
    assert json.loads(event.details)["contains_hgr"] is held


def test_a_signed_report_is_printed_into_the_bundle(clinician: Visitor, known: Any) -> None:
    pytest.importorskip("weasyprint")
    clinician.get(f"/results/{known.result}")
    clinician.post(f"/results/{known.result}/sign", {"read": "yes", "password": PASSWORD})
    bundle = json.loads(export(clinician, known, kind="fhir").content)
    assert invariants(bundle) == ()
    resources = [entry["resource"] for entry in bundle["entry"]]
    (report,) = (one for one in resources if one["resourceType"] == "DiagnosticReport")
    assert report["status"] == "final"
    assert any(one["resourceType"] == "Binary" for one in resources)


def test_recordings_and_the_whole_record_are_archives(
    clinician: Visitor, known: Any, station: Station
) -> None:
    for kind in ("raw", "package"):
        answer = export(clinician, known, kind=kind)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            assert "manifest.json" in packed.namelist()
            if kind == "package":
                assert "record.fhir.json" in packed.namelist()
        assert not any(name in answer.headers["content-disposition"] for name in NAMES)
        assert last_event(station) == ("export", f"person:{known.person}")


def test_without_consent_only_the_person_gets_their_data(
    clinician: Visitor, known: Any, station: Station
) -> None:
    station.consents.withdraw(known.person, "test", "t")
    for kind in ("csv", "fhir", "raw"):
        assert export(clinician, known, kind=kind).status_code == 403
    assert export(clinician, known, kind="package").status_code == 200


def test_another_kind_there_is_none(clinician: Visitor, known: Any) -> None:
    assert export(clinician, known, kind="../x").status_code == 404


@pytest.mark.parametrize(("lang", "said"), [("en", "Preliminary: not yet read"), ("zh", "初步报告")])
def test_a_report_as_html_says_its_state_in_its_language(
    clinician: Visitor, known: Any, station: Station, lang: str, said: str
) -> None:
    answer = clinician.post(f"/results/{known.result}/report", {"lang": lang, "kind": "html"})
    assert said in answer.text
    assert "attachment" in answer.headers["content-disposition"]
    assert last_event(station) == ("export", f"result:{known.result}")


def test_a_signed_report_names_who_signed_and_the_stored_hash(
    clinician: Visitor, visitors: Visitors, known: Any, station: Station
) -> None:
    clinician.get(f"/results/{known.result}")
    clinician.post(f"/results/{known.result}/comment", {"comment": "seen with the X-ray"})
    clinician.post(f"/results/{known.result}/sign", {"read": "yes", "password": PASSWORD})
    page = clinician.post(f"/results/{known.result}/report", {"lang": "en", "kind": "html"}).text
    result = station.store.result(known.result)
    assert result is not None
    assert f"Final: read and signed by {visitors.account(Role.CLINICIAN).display}" in page
    assert "seen with the X-ray" in page
    assert result.sha256 in page
    assert "not yet read" not in page


def test_a_number_that_must_not_be_used_is_not_given_to_the_person(
    clinician: Visitor, known: Any, station: Station
) -> None:
    path = f"/results/{known.result}"
    for outcome, conclusion in (("falls_12m", "higher"), ("mof_10y", "other"), ("mof_10y", "not_usable")):
        clinician.get(path)
        fields = {"outcome": outcome, "conclusion": conclusion, "reason": "osteophytes"}
        clinician.post(f"{path}/override", fields)
    page = clinician.post(f"{path}/report", {"lang": "en", "kind": "html"}).text
    person = page.partition("For the clinician")[0]
    assert "today&#39;s answer must not be used" in person
    assert "in the next ten years" not in person
    assert "judges this higher than the number says" in person


def test_a_report_shows_no_genotype_once_their_consent_is_taken_back(
    clinician: Visitor, known: Any, station: Station, assessment: dict[str, Any]
) -> None:
    station.store.add_values(known.visit, [Value("rs4355801", 1.0, "1", "upload:genotype_csv")])
    values = {"rs4355801": {"value": 1.0, "unit": "1", "source": "typed"}}
    flag = {"code": "value_not_counted", "severity": "info", "message": "rs9594759: C/T is kept and shown."}
    held = {
        **assessment,
        "values": assessment["values"] | values,
        "flags": [*assessment["flags"], flag],
    }
    result = station.store.add_result(known.visit, held)

    def everywhere() -> list[bool]:
        page = clinician.get(f"/results/{result}").text
        html = clinician.post(f"/results/{result}/report", {"lang": "en", "kind": "html"}).text
        bundle = export(clinician, known, kind="fhir").text
        return ["rs4355801" in text or "C/T is kept" in text for text in (page, html, bundle)]

    clinician.get(f"/people/{known.person}/exports")
    station.consents.give(known.person, "genetics", lang="en", signer="herself", by="t")
    assert everywhere() == [True, True, True]
    station.consents.withdraw(known.person, "genetics", "t")
    assert everywhere() == [False, False, False]


def test_a_report_is_printed(clinician: Visitor, known: Any, station: Station) -> None:
    pytest.importorskip("weasyprint")
    answer = clinician.post(f"/results/{known.result}/report", {"lang": "zh", "kind": "pdf"})
    assert answer.content.startswith(b"%PDF")
    assert "inline" in answer.headers["content-disposition"]
    assert last_event(station) == ("print", f"result:{known.result}")


@pytest.mark.parametrize("fields", [{"lang": "fr", "kind": "pdf"}, {"lang": "en", "kind": "exe"}])
def test_another_form_of_report_there_is_none(clinician: Visitor, known: Any, fields: dict[str, str]) -> None:
    assert clinician.post(f"/results/{known.result}/report", fields).status_code == 404
