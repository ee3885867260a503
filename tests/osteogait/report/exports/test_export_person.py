"""The table of a person, their recordings, and everything of them in one file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kept_person import FILE_NAME, NAME, TAKEN, Kept, facts_of

from gaitsignal.readers import read_recording
from osteogait.report.exports.archive import archive
from osteogait.report.exports.package import person_package
from osteogait.report.exports.person_table import HEADER, person_csv
from osteogait.report.exports.raw import raw_zip
from osteogait.report.exports.wanted import Wanted, narrowed
from osteogait.report.fhir.bundle import bundle
from osteogait.report.fhir.document_reference import Printed
from osteogait.report.fhir.element import category
from osteogait.report.fhir.facts import Facts
from osteogait.report.fhir.invariants import invariants


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


# --- table ----------------------------------------------------------------------------------------------------------


def test_every_value_measure_and_answer_has_a_row(facts: Facts) -> None:
    rows = rows_of(person_csv(facts))
    assert tuple(rows[0]) == HEADER
    assert {row["person"] for row in rows} == {facts.person.id}
    values = [row for row in rows if row["kind"] == "value"]
    assert len(values) == len(facts.values)
    measures = [row for row in rows if row["kind"] == "measure" and row["name"]]
    assert len(measures) == sum(len(one.measures["measures"]) for one in facts.trials if one.measures)
    assert len([row for row in rows if row["kind"] == "result"]) == 4 * len(facts.results)


def test_a_row_keeps_what_was_written_beside_what_is_stored(facts: Facts) -> None:
    (row,) = (one for one in rows_of(person_csv(facts)) if one["name"] == "ctx" and one["document"])
    assert (row["value"], row["unit"]) == ("0.62", "ng/mL")
    assert (row["written_value"], row["written_unit"]) == ("620", "pg/mL")
    assert (row["code"], row["document_row"]) == ("41171-0", "4")
    assert row["taken_at"] == "2026-10-01T07:40:00+00:00"


def test_withdrawn_refused_and_skipped_are_told(facts: Facts) -> None:
    rows = rows_of(person_csv(facts))
    (withdrawn,) = (row for row in rows if row["withdrawn"])
    assert (withdrawn["name"], withdrawn["reason"]) == ("weight", "typing mistake")
    assert {row["usable"] for row in rows if row["state"] == "rejected"} == {"false"}
    (skipped,) = (row for row in rows if row["state"] == "skipped")
    assert (skipped["test"], skipped["name"], skipped["value"], skipped["reason"]) == (
        "one_leg",
        "",
        "",
        "not_safe",
    )


def test_genotypes_are_marked(facts: Facts) -> None:
    (row,) = (row for row in rows_of(person_csv(facts)) if row["handling"])
    assert (row["name"], row["handling"]) == ("rs4355801", "contains HGR")


def test_answers_are_percent_with_their_interval(kept: Kept, facts: Facts) -> None:
    stored = kept.station.store.result(kept.result)
    assert stored is not None
    hip = stored.assessment["fracture_10y"]["hip"]
    (row,) = (
        row for row in rows_of(person_csv(facts)) if row["record"] == kept.result and row["name"] == "hip_10y"
    )
    assert float(row["value"]) == round(hip["probability"] * 100, 4)
    assert float(row["low"]) == round(hip["interval"][0] * 100, 4)
    assert (row["state"], row["unit"]) == ("final", "%")
    assert stored.model_sha256 in row["made_by"]


def test_every_kind_of_result_has_its_rows(document: dict[str, Any]) -> None:
    rows = rows_of(person_csv(facts_of(document)))
    assert [row["name"] for row in rows] == ["osteoporosis", "mof_10y", "hip_10y", "falls_12m"]
    assert all(row["value"] or row["reason"] == "not computed" for row in rows)


def test_a_formula_in_a_reason_is_text(facts: Facts) -> None:
    spoiled = replace(facts, trials=(replace(facts.trials[0], reason='=cmd|"/C calc"!A0'),))
    row = next(row for row in rows_of(person_csv(spoiled)) if row["kind"] == "measure")
    assert row["reason"].startswith("'=")


# --- filters --------------------------------------------------------------------------------------------------------


def test_tests_and_conditions_can_be_chosen(facts: Facts) -> None:
    rows = rows_of(person_csv(facts, Wanted(tests=frozenset({"walk"}))))
    assert rows
    assert {row["test"] for row in rows} == {"walk"}
    closed = rows_of(person_csv(facts, Wanted(conditions=frozenset({"open_firm"}))))
    assert closed
    assert {row["condition"] for row in closed} == {"open_firm"}
    assert rows_of(person_csv(facts, Wanted(tests=frozenset({"none"})))) == []


def test_days_can_be_chosen(facts: Facts) -> None:
    day = TAKEN.date()
    rows = rows_of(person_csv(facts, Wanted(since=day, until=day)))
    assert {row["taken_at"][:10] for row in rows} == {day.isoformat()}
    before = Wanted(until=date(1999, 1, 1))
    assert rows_of(person_csv(facts, before)) == []
    assert not before.on(None)
    assert Wanted().on(None)
    assert Wanted(since=day).on(TAKEN + timedelta(days=1))
    night = datetime(2026, 1, 4, 23, 40, tzinfo=UTC)
    assert Wanted(since=date(2026, 1, 5)).on(night, {"zone": "+0800"})
    assert not Wanted(since=date(2026, 1, 5)).on(night, {"zone": "+0000"})
    assert not Wanted(since=day).on(TAKEN - timedelta(days=1))


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(tests=frozenset({"walk"})),
        Wanted(conditions=frozenset({"open_firm"})),
        Wanted(since=date(2026, 11, 1)),
        Wanted(until=TAKEN.date()),
        Wanted(since=date(2990, 1, 1)),
        Wanted(),
    ],
)
def test_a_bundle_of_what_is_wanted_is_whole(facts: Facts, wanted: Wanted) -> None:
    made = bundle(narrowed(facts, wanted))
    assert invariants(made) == ()
    tried = [one["resource"] for one in made["entry"] if one["resource"].get("category") == category("exam")]
    if wanted.tests:
        assert len(tried) == sum(one.test in wanted.tests for one in facts.trials)
    if wanted == Wanted():
        assert made == bundle(facts)


# --- recordings -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def raw(kept: Kept, facts: Facts) -> dict[str, bytes]:
    return opened(raw_zip(facts, kept.station.recordings))


def test_recordings_come_with_table_side_file_facts_and_original(
    kept: Kept, facts: Facts, raw: dict[str, bytes]
) -> None:
    folders = {name.split("/")[0] for name in raw if "/" in name}
    assert len(folders) == sum(one.recording_id is not None for one in facts.trials)
    for folder in folders:
        about = json.loads(raw[f"{folder}/facts.json"])
        assert about["unchanged"] is True
        assert hashlib.sha256(raw[f"{folder}/original.ogrec"]).hexdigest() == about["sha256_kept"]
        assert about["placement"] == "lower_back"
        assert about["serial"]
        assert about["fs_hz"] == pytest.approx(100, abs=0.1)
        assert about["units"]["gyr_x"] == "rad/s"
        assert {"axes", "driver", "firmware", "settings", "started_utc", "lost", "samples"} <= set(about)


def test_the_table_is_what_measure_reads(facts: Facts, raw: dict[str, bytes], tmp_path: Path) -> None:
    folder = next(name.split("/")[0] for name in raw if "walk" in name)
    for suffix in ("csv", "json"):
        (tmp_path / f"samples.{suffix}").write_bytes(raw[f"{folder}/samples.{suffix}"])
    recording = read_recording(tmp_path / "samples.csv", height_m=None)
    about = json.loads(raw[f"{folder}/facts.json"])
    assert int(recording.measured.sum()) == about["samples"]
    assert recording.site == "lower_back"


def test_the_same_recordings_give_the_same_bytes(kept: Kept, facts: Facts) -> None:
    assert raw_zip(facts, kept.station.recordings) == raw_zip(facts, kept.station.recordings)


def test_recordings_of_one_test(kept: Kept, facts: Facts) -> None:
    found = opened(raw_zip(facts, kept.station.recordings, Wanted(tests=frozenset({"walk"}))))
    assert {name.split("_")[1] for name in found if "/" in name} == {"walk"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_recording_that_is_gone_is_named_with_the_reason(facts: Facts, tmp_path: Path, lang: str) -> None:
    moved = {key: replace(one, path="gone.ogrec") for key, one in facts.recordings.items()}
    found = opened(raw_zip(replace(facts, recordings=moved), tmp_path, lang=lang))
    assert set(found) == {"manifest.json"}
    left_out = json.loads(found["manifest.json"])["left_out"]
    assert len(left_out) == sum(one.recording_id is not None for one in facts.trials)
    assert all(reason and str(tmp_path) not in reason for reason in left_out.values())


def test_a_changed_recording_says_so(facts: Facts, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time_s\n")
    moved = {key: replace(one, path="a.csv") for key, one in facts.recordings.items()}
    found = opened(raw_zip(replace(facts, recordings=moved), tmp_path))
    about = [json.loads(content) for name, content in found.items() if name.endswith("facts.json")]
    assert about
    assert not any(one["unchanged"] for one in about)


def test_a_damaged_recording_is_left_out_with_the_reason(facts: Facts, tmp_path: Path) -> None:
    (tmp_path / "a.ogrec").write_bytes(b"not a recording")
    moved = {key: replace(one, path="a.ogrec") for key, one in facts.recordings.items()}
    manifest = json.loads(opened(raw_zip(replace(facts, recordings=moved), tmp_path))["manifest.json"])
    assert manifest["files"] == {}
    assert manifest["left_out"]


# --- package --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def package(kept: Kept) -> dict[str, bytes]:
    printed = {kept.result: Printed(kept.result, "zh", b"%PDF-1.7 a page")}
    return opened(person_package(kept.station, kept.person, lang="zh", printed=printed))


def test_everything_is_in_the_package_and_in_its_manifest(package: dict[str, bytes], kept: Kept) -> None:
    manifest = json.loads(package["manifest.json"])
    assert set(manifest["files"]) == set(package) - {"manifest.json"}
    for name, about in manifest["files"].items():
        assert about == {"bytes": len(package[name]), "sha256": hashlib.sha256(package[name]).hexdigest()}
    assert manifest["contains_hgr"] is True
    assert manifest["person"] == kept.person
    kinds = {name.split("/")[0] for name in package}
    assert kinds == {
        "README.txt", "manifest.json", "record.csv", "record.fhir.json", "recordings", "originals", "reports",
    }  # fmt: skip


def test_its_bundle_holds_the_invariants(package: dict[str, bytes]) -> None:
    made = json.loads(package["record.fhir.json"])
    assert invariants(made) == ()
    kinds = {entry["resource"]["resourceType"] for entry in made["entry"]}
    assert {"Binary", "AuditEvent", "Consent", "Provenance"} <= kinds


def test_nobody_is_named_in_it_but_by_an_original(package: dict[str, bytes]) -> None:
    for name, content in package.items():
        assert "秋月" not in name
        assert "Example" not in name
        if not name.startswith("originals/"):
            for secret in (NAME, FILE_NAME, "EXAMPLE-1"):
                assert secret.encode() not in content
    assert "可能含有姓名" in package["README.txt"].decode()
    assert "人类遗传资源" in package["README.txt"].decode()
    originals = [content for name, content in package.items() if name.startswith("originals/")]
    assert originals == [b"site,t_score\n"]


def test_the_person_gets_it_without_any_consent(kept: Kept) -> None:
    for purpose in ("test", "genetics"):
        kept.station.consents.withdraw(kept.person, purpose, kept.account)
    try:
        assert "record.csv" in opened(person_package(kept.station, kept.person))
    finally:
        for purpose in ("test", "genetics"):
            kept.station.consents.give(kept.person, purpose, lang="en", signer="herself", by=kept.account)


def test_an_archive_is_the_same_bytes_for_the_same_content() -> None:
    first = archive({"b": b"2", "a": b"1"}, {"x": 1})
    assert first == archive({"a": b"1", "b": b"2"}, {"x": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        archive({}, {"x": float("nan")})
