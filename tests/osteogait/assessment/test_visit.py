"""From what the station keeps of a person to the document of the contract: nothing guessed, nothing left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gaitsignal.synthetic import walker
from osteogait.acquire import write_csv
from osteogait.assessment.kept_values import newest_values
from osteogait.assessment.model import Model, load_model
from osteogait.assessment.translation import in_language
from osteogait.assessment.visit import assess_and_keep, assess_visit
from osteogait.clinic.kept import typed_value
from osteogait.errors import NotPermitted, Rejected
from osteogait.report.build import build_report
from osteogait.storage.audit import Audit
from osteogait.storage.consents import Consents
from osteogait.storage.records import Recording, Value
from osteogait.storage.settings import Settings
from osteogait.storage.store import Store
from osteogait.storage.trials import Trials

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
KNOWN = {"height": "156", "weight": "51", "fn_t": "-2.1", "prior_fracture": "yes", "current_smoking": "no"}


@dataclass
class ABox:
    """The parts of a station that an assessment needs."""

    store: Store
    recordings: Path
    person: str = ""
    visit: str = ""
    model_: Model = field(default_factory=load_model)

    def __post_init__(self) -> None:
        self.trials, self.consents = Trials(self.store), Consents(self.store)
        self.settings, self.audit = Settings(self.store), Audit(self.store)

    def model(self) -> Model:
        return self.model_

    def type_in(self, when: datetime = NOW, **texts: str) -> tuple[str, ...]:
        schema = self.model_.schema
        values = [
            typed_value(schema.by_id[name], text, by="c", taken_at=when)[0] for name, text in texts.items()
        ]
        return self.store.add_values(self.visit, values)

    def assess(self, lang: str = "en") -> dict[str, Any]:
        return assess_visit(self, self.person, self.visit, lang=lang)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[ABox]:
    with Store.open(tmp_path / "box.sqlite") as store:
        made = ABox(store, tmp_path / "recordings")
        made.person = store.add_person(birth_year=1954, sex="female")
        made.visit = store.add_visit(made.person, started=NOW)
        made.consents.give(made.person, "test", lang="en", signer="herself", by="t")
        made.type_in(**KNOWN)
        yield made


@pytest.fixture(scope="module")
def contract(repo: Path) -> Draft202012Validator:
    text = (repo / "docs" / "contracts" / "assessment-1.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def codes(document: dict[str, Any]) -> set[str]:
    return {flag["code"] for flag in document["flags"]}


def add_walk(box: ABox, state: str = "accepted", name: str = "walk.csv") -> str:
    folder = box.recordings / box.visit
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(walker(seed=3).recording, folder / name)
    kept = Recording(f"{box.visit}/{name}", "0" * 64, "walk", 100.0, 1000)
    recording = box.store.add_recording(box.visit, kept)
    return box.trials.add(box.visit, "walk", "walk", state=state, by="t", recording=recording)


def test_typed_values_become_a_valid_document(box: ABox, contract: Draft202012Validator) -> None:
    document = box.assess()
    contract.validate(json.loads(json.dumps(document, allow_nan=False)))
    assert document["person"] == {"age": 72.0, "sex": "female", "height": 156.0, "weight": 51.0}
    assert document["values"]["fn_t"]["value"] == -2.1
    assert document["values"]["fn_t"]["taken_at"] == NOW.isoformat()
    assert document["values"]["prior_fracture"]["value"] == 1.0
    assert document["osteoporosis"]["basis"] == "model"
    assert 0 < document["fracture_10y"]["hip"]["probability"] < 1


def test_the_result_is_kept_with_its_row_of_audit(box: ABox) -> None:
    identifier = assess_and_keep(box, box.person, box.visit, lang="en", actor="clinician")
    kept = box.store.result(identifier)
    assert kept is not None
    assert kept.visit_id == box.visit
    (event,) = box.audit.rows(1, None)
    assert (event.actor, event.action, event.object) == ("clinician", "create", f"result:{identifier}")
    again = assess_and_keep(box, box.person, box.visit, lang="en", actor="c")
    newer = box.store.result(again)
    assert newer is not None
    assert newer.supersedes == identifier
    with pytest.raises(Rejected) as refused:
        assess_and_keep(box, box.person, box.visit, lang="en", actor="c", supersedes=identifier)
    assert refused.value.code == "report_replaced"


def test_an_earlier_visit_does_not_learn_what_the_next_one_found(box: ABox) -> None:
    box.type_in(when=NOW + timedelta(days=20), weight="50")
    assert box.assess()["person"]["weight"] == 50.0  # what came soon after the visit belongs to it
    later = box.store.add_visit(box.person, started=NOW + timedelta(days=180))
    box.type_in(when=NOW + timedelta(days=180, minutes=1), weight="44")
    assert box.assess()["person"]["weight"] == 44.0  # no tests were done then
    box.trials.add(later, "walk", "walk", state="skipped", reason="tired", by="t")
    assert box.assess()["person"]["weight"] == 50.0


def test_both_languages_are_in_one_document(box: ABox) -> None:
    box.type_in(when=NOW - timedelta(days=800), ctx="0.41")
    english, chinese = box.assess("en"), box.assess("zh")
    for made, other in ((english, chinese), (chinese, english)):
        said = in_language(made, other["translation"]["lang"])
        expected = {key: item for key, item in other.items() if key not in ("translation", "created")}
        assert {key: item for key, item in said.items() if key != "created"} == expected
    page = build_report(in_language(english, "zh"), lang="zh")
    assert any("早于本次就诊" in text for _, group in page.clinic.remarks for text in group)


def test_the_newest_value_that_was_not_withdrawn_counts(box: ABox) -> None:
    (newer,) = box.type_in(when=NOW + timedelta(minutes=1), weight="49.5")
    assert box.assess()["person"]["weight"] == 49.5
    box.store.withdraw_value(newer, by="c", reason="typing mistake")
    assert box.assess()["person"]["weight"] == 51.0
    box.type_in(when=NOW - timedelta(days=30), weight="55")
    assert box.assess()["person"]["weight"] == 51.0


def test_unknown_is_not_no_and_takes_the_place_of_an_older_answer(box: ABox) -> None:
    assert box.assess()["values"]["current_smoking"]["value"] == 0.0
    box.type_in(when=NOW + timedelta(minutes=1), current_smoking="unknown")
    document = box.assess()
    assert "current_smoking" not in document["values"]
    assert any("current_smoking" in part["features"] for part in document["missing"])


@pytest.mark.parametrize("later", [True, False])
def test_a_guest_who_does_not_know_does_not_make_the_clinic_forget(later: bool) -> None:
    guest = Value("prior_fracture", "unknown", "1", "kiosk", taken_at=NOW)
    clinic = Value("prior_fracture", 1.0, "1", "typed", taken_at=NOW - timedelta(days=90))
    values = [clinic, guest] if later else [guest, clinic]
    assert newest_values(values)["prior_fracture"] is clinic
    assert newest_values([guest])["prior_fracture"] is guest
    by_a_clinician = replace(guest, source="typed")
    assert newest_values([clinic, by_a_clinician])["prior_fracture"] is by_a_clinician


def test_an_old_value_is_used_and_its_age_told(box: ABox) -> None:
    box.type_in(when=NOW - timedelta(days=800), ctx="0.41", parent_hip_fracture="yes")
    document = box.assess()
    told = [flag["message"] for flag in document["flags"] if flag["code"] == "value_old"]
    assert len(told) == 1
    assert "26 months" in told[0]
    assert document["values"]["ctx"]["value"] == 0.41


def test_a_censored_value_is_told_and_counts_as_missing(box: ABox) -> None:
    value = Value("pth", 8.0, "pg/mL", "upload:lab_csv", "8", "pg/mL", NOW, comparator="<")
    box.store.add_values(box.visit, [value])
    document = box.assess()
    assert "value_censored" in codes(document)
    assert "pth" not in document["values"]


def test_a_stored_value_that_no_longer_fits_is_told(box: ABox) -> None:
    box.store.add_values(box.visit, [Value("calcium", 99.0, "mmol/L", "upload:lab_csv", taken_at=NOW)])
    document = box.assess()
    assert "value_not_usable" in codes(document)
    assert "calcium" not in document["values"]


def test_of_two_sides_of_one_day_the_lower_t_score_counts() -> None:
    def one(t_score: float, day: int) -> Value:
        return Value(
            "th_t",
            t_score,
            "{T-score}",
            "upload:dxa_csv",
            taken_at=NOW + timedelta(days=day),
            document_id="d",
        )

    assert newest_values([one(-2.6, 0), one(-1.9, 0)])["th_t"].value == -2.6
    assert newest_values([one(-1.9, 0), one(-2.6, 0)])["th_t"].value == -2.6
    assert newest_values([one(-2.6, 0), one(-1.9, 1)])["th_t"].value == -1.9


def test_morning_blood_of_an_eastern_clinic_is_of_its_own_day(box: ABox) -> None:
    taken_at = datetime(2026, 1, 4, 23, 40, tzinfo=UTC)
    notes = {"zone": "+0800"}
    value = Value("ctx", 0.62, "ng/mL", "upload:lab_csv", "0.62", "ng/mL", taken_at, notes=notes)
    box.store.add_values(box.visit, [value])
    assert box.assess()["values"]["ctx"]["taken_at"] == "2026-01-05T07:40:00+08:00"


def test_genotypes_count_only_with_their_own_consent(box: ABox) -> None:
    box.type_in(rs4355801="2")
    assert "rs4355801" not in box.assess()["values"]
    box.consents.give(box.person, "genetics", lang="en", signer="herself", by="t")
    assert box.assess()["values"]["rs4355801"]["value"] == 2.0
    box.consents.withdraw(box.person, "genetics", "t")
    assert "rs4355801" not in box.assess()["values"]


def test_accepted_recordings_of_the_visit_are_measured(box: ABox) -> None:
    trial = add_walk(box)
    add_walk(box, state="repeated", name="again.csv")
    (recording,) = box.assess()["recordings"]
    assert (recording["trial"], recording["test"], recording["usable"]) == (trial, "walk", True)
    assert recording["measures"]["walking_speed"]["value"] > 0.5


def test_a_recording_that_cannot_be_read_is_told_and_the_rest_goes_on(box: ABox) -> None:
    add_walk(box)
    (box.recordings / box.visit / "walk.csv").write_text("nothing\n", encoding="utf-8")
    document = box.assess()
    assert "recording_refused" in codes(document)
    assert document["recordings"] == []
    assert document["falls_12m"]["probability"] is not None


def test_frax_is_shown_as_typed(box: ABox) -> None:
    notes = {"country": "China", "with_bmd": True}
    typed = [
        Value(name, number, "%", "typed", taken_at=NOW, notes=notes)
        for name, number in (("frax_mof", 12.0), ("frax_hip", 4.1))
    ]
    box.store.add_values(box.visit, typed)
    assert box.assess()["tools"]["frax"] == {
        "mof_percent": 12.0,
        "hip_percent": 4.1,
        "country": "China",
        "with_bmd": True,
        "source": "typed",
    }


def test_rule_set_and_country_are_those_of_the_box(box: ABox) -> None:
    box.settings.put("rule_set", "who1994", "a")
    box.settings.put("country", "CN", "a")
    box.type_in(when=NOW + timedelta(minutes=1), fn_t="-2.7", postmenopausal="yes")
    document = box.assess()
    assert document["osteoporosis"]["rule_set"] == "who1994"
    assert document["country"]["id"] == "CN"


def test_without_consent_nothing_is_concluded(box: ABox) -> None:
    box.consents.withdraw(box.person, "test", "t")
    with pytest.raises(NotPermitted, match="consent"):
        box.assess()


def test_a_visit_of_somebody_else_is_refused(box: ABox) -> None:
    other = box.store.add_person(birth_year=1960, sex="male")
    box.consents.give(other, "test", lang="en", signer="himself", by="t")
    with pytest.raises(Rejected) as refused:
        assess_visit(box, other, box.visit, lang="en")
    assert refused.value.code == "visit_of_somebody_else"
