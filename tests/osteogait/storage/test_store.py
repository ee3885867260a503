"""The store: what comes back, what is refused, what is kept together."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from osteogait.errors import StoreError
from osteogait.storage.records import Recording, Value, canonical_json, text_sha256
from osteogait.storage.store import Store

STARTED = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=8)))
ASSESSMENT: dict[str, Any] = {
    "schema": "osteogait.assessment/1",
    "osteoporosis": {"basis": "model", "probability": 0.23},
    "values": {
        "age": {"value": 72.0, "unit": "a", "source": "typed", "as_written": {"value": 72}},
        "ctx": {
            "value": 0.41,
            "unit": "ng/mL",
            "source": "typed",
            "as_written": {"value": 410, "unit": "pg/mL"},
        },
        "fragility_fracture_sites": {"value": ["hip", "forearm"], "unit": "", "source": "typed"},
        "prior_fracture": {"value": 1.0, "unit": "1", "source": "typed", "as_written": {"value": True}},
    },
    "model": {"version": "1.0.0", "sha256": "a" * 64, "engine": "onnxruntime"},
    "software": {"version": "0.1.0"},
    "note": "步行",
}
RECORDING = Recording("recordings/walk1.csv", "b" * 64, "walk", 100.0, 6000, 3, STARTED)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data" / "osteogait.db") as opened:
        yield opened


@pytest.fixture
def person(store: Store) -> str:
    return store.add_person(birth_year=1954, sex="female")


def _count(store: Store, table: str) -> int:
    database = sqlite3.connect(store.path)
    (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    database.close()
    return int(count)


def test_a_person_is_a_random_pseudonym(store: Store, person: str) -> None:
    other = store.add_person(birth_year=1954, sex="female")
    assert person != other
    assert [(kept.id, kept.birth_year, kept.sex) for kept in store.people()] == [
        (person, 1954, "female"),
        (other, 1954, "female"),
    ]


def test_a_whole_screening_comes_back_as_it_was_given(store: Store, person: str) -> None:
    result_id = store.save_screening(person, ASSESSMENT, [RECORDING], started=STARTED)
    (result,) = store.results_of(person)
    assert result.id == result_id
    assert result.assessment == ASSESSMENT
    assert result.sha256 == text_sha256(canonical_json(ASSESSMENT))
    assert (result.model_version, result.model_sha256, result.software_version) == (
        "1.0.0",
        "a" * 64,
        "0.1.0",
    )
    (kept,) = store.recordings_of(person)
    assert store.recording(kept.id) == kept
    assert replace(kept, id="") == RECORDING


def test_values_keep_what_was_written_beside_the_stored_unit(store: Store, person: str) -> None:
    store.save_screening(person, ASSESSMENT, started=STARTED)
    (ctx,) = store.values_of(person, "ctx")
    assert (ctx.value, ctx.unit, ctx.written_value, ctx.written_unit) == (0.41, "ng/mL", "410", "pg/mL")
    assert ctx.taken_at == STARTED
    by_name = {value.variable: value for value in store.values_of(person)}
    assert by_name["fragility_fracture_sites"].value == '["hip", "forearm"]'
    assert (by_name["prior_fracture"].value, by_name["prior_fracture"].written_value) == (1.0, "true")


def test_times_are_kept_in_utc(store: Store, person: str) -> None:
    store.save_screening(person, ASSESSMENT, [RECORDING], started=STARTED)
    (recording,) = store.recordings_of(person)
    assert recording.started == STARTED
    assert recording.started.tzinfo is UTC


def test_a_time_without_zone_is_refused(store: Store, person: str) -> None:
    with pytest.raises(Exception, match="without a zone"):
        store.add_visit(person, started=datetime(2026, 3, 1))
    assert _count(store, "visits") == 0


def test_results_of_one_person_never_show_another(store: Store, person: str) -> None:
    other = store.add_person(birth_year=1960, sex="male")
    store.save_screening(person, ASSESSMENT, [RECORDING], started=STARTED)
    assert store.results_of(other) == ()
    assert store.values_of(other) == ()
    assert store.recordings_of(other) == ()


@pytest.mark.parametrize(
    ("birth_year", "sex"),
    [(1954, "unknown"), (54, "female"), (2954, "male")],
    ids=["sex", "two digits", "future"],
)
def test_a_bad_person_is_refused(store: Store, birth_year: int, sex: str) -> None:
    with pytest.raises(StoreError) as refused:
        store.add_person(birth_year=birth_year, sex=sex)
    assert refused.value.code == "store_refused"
    assert store.people() == ()


def test_unknown_person_and_visit_are_named(store: Store) -> None:
    with pytest.raises(StoreError, match="no person nobody"):
        store.add_visit("nobody")
    with pytest.raises(StoreError, match="no visit nowhere"):
        store.add_result("nowhere", ASSESSMENT)


def test_a_screening_that_fails_half_way_leaves_nothing(store: Store, person: str) -> None:
    broken = Recording("x", "short hash", "walk", 100.0, 10)
    with pytest.raises(StoreError):
        store.save_screening(person, ASSESSMENT, [RECORDING, broken], started=STARTED)
    assert [_count(store, table) for table in ("visits", "recordings", "observed_values", "results")] == [
        0
    ] * 4
    store.save_screening(person, ASSESSMENT, [RECORDING], started=STARTED)
    assert len(store.results_of(person)) == 1


def test_nan_never_enters_a_result(store: Store, person: str) -> None:
    visit = store.add_visit(person)
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.add_result(visit, {**ASSESSMENT, "extra": float("nan")})
    assert store.results_of(person) == ()


def test_a_changed_result_is_not_shown(store: Store, person: str) -> None:
    store.save_screening(person, ASSESSMENT, started=STARTED)
    database = sqlite3.connect(store.path)
    database.execute("UPDATE results SET assessment = replace(assessment, '0.23', '0.03')")
    database.commit()
    database.close()
    with pytest.raises(StoreError) as altered:
        store.results_of(person)
    assert altered.value.code == "store_altered"
    assert "哈希" in altered.value.message("zh")


def test_own_transaction_joins_and_rolls_back(store: Store, person: str) -> None:
    visit = store.add_visit(person)
    seen = []

    def half_a_visit() -> None:
        with store.transaction():
            store.add_values(visit, [Value("tug", 11.2, "s", "typed")])
            seen.extend(store.values_of(person))
            raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError, match="pulled"):
        half_a_visit()
    assert len(seen) == 1
    assert store.values_of(person) == ()


def test_two_threads_write_without_losing_a_row(store: Store, person: str) -> None:
    visit = store.add_visit(person)
    failed: list[Exception] = []

    def write(source: str) -> None:
        try:
            for number in range(20):
                store.add_values(visit, [Value("tug", float(number), "s", source)])
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(f"hand {n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(store.values_of(person, "tug")) == 60


def test_only_the_owner_can_read(store: Store, person: str) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()}
    assert modes["osteogait.db"] == 0o600
    assert set(modes.values()) == {0o600}, modes  # also -wal and -shm
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
