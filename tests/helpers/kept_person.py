"""A station with one person of whom everything is kept: tests, uploads, genotypes, a signed result, consents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from osteogait.assessment.visit import assess_visit
from osteogait.clinic.intake.measurement import ALONE
from osteogait.clinic.roles import Role
from osteogait.report.fhir.facts import Facts
from osteogait.storage.records import Person, Result, Value
from osteogait.web.example import add_example
from osteogait.web.station import Station

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
TAKEN = datetime(2026, 10, 1, 7, 40, tzinfo=UTC)
DXA_NOTES = {
    "brand": "Hologic",
    "model": "Horizon",
    "reference_db": "NHANES III",
    "side": "left",
    "day_only": True,
}
NAME = "Zhāng Qiūyuè 张秋月"
FILE_NAME = f"{NAME} DXA.csv"


@dataclass(frozen=True)
class Kept:
    """The station, the person, their last visit, and the result that was signed."""

    station: Station
    person: str
    visit: str
    result: str
    account: str


def kept_person(folder: Path) -> Kept:
    """Everything through the station's own code."""
    station = Station(folder)
    account = station.accounts.add("doctor", NAME, Role.CLINICIAN, "a long pass phrase 1", "set-up")
    person = add_example(station, account, "en")
    visit = station.store.visits_of(person)[-1].id
    _upload(station, person, visit, account.id)
    _tests(station, visit, account.id)
    document = assess_visit(station, person, visit, lang="en")
    result = station.store.add_result(visit, document)
    kept = station.store.result(result)
    assert kept is not None
    station.signatures.add(kept, account.id, "comment", comment="=HYPERLINK() is no formula here")
    station.signatures.add(kept, account.id, "sign")
    return Kept(station, person, visit, result, account.id)


def _upload(station: Station, person: str, visit: str, by: str) -> None:
    document = station.documents.keep(
        person, visit, FILE_NAME, "dxa_csv", b"site,t_score\n", {ALONE: True}, by
    )
    values = [
        Value("th_t", -1.9, "{T-score}", "upload:dxa", "-1.9", "{T-score}", TAKEN, code="38264-8",
              document_id=document.id, document_row=2, notes=DXA_NOTES, by=by),
        Value("ls_t", -1.2, "{T-score}", "upload:dxa", "-1.2", "{T-score}", TAKEN, code="38265-5",
              document_id=document.id, document_row=5, notes=DXA_NOTES | {"side": ""}, by=by),
        Value("ls_bmd", 0.78, "g/cm2", "upload:dxa", "780", "mg/cm2", TAKEN, code="24966-4",
              document_id=document.id, document_row=3, notes=DXA_NOTES | {"side": ""}, by=by),
        Value("ctx", 0.62, "ng/mL", "upload:lab", "620", "pg/mL", TAKEN, code="41171-0", document_id=document.id,
              document_row=4, notes={"fasting": "Y", "ref_low": "104", "ref_high": "1008", "lab": "Lab A"}, by=by),
        Value("pth", 3.0, "pg/mL", "upload:lab", "3", "pg/mL", TAKEN, comparator="<", by=by),
        Value("frax_mof", 14.0, "%", "typed", "14", "%", TAKEN, notes={"country": "China"}, by=by),
        Value("rs4355801", 1.0, "1", "upload:genotype", "1", None, TAKEN, notes={"alleles": "A/G"}, by=by),
        Value("stroke", "unknown", "1", "typed", "unknown", None, TAKEN, by=by),
        Value("ancestry", "chinese", "", "typed", "chinese", None, TAKEN, by=by),
    ]  # fmt: skip
    station.store.add_values(visit, values)
    (wrong,) = station.store.add_values(
        visit, [Value("weight", 510.0, "kg", "typed", "510", None, TAKEN, by=by)]
    )
    station.store.withdraw_value(wrong, by=by, reason="typing mistake")


def _tests(station: Station, visit: str, by: str) -> None:
    """A timed up and go, thirty seconds of rising, one try refused by its gate, one test not done."""
    about = station.store.visit(visit)
    assert about is not None
    first = station.store.recordings_of(about.person_id)[0]
    recording = station.store.add_recording(visit, replace(first, started=TAKEN))

    def add(test: str, state: str, measures: dict[str, tuple[float, str]], reason: str | None = None) -> None:
        flags = [{"code": "lost", "severity": "reject", "message": "6.1 % of samples lost (limit 2 %)."}]
        document = {
            "schema": "osteogait.measures/1", "protocol": test, "usable": state == "accepted",
            "flags": [] if state == "accepted" else flags, "events": {},
            "measures": {key: {"value": value, "unit": unit} for key, (value, unit) in measures.items()},
        }  # fmt: skip
        known = None if state == "skipped" else document
        station.trials.add(
            visit, test, test, state=state, by=by, measures=known, reason=reason,
            recording=None if state == "skipped" else recording,
        )  # fmt: skip

    add("timed_up_and_go", "accepted", {"tug_total": (13.2, "s"), "tug_turn_1_peak_rate": (141.0, "deg/s")})
    add("chair_stand_30s", "accepted", {"repetitions": (9, "1"), "rise_time": (1.1, "s")})
    add("quiet_stance", "rejected", {"rms_ml": (0.07, "m/s2")})
    add("one_leg", "skipped", {}, "not_safe")


def result_of(document: dict[str, Any]) -> Result:
    """An assessment document as a stored result."""
    return Result(
        "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222",
        "33333333-3333-4333-8333-333333333333", NOW, document, "a" * 64, "1.0.0", "b" * 64, "0.1.0",
    )  # fmt: skip


def facts_of(document: dict[str, Any]) -> Facts:
    """A result alone, as the command line makes it: no record of the store stands behind its values."""
    result = result_of(document)
    who = Person(result.person_id, 1954, document["person"]["sex"], NOW)
    return Facts(person=who, results=(result,), acts={result.id: ()}, states={result.id: "preliminary"})
