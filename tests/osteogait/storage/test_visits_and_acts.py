"""Consents, tests, files, signatures, slips, settings, sensors: what comes back and what is refused."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from osteogait.clinic.roles import Role
from osteogait.errors import NotPermitted, StoreError
from osteogait.storage.access_tables import SlipRow
from osteogait.storage.accounts import Account, Accounts
from osteogait.storage.consents import Consents
from osteogait.storage.documents import Documents
from osteogait.storage.enrolled import Enrolled
from osteogait.storage.first_run import first_run
from osteogait.storage.moment import now
from osteogait.storage.records import Value
from osteogait.storage.settings import Settings
from osteogait.storage.signatures import Signatures
from osteogait.storage.slips import Slips
from osteogait.storage.store import Store
from osteogait.storage.trials import Trials

ASSESSMENT: dict[str, Any] = {"model": {"version": "1", "sha256": "a" * 64}, "software": {"version": "1"}}


@pytest.fixture
def visit(opened: Store, somebody: str) -> str:
    return opened.add_visit(somebody, battery="sppb", by="mei")


@pytest.fixture
def doctor(opened: Store) -> Account:
    return Accounts(opened).add("doctor", "Dr Chen", Role.CLINICIAN, "a sentence nobody uses", "test")


def test_the_first_run_is_over_with_the_first_account(opened: Store, tmp_path: Path) -> None:
    assert first_run(tmp_path / "nothing.sqlite")
    assert first_run(opened.path)
    Accounts(opened).add("mei", "Mei", Role.OWNER, "a sentence nobody uses", "box")
    assert not first_run(opened.path)
    sqlite3.connect(tmp_path / "old.sqlite").close()
    assert first_run(tmp_path / "old.sqlite")
    (tmp_path / "broken.sqlite").write_bytes(b"no database at all" * 100)
    assert not first_run(tmp_path / "broken.sqlite"), (
        "a damaged box must not offer to make a new administrator"
    )


def test_a_visit_knows_its_battery_and_its_end(opened: Store, somebody: str, visit: str) -> None:
    assert [one.battery for one in opened.visits_of(somebody)] == ["sppb"]
    opened.close_visit(visit)
    found = opened.visit(visit)
    assert found is not None
    assert found.closed is not None
    assert found.by == "mei"
    assert opened.recent_visits(5) == (found,)


def test_who_agrees_now_is_known_at_once(opened: Store, somebody: str) -> None:
    consents, other = Consents(opened), opened.add_person(birth_year=1950, sex="male")
    for person in (somebody, other):
        consents.give(person, "test", lang="en", signer="self", by="mei")
    consents.give(other, "genetics", lang="en", signer="self", by="mei")
    assert consents.agreeing("test") == {somebody, other}
    consents.withdraw(somebody, "test", "mei")
    assert (consents.agreeing("test"), consents.agreeing("genetics"), consents.agreeing("cloud")) == (
        {other},
        {other},
        set(),
    )


def test_consents_are_for_one_purpose_and_can_be_taken_back(opened: Store, somebody: str) -> None:
    consents = Consents(opened)
    with pytest.raises(NotPermitted):
        consents.require(somebody, "test")
    consents.give(somebody, "test", lang="zh", signer="王", by="mei")
    consents.give(somebody, "test", lang="zh", signer="王", by="mei")
    consents.require(somebody, "test")
    assert consents.held(somebody) == {"test"}
    with pytest.raises(NotPermitted) as refused:
        consents.require(somebody, "genetics")
    assert refused.value.exit_code == 6
    consents.withdraw(somebody, "test", "mei")
    assert consents.held(somebody) == frozenset()
    assert consents.of(somebody)["test"].withdrawn is not None
    consents.give(somebody, "test", lang="en", signer="王", by="mei")
    assert consents.of(somebody)["test"].lang == "en"
    with pytest.raises(ValueError, match="no purpose"):
        consents.give(somebody, "marketing", lang="en", signer="x", by="mei")


def test_tries_are_counted_and_keep_their_measures(opened: Store, somebody: str, visit: str) -> None:
    trials = Trials(opened)
    measures = {
        "usable": False,
        "flags": [{"code": "not_still"}],
        "measures": {"n": {"value": 3.0, "unit": "1"}},
    }
    first = trials.add(visit, "walk", "walk", state="open", by="mei", measures=measures)
    second = trials.add(visit, "walk", "walk", state="skipped", reason="pain", by="mei")
    trials.set_state(first, "rejected", "not_still")
    found = trials.of_visit(visit)
    assert [(one.id, one.attempt, one.state, one.reason) for one in found] == [
        (first, 1, "rejected", "not_still"),
        (second, 2, "skipped", "pain"),
    ]
    assert found[0].measures == measures
    assert not found[0].usable
    assert trials.of_person(somebody, "chair") == ()
    assert trials.of_person(somebody) == found
    assert trials.get("nothing") is None
    for wrong in (
        lambda: trials.set_state("nothing", "accepted"),
        lambda: trials.add("none", "walk", "walk", state="open", by="x"),
        lambda: trials.add(visit, "walk", "walk", state="maybe", by="x"),
    ):
        with pytest.raises(StoreError):
            wrong()


def test_a_file_is_kept_once_and_proven_when_read(opened: Store, somebody: str, visit: str) -> None:
    folder = opened.path.parent / "documents"
    documents = Documents(opened, folder)
    kept = documents.keep(
        somebody, visit, "../../etc/passwd", "lab_csv", b"a,b\r\n1,2\r\n", {"rows": 1}, "mei"
    )
    again = documents.keep(somebody, visit, "other name.csv", "lab_csv", b"a,b\r\n1,2\r\n", {}, "mei")
    assert (again.id, again.again, kept.again) == (kept.id, True, False)
    assert documents.read(kept) == b"a,b\r\n1,2\r\n"
    assert documents.get(kept.id) == kept
    assert [path.name for path in folder.iterdir()] == [kept.sha256]
    (folder / kept.sha256).write_bytes(b"a,b\r\n1,9\r\n")
    with pytest.raises(StoreError):
        documents.read(kept)
    (folder / kept.sha256).unlink()
    with pytest.raises(StoreError):
        documents.read(kept)


def test_a_report_is_final_once_signed_and_amended_by_another(
    opened: Store, visit: str, doctor: Account
) -> None:
    acts = Signatures(opened)
    first = opened.result(opened.add_result(visit, ASSESSMENT))
    assert first is not None
    assert (acts.state(first), [one.result_id for one in acts.queue()]) == ("preliminary", [first.id])
    acts.add(first, doctor.id, "comment", comment="repeat the walk")
    acts.add(first, doctor.id, "override", override={"field": "falls", "reason": "stroke"})
    acts.add(first, doctor.id, "sign")
    assert (acts.state(first), acts.queue()) == ("final", ())
    with pytest.raises(NotPermitted):
        acts.add(first, doctor.id, "comment", comment="too late")
    second = opened.result(opened.add_result(visit, {**ASSESSMENT, "new": 1}, supersedes=first.id))
    assert second is not None
    assert (acts.state(second), second.supersedes) == ("preliminary", first.id)
    acts.add(second, doctor.id, "sign")
    assert acts.state(second) == "amended"
    assert [act.kind for act in acts.of(first.id)] == ["comment", "override", "sign"]


def test_a_replaced_report_takes_no_act_and_one_never_signed_is_not_amended(
    opened: Store, visit: str, doctor: Account
) -> None:
    acts = Signatures(opened)
    first = opened.result(opened.add_result(visit, ASSESSMENT))
    assert first is not None
    second = opened.result(opened.add_result(visit, {**ASSESSMENT, "new": 1}, supersedes=first.id))
    assert second is not None
    with pytest.raises(NotPermitted) as refused:
        acts.add(first, doctor.id, "sign")
    assert refused.value.code == "report_replaced"
    assert [one.result_id for one in acts.queue()] == [second.id], "nobody is asked to sign what was replaced"
    acts.add(second, doctor.id, "sign")
    assert acts.state(second) == "final"


def test_a_signature_is_on_exactly_what_was_seen(opened: Store, visit: str, doctor: Account) -> None:
    acts = Signatures(opened)
    result = opened.result(opened.add_result(visit, ASSESSMENT))
    assert result is not None
    acts.add(result, doctor.id, "sign")
    with sqlite3.connect(opened.path) as database:
        database.execute("UPDATE signatures SET assessment_sha256 = ?", ("e" * 64,))
    database.close()
    with pytest.raises(StoreError):
        acts.state(result)


def test_a_slip_opens_once_within_a_day(opened: Store, somebody: str) -> None:
    slips = Slips(opened)
    code = slips.make(somebody, "mei")
    assert len(code) == 8
    assert not set(code) & set("01OI")
    assert code.encode() not in opened.path.read_bytes()
    assert slips.use("ZZZZZZZZ") is None
    assert slips.use(f" {code[:4].lower()}-{code[4:]} ") == somebody
    assert slips.use(code) is None
    late = slips.make(somebody, "mei")
    with opened.session() as session:
        session.execute(update(SlipRow).values(expires=now() - timedelta(seconds=1)))
    assert slips.use(late) is None


def test_settings_come_back_as_they_were_put(opened: Store) -> None:
    settings = Settings(opened)
    assert settings.get("kiosk_tests", ["walk"]) == ["walk"]
    for value in (["a", "中"], 300, False, "CN"):
        settings.put("kiosk_tests", value, "mei")
        assert settings.get("kiosk_tests", None) == value


def test_only_enrolled_sensors_are_known(opened: Store) -> None:
    enrolled = Enrolled(opened)
    enrolled.add("C0:00:00:00:00:01", "OG-0001", "open_profile", "lower_back", "mei")
    assert [one.address for one in enrolled.all()] == ["C0:00:00:00:00:01"]
    assert [one.name for one in enrolled.all()] == ["OG-0001"]
    enrolled.remove("C0:00:00:00:00:01")
    enrolled.remove("C0:00:00:00:00:01")
    assert enrolled.all() == ()


def test_a_withdrawn_value_stays_with_its_reason(opened: Store, somebody: str, visit: str) -> None:
    value = Value(
        "ctx",
        0.41,
        "ng/mL",
        "upload",
        "410",
        "pg/mL",
        comparator="<",
        code="41171-0",
        document_row=7,
        notes={"lab": "中心"},
        by="mei",
    )
    (identifier,) = opened.add_values(visit, [value])
    opened.withdraw_value(identifier, by="mei", reason="other patient")
    (kept,) = opened.values_of(somebody)
    assert (kept.id, kept.withdrawn_reason, kept.notes, kept.comparator, kept.document_row) == (
        identifier,
        "other patient",
        {"lab": "中心"},
        "<",
        7,
    )
    assert kept.withdrawn is not None
    with pytest.raises(StoreError):
        opened.withdraw_value("nothing", by="mei", reason="x")


def test_the_last_administrator_stays_one(opened: Store) -> None:
    accounts = Accounts(opened)
    only = accounts.add("admin", "Admin", Role.ADMINISTRATOR, "a sentence nobody uses", "box")
    for wrong in (
        lambda: accounts.set_active(only.id, False),
        lambda: accounts.set_role(only.id, Role.THERAPIST),
    ):
        with pytest.raises(NotPermitted):
            wrong()
    found = accounts.get(only.id)
    assert found is not None
    assert (found.role, found.active) == (Role.ADMINISTRATOR, True)
    accounts.add("owner", "Owner", Role.OWNER, "a sentence nobody uses", "box")
    accounts.set_role(only.id, Role.THERAPIST)
