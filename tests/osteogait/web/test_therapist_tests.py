"""The wizard: from the choice of tests through a whole simulated one to its verdict and the decision about it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.screening.battery import battery
from osteogait.screening.phase import Phase
from osteogait.storage.records import Value
from osteogait.storage.trials import Trial
from osteogait.web.example import add_example
from osteogait.web.station import Station
from osteogait.web.therapist.steps import Step, Steps
from osteogait.web.therapist.visits import minutes

PATIENCE_S = 120.0


@pytest.fixture
def station(station: Station, monkeypatch: pytest.MonkeyPatch) -> Station:
    """With a simulated person who moves ten times as fast as in life."""
    monkeypatch.setenv("OSTEOGAIT_SIMULATED_SPEED", "10")
    station.example = True
    return station


@pytest.fixture
def therapist(visitors: Visitors) -> Visitor:
    return visitors.signed_in(Role.THERAPIST)


def _steps(*states: str | None) -> Steps:
    items = battery("sppb").tests
    made = []
    for item, state in zip(items, states, strict=False):
        trial = None if state is None else _trial(item.id, state)
        made.append(Step(item, trial, 1))
    return Steps(tuple(made))


def _trial(test: str, state: str) -> Trial:
    from datetime import UTC, datetime

    return Trial("t", "v", "p", test, "sppb", None, 1, state, None, None, None, "x", datetime.now(UTC))


def test_the_next_test_is_the_one_after_and_then_the_one_left_out() -> None:
    steps = _steps("accepted", None, "skipped", None)
    ids = [step.item.id for step in steps.all]
    assert steps.next is not None
    assert steps.next.item.id == ids[1]
    after = steps.next_after(ids[1])
    assert after is not None
    assert after.item.id == ids[3]
    again = steps.next_after(ids[3])
    assert again is not None
    assert again.item.id == ids[1]
    assert _steps("accepted", "skipped").next is None


def test_the_minutes_of_a_battery_grow_with_its_tests() -> None:
    assert (
        1 <= minutes(battery("quick").tests) < minutes(battery("sppb").tests) < minutes(battery("full").tests)
    )


def test_a_battery_begins_a_visit_at_the_sensor(therapist: Visitor, known: Any, station: Station) -> None:
    therapist.get(f"/people/{known.person}/tests")
    answer = therapist.post(f"/people/{known.person}/tests", {"battery": "steadi"})
    visit = station.store.visits_of(known.person)[-1]
    assert visit.battery == "steadi"
    assert answer.url.path == f"/visits/{visit.id}/sensor"
    assert "Simulated sensor" in answer.text


def test_single_tests_can_be_chosen(therapist: Visitor, known: Any, station: Station) -> None:
    where = f"/people/{known.person}/tests"
    therapist.get(where)
    answer = therapist.post(where, {"battery": "custom", "test": ["walk", "one_leg_left"]})
    assert station.store.visits_of(known.person)[-1].battery == "custom:walk,one_leg_left"
    assert answer.status_code == 200
    answer = therapist.post(where, {"battery": "custom"})
    assert "at least one test" in answer.text
    assert therapist.post(where, {"battery": "custom", "test": "no_such_test"}).status_code == 200
    assert len(station.store.visits_of(known.person)) == 2


def test_a_test_that_is_not_of_the_visit_is_unknown(therapist: Visitor, known: Any) -> None:
    assert therapist.get(f"/visits/{known.visit}/tests/timed_up_and_go").status_code == 404
    assert therapist.get(f"/visits/{known.visit}/tests/..%2Fwalk").status_code == 404


def test_a_skipped_test_keeps_its_reason_and_goes_on(
    therapist: Visitor, known: Any, station: Station
) -> None:
    where = f"/visits/{known.visit}/tests/quiet_stance/skip"
    page = therapist.get(where).text
    assert page.count('name="reason"') == 9
    answer = therapist.post(where, {"reason": "pain"})
    kept = station.trials.of_visit(known.visit)[-1]
    assert (kept.test, kept.state, kept.reason) == ("quiet_stance", "skipped", "pain")
    assert answer.url.path == f"/visits/{known.visit}/result"
    assert therapist.post(where, {"reason": "bored"}).status_code == 404


def test_the_sensor_is_checked_with_a_verdict_on_each_part(
    therapist: Visitor, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTEOGAIT_SIMULATED_SPEED", "40")
    where = f"/visits/{known.visit}/sensor"
    therapist.get(where)
    page = therapist.post(where).text
    assert "Battery" in page
    assert "Way up" in page
    assert "The sensor is ready." in page
    assert f"/visits/{known.visit}/next" in page


def _sppb(station: Station, person: str) -> str:
    return station.store.add_visit(person, battery="sppb", by="x")


def test_only_reasons_that_can_be_true_are_offered(therapist: Visitor, known: Any, station: Station) -> None:
    visit = station.store.add_visit(known.person, battery="full", by="x")
    stand = therapist.get(f"/visits/{visit}/tests/sppb_tandem/skip").text
    assert 'value="used_arms"' not in stand
    assert "0 SPPB points" in stand
    assert (
        therapist.post(f"/visits/{visit}/tests/sppb_tandem/skip", {"reason": "used_arms"}).status_code == 404
    )
    rises = therapist.get(f"/visits/{visit}/tests/chair_stand_30s/skip").text
    assert rises.count("counts as 0 times") == 2
    assert "SPPB points" not in rises
    assert "counts as" not in therapist.get(f"/visits/{visit}/tests/walk/skip").text


def test_after_a_stand_that_was_not_held_the_harder_ones_are_left_out(
    therapist: Visitor, known: Any, station: Station
) -> None:
    visit = _sppb(station, known.person)
    therapist.get(f"/visits/{visit}")
    answer = therapist.post(f"/visits/{visit}/tests/sppb_side_by_side/skip", {"reason": "unsafe"})
    assert answer.url.path == f"/visits/{visit}/tests/sppb_walk_1"
    assert therapist.get(f"/visits/{visit}").text.count("not needed") == 2
    page = therapist.get(f"/visits/{visit}/tests/sppb_tandem").text
    assert "This stand is not needed." in page
    assert "/start" in page  # whoever wants it all the same may


def test_the_time_of_a_stopwatch_beats_the_estimate(therapist: Visitor, known: Any, station: Station) -> None:
    visit = _sppb(station, known.person)
    where = f"/visits/{visit}/tests/sppb_walk_1"
    therapist.get(where)
    therapist.post(f"{where}/start")
    _until_judged(station)
    page = therapist.get(where).text
    assert "Nobody pressed Stop at the line" in page
    for wrong in ("", "soon", "-1", "0", "4,5", "999", "nan", "1e1"):
        answer = therapist.post(f"{where}/time", {"seconds": wrong})
        assert answer.status_code == 422, wrong
        assert "no longer than the recording" in answer.text
    page = therapist.post(f"{where}/time", {"seconds": "４.82"}).text
    assert "4.82" in page
    assert "Nobody pressed Stop" not in page
    therapist.post(f"{where}/accept")
    kept = station.trials.of_visit(visit)[-1]
    assert kept.measures is not None
    assert kept.measures["measures"]["sppb_gait_points"]["value"] == 3.0


def test_a_time_for_nothing_changes_nothing(therapist: Visitor, known: Any, station: Station) -> None:
    therapist.get(f"/visits/{known.visit}/tests/walk")
    answer = therapist.post(f"/visits/{known.visit}/tests/walk/time", {"seconds": "4.8"})
    assert answer.url.path == f"/visits/{known.visit}/tests/walk"
    assert station.screening.current is None


def test_the_height_of_the_seat_gives_the_power_of_the_legs_and_is_remembered(
    therapist: Visitor, known: Any, station: Station
) -> None:
    values = [Value("height", 158.0, "cm", "form"), Value("weight", 55.0, "kg", "form")]
    station.store.add_values(known.visit, values)
    visit = station.store.add_visit(known.person, battery="custom:chair_stand_5x,walk", by="x")
    where = f"/visits/{visit}/tests/chair_stand_5x"
    assert 'name="seat"' in therapist.get(where).text
    assert 'name="seat"' not in therapist.get(f"/visits/{visit}/tests/walk").text
    for wrong in ("9", "71", "high", "4,5"):
        answer = therapist.post(f"{where}/start", {"seat": wrong})
        assert answer.status_code == 422, wrong
        assert "height of the seat in cm, 25 to 70" in answer.text
    assert station.screening.current is None
    therapist.post(f"{where}/start", {"seat": "43.5"})
    _until_judged(station)
    therapist.get(where)
    therapist.post(f"{where}/accept")
    result = therapist.get(f"/visits/{visit}/result").text
    assert "Power of the legs" in result
    assert "limit: below 1.9 W/kg" in result
    assert 'value="43.5"' in therapist.get(where).text


def _until_judged(station: Station) -> None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        live = station.screening.current
        assert live is not None
        if live.phase in (Phase.REVIEW, Phase.FAILED):
            assert live.error is None
            return
        time.sleep(0.05)
    pytest.fail("the simulated test did not end by itself")


def test_a_whole_test_from_start_to_accept(therapist: Visitor, known: Any, station: Station) -> None:
    where = f"/visits/{known.visit}/tests/quiet_stance"
    assert "Stand as still as you can" in therapist.get(where).text
    assert "Stop" in therapist.post(f"{where}/start").text
    _until_judged(station)
    page = therapist.get(where).text
    assert "Usable" in page
    assert "m/s²" in page
    picture = therapist.get(f"{where}/signal.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    answer = therapist.post(f"{where}/accept")
    assert station.screening.current is None
    kept = station.trials.of_visit(known.visit)[-1]
    assert (kept.test, kept.state, kept.usable) == ("quiet_stance", "accepted", True)
    assert answer.url.path == f"/visits/{known.visit}/result"
    assert "Sway" in answer.text
    assert therapist.get(f"/visits/{known.visit}/tries/{kept.id}/signal.svg").status_code == 200


def test_repeated_and_broken_off_tries_do_not_count(therapist: Visitor, known: Any, station: Station) -> None:
    where = f"/visits/{known.visit}/tests/quiet_stance"
    therapist.get(where)
    therapist.post(f"{where}/start")
    therapist.post(f"{where}/cancel")
    assert all(one.test != "quiet_stance" for one in station.trials.of_visit(known.visit))
    therapist.post(f"{where}/start")
    _until_judged(station)
    therapist.get(where)
    answer = therapist.post(f"{where}/repeat")
    assert "Start" in answer.text
    assert station.trials.of_visit(known.visit)[-1].state == "repeated"


def test_of_one_test_only_one_try_counts(therapist: Visitor, known: Any, station: Station) -> None:
    earlier = station.trials.add(known.visit, "quiet_stance", "quiet_stance", state="accepted", by="x")
    where = f"/visits/{known.visit}/tests/quiet_stance"
    assert "replaces the earlier try" in therapist.get(where).text
    therapist.post(f"{where}/start")
    _until_judged(station)
    therapist.get(where)
    therapist.post(f"{where}/accept")
    states = {one.id: one.state for one in station.trials.of_visit(known.visit) if one.test == "quiet_stance"}
    assert states.pop(earlier) == "repeated"
    assert list(states.values()) == ["accepted"]


def test_accepting_what_was_not_done_changes_nothing(
    therapist: Visitor, known: Any, station: Station
) -> None:
    therapist.get(f"/visits/{known.visit}/tests/walk")
    before = station.trials.of_visit(known.visit)
    for what in ("accept", "repeat", "stop", "cancel"):
        assert therapist.post(f"/visits/{known.visit}/tests/walk/{what}").status_code == 200
    assert station.trials.of_visit(known.visit) == before


def test_a_busy_sensor_is_said_with_a_way_to_the_other_test(
    therapist: Visitor, known: Any, other: Any
) -> None:
    therapist.get(f"/visits/{known.visit}/tests/quiet_stance")
    therapist.post(f"/visits/{known.visit}/tests/quiet_stance/start")
    page = therapist.get(f"/visits/{other.visit}/tests/walk").text
    assert f"/visits/{known.visit}/tests/quiet_stance" in page
    assert therapist.post(f"/visits/{other.visit}/tests/walk/start").status_code == 422
    therapist.get(f"/visits/{known.visit}/tests/quiet_stance")
    therapist.post(f"/visits/{known.visit}/tests/quiet_stance/cancel")


def test_a_try_that_is_not_usable_shows_no_number_and_offers_only_another(
    therapist: Visitor, known: Any, station: Station, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = tmp_path / "drop.yaml"
    settings.write_text('station:\n  sensor: simulated\n  simulate: "drop=7/6"\n', encoding="utf-8")
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(settings))
    visit = station.store.add_visit(known.person, battery="custom:walk", by="x")
    where = f"/visits/{visit}/tests/walk"
    therapist.get(where)
    therapist.post(f"{where}/start")
    _until_judged(station)
    page = therapist.get(where).text
    assert "Not usable: please repeat" in page
    assert "Walking speed" not in page.partition("<main")[2].partition("</main>")[0]
    assert "look at this" in page
    assert "/accept" not in page
    therapist.post(f"{where}/repeat")
    kept = station.trials.of_visit(visit)[-1]
    assert kept.state == "rejected"
    assert "Walking speed" not in therapist.get(f"/visits/{visit}/result").text


def test_what_needs_a_hand_stands_first_in_the_check_of_the_sensor(
    therapist: Visitor, known: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for words, said, first, drawing in (
        ("upside_down", "Ready, but look at what is marked.", "Way up", "sensor_upside_down"),
        ("battery=3", "Not ready yet.", "Battery", "sensor_placement"),
        ("rate=25", "Not ready yet.", "Samples a second", "sensor_placement"),
        ("loss=0.4", "Not ready yet.", "Lost samples", "sensor_placement"),
    ):
        settings = tmp_path / f"{words}.yaml"
        settings.write_text(f'station:\n  sensor: simulated\n  simulate: "{words}"\n', encoding="utf-8")
        monkeypatch.setenv("OSTEOGAIT_CONFIG", str(settings))
        where = f"/visits/{known.visit}/sensor"
        therapist.get(where)
        page = therapist.post(where).text
        assert said in page
        assert f"{drawing}.svg" in page
        assert f"<b>{first}</b>" in page.partition('<ul class="findings')[2].partition("</li>")[0]


def _cut_off(station: Station, visit: str) -> str:
    """A recording of the example as a power cut would have left it: never closed."""
    import sqlite3
    from contextlib import closing

    made = min(station.recordings.glob("*/walk.ogrec"))
    folder = station.recordings / visit
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "walk.cut.ogrec"
    path.write_bytes(made.read_bytes())
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM fact WHERE name IN ('closed', 'ended', 'trial')")
    return path.name


def test_a_person_decides_about_a_recording_that_was_cut_off(
    therapist: Visitor, visitors: Visitors, known: Any, station: Station
) -> None:
    add_example(station, visitors.account(Role.OWNER), "en")
    name = _cut_off(station, known.visit)
    page = therapist.get("/people").text
    assert "cut off when the box lost power" in page
    assert "Wang Xiulan" in page.partition("cut off")[2].partition("</section>")[0]
    assert therapist.post("/cut-off", {"recording": name, "choice": "burn"}).status_code == 404
    therapist.get("/people")
    therapist.post("/cut-off", {"recording": name, "choice": "keep"})
    kept = station.trials.of_visit(known.visit)[-1]
    assert (kept.test, kept.state, kept.reason) == ("walk", "rejected", "cut_off")
    assert "cut off when" not in therapist.get("/people").text


def test_a_recording_that_was_cut_off_can_be_thrown_away(
    therapist: Visitor, visitors: Visitors, known: Any, station: Station
) -> None:
    add_example(station, visitors.account(Role.OWNER), "en")
    name = _cut_off(station, known.visit)
    therapist.get("/people")
    therapist.post("/cut-off", {"recording": name, "choice": "discard"})
    assert not (station.recordings / known.visit / name).exists()
    assert "cut off when" not in therapist.get("/people").text


def test_a_visit_can_end_with_tests_left_out(therapist: Visitor, known: Any, station: Station) -> None:
    assert "Next test" in therapist.get(f"/visits/{known.visit}").text
    answer = therapist.post(f"/visits/{known.visit}/close")
    assert answer.url.path == f"/visits/{known.visit}/result"
    found = station.store.visit(known.visit)
    assert found is not None
    assert found.closed is not None
    assert "Next test" not in therapist.get(f"/visits/{known.visit}").text


def test_a_sensor_that_is_not_there_is_said_and_the_test_can_be_started_again(
    therapist: Visitor, known: Any, station: Station, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = tmp_path / "bluetooth.yaml"
    settings.write_text("station:\n  sensor: bluetooth\n", encoding="utf-8")
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(settings))
    where = f"/visits/{known.visit}/tests/walk"
    therapist.get(where)
    therapist.post(f"{where}/start")
    ends = time.monotonic() + PATIENCE_S
    while station.screening.current is None or station.screening.current.phase is not Phase.FAILED:
        assert time.monotonic() < ends
        time.sleep(0.05)
    page = therapist.get(where).text
    assert "The test did not run." in page
    assert f"{where}/start" in page
    assert f"{where}/skip" in page
    assert "The sensor cannot be used yet." in therapist.post(f"/visits/{known.visit}/sensor").text
    answer = therapist.post(f"{where}/skip", {"reason": "no_equipment"})
    assert answer.status_code == 200
    assert station.screening.current is None
