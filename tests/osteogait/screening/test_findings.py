"""What a visit found: every number with its norm, the rules, and the change since the visit before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from box_of_tests import Box

from osteogait.screening.battery import all_tests
from osteogait.screening.battery import test as named
from osteogait.screening.findings import Finding, findings

NOW = datetime.now(UTC)
PARTS = {
    "sppb_side_by_side": {"hold_time": 10.0},
    "sppb_semi_tandem": {"hold_time": 10.0},
    "sppb_tandem": {"hold_time": 7.5},
    "sppb_walk_1": {"sppb_gait_time": 5.10},
    "sppb_walk_2": {"sppb_gait_time": 4.60},
    "sppb_chair": {"total_time": 13.0},
}
"""Balance 1 + 1 + 1, the faster walk 4, chair 3: 10 points on the NIA sheet."""
UNITS = {"walking_speed": "m/s", "rms": "m/s2", "repetitions": "1"}


def done(box: Box, test: str, values: Mapping[str, float], visit: str = "", **more: object) -> None:
    item = named(test)
    held = {key: {"value": value, "unit": UNITS.get(key, "s")} for key, value in values.items()}
    document = {"protocol": item.protocol, "usable": True, "flags": [], "measures": held, "events": {}}
    box.station.trials.add(
        visit or box.visit, test, item.protocol, variant=item.variant, by="test", measures=document,
        **{"state": "accepted", **more},
    )  # fmt: skip


def found(box: Box, key: str) -> Finding | None:
    return next((one for one in findings(box.station, box.visit) if one.key == key), None)


def the(box: Box, key: str) -> Finding:
    finding = found(box, key)
    assert finding is not None
    return finding


def earlier(box: Box, days: int = 90) -> str:
    return box.station.store.add_visit(box.person, started=NOW - timedelta(days=days))


def test_a_visit_without_tests_has_found_nothing(box: Box) -> None:
    assert findings(box.station, box.visit) == ()
    assert findings(box.station, "no such visit") == ()


def test_a_speed_stands_beside_its_norm_and_the_rules(box: Box) -> None:
    done(box, "walk", {"walking_speed": 0.74})
    finding = the(box, "walking_speed")
    assert (finding.value, finding.unit, finding.change) == (0.74, "m/s", None)
    assert finding.norm is not None
    assert finding.norm.sex == "female"
    assert finding.norm.ages == (70, 79)
    assert finding.band is not None
    assert finding.band.kind == "percentile"
    assert finding.at_risk
    assert {one.rule_set for one in finding.verdicts} >= {"awgs2019", "china2018"}
    assert all(one.met is not None for one in finding.verdicts)


def test_what_nobody_published_has_no_norm(box: Box) -> None:
    done(box, "quiet_stance", {"rms": 0.08})
    assert the(box, "rms").norm is None
    assert the(box, "rms").verdicts == ()


@pytest.mark.parametrize(
    ("after", "real", "important"), [(0.90, False, "small"), (1.05, True, "substantial")]
)
def test_only_a_change_beyond_measurement_error_is_real(
    box: Box, after: float, real: bool, important: str
) -> None:
    before = earlier(box)
    done(box, "walk", {"walking_speed": 0.50}, earlier(box, 200))
    done(box, "walk", {"walking_speed": 0.84}, before)
    done(box, "walk", {"walking_speed": after})
    finding = the(box, "walking_speed")
    assert finding.before is not None
    assert finding.before.id == before
    assert finding.change is not None
    assert (finding.change.before, finding.change.real, finding.change.important) == (0.84, real, important)


def test_only_what_was_accepted_counts(box: Box) -> None:
    before = earlier(box)
    for state in ("rejected", "repeated"):
        done(box, "walk", {"walking_speed": 1.3}, state=state)
        done(box, "walk", {"walking_speed": 0.3}, before, state=state)
    assert findings(box.station, box.visit) == ()
    done(box, "walk", {"walking_speed": 0.9})
    assert the(box, "walking_speed").change is None


def test_a_later_visit_changes_nothing_in_an_older_one(box: Box) -> None:
    done(box, "walk", {"walking_speed": 0.9})
    later = box.station.store.add_visit(box.person, started=NOW + timedelta(days=30))
    done(box, "walk", {"walking_speed": 1.4}, later)
    assert the(box, "walking_speed").change is None


def test_stances_are_compared_with_the_same_eyes(box: Box) -> None:
    before = earlier(box)
    done(box, "quiet_stance_closed", {"rms": 0.05}, before)
    done(box, "quiet_stance", {"rms": 0.20})
    assert the(box, "rms").change is None
    done(box, "quiet_stance", {"rms": 0.10}, before)
    change = the(box, "rms").change
    assert change is not None
    assert change.real is True  # twice as much: beyond the ratio of 1.59 of two trials


def test_the_score_of_the_battery(box: Box) -> None:
    for test, values in PARTS.items():
        done(box, test, values)
    finding = the(box, "sppb")
    assert (finding.value, finding.missing) == (10.0, ())
    assert not finding.at_risk


def test_a_part_that_was_not_possible_scores_nothing(box: Box) -> None:
    for test, values in PARTS.items():
        if test != "sppb_chair":
            done(box, test, values)
    box.screening.skip(box.visit, "sppb_chair", "used_arms", by="test")
    finding = the(box, "sppb")
    assert finding.value == 7.0
    assert finding.at_risk


@pytest.mark.parametrize("reason", ["refused", "no_time", "pain"])
def test_a_part_that_was_not_done_leaves_the_score_unknown(box: Box, reason: str) -> None:
    for test, values in PARTS.items():
        if test != "sppb_chair":
            done(box, test, values)
    box.screening.skip(box.visit, "sppb_chair", reason, by="test")
    finding = the(box, "sppb")
    assert (finding.value, finding.missing, finding.verdicts) == (None, ("sppb_chair",), ())


def test_a_change_of_points(box: Box) -> None:
    before = earlier(box)
    for test, values in PARTS.items():
        done(box, test, values)
        done(box, test, {"total_time": 20.0} if test == "sppb_chair" else values, before)
    change = the(box, "sppb").change
    assert change is not None
    assert (change.before, change.after, change.important) == (8.0, 10.0, "substantial")


def test_the_four_stages_end_at_the_first_that_was_not_held(box: Box) -> None:
    done(box, "stage_side_by_side", {"hold_time": 10.0})
    assert found(box, "tandem") is None
    done(box, "stage_semi_tandem", {"hold_time": 10.0})
    done(box, "stage_tandem", {"hold_time": 6.2})
    finding = the(box, "tandem")
    assert finding.value == 6.2
    assert finding.at_risk
    done(box, "stage_semi_tandem", {"hold_time": 4.0})
    assert the(box, "tandem").value == 0.0


def test_eyes_closed_over_open(box: Box) -> None:
    done(box, "quiet_stance", {"rms": 0.08, "duration_s": 30.0})
    assert found(box, "romberg_rms") is None
    done(box, "quiet_stance_closed", {"rms": 0.12, "duration_s": 30.0})
    assert the(box, "romberg_rms").value == pytest.approx(1.5)


def test_the_real_measures_of_a_whole_visit(box: Box) -> None:
    for item in all_tests():
        trial = box.run(item.id)
        box.screening.keep(trial.id, "accepted", by="test")
    keys = [one.key for one in findings(box.station, box.visit)]
    assert set(keys) == {
        "walking_speed", "tug_total", "total_time", "repetitions", "hold_time", "rms", "sppb", "tandem", "romberg_rms",
    }  # fmt: skip
    assert keys.count("hold_time") == 2
    assert 0 <= (the(box, "sppb").value or 0) <= 12
