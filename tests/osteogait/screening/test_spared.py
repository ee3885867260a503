"""Stands that are left out once an easier one was not held."""

from __future__ import annotations

import pytest
from box_of_tests import Box

from osteogait.screening.battery import battery
from osteogait.screening.spared import spared
from osteogait.storage.trials import Trial

FULL_S = 10.0


def left_out(box: Box, name: str, **outcomes: float | str) -> set[str]:
    """After these outcomes of tests: seconds held, or the reason why it was not done."""
    decided: dict[str, Trial] = {}
    for test, outcome in outcomes.items():
        if isinstance(outcome, str):
            box.screening.skip(box.visit, test, outcome, by="test")
        else:
            held = {"hold_time": {"value": outcome, "unit": "s"}}
            document = {"protocol": "sppb", "usable": True, "flags": [], "measures": held, "events": {}}
            box.station.trials.add(box.visit, test, "sppb", state="accepted", by="test", measures=document)
    for trial in box.station.trials.of_visit(box.visit):
        decided[trial.test] = trial
    return set(spared(battery(name).tests, decided))


def test_nothing_is_left_out_before_anything_was_done(box: Box) -> None:
    for name in ("sppb", "steadi", "full", "quick"):
        assert spared(battery(name).tests, {}) == frozenset()


@pytest.mark.parametrize(("held_s", "ends"), [(10.0, False), (9.996, False), (9.99, True), (0.5, True)])
def test_the_row_ends_below_ten_seconds(box: Box, held_s: float, ends: bool) -> None:
    found = left_out(box, "sppb", sppb_side_by_side=FULL_S, sppb_semi_tandem=held_s)
    assert found == ({"sppb_tandem"} if ends else set())


def test_who_cannot_stand_side_by_side_goes_on_to_the_walk(box: Box) -> None:
    assert left_out(box, "sppb", sppb_side_by_side="unsafe") == {"sppb_semi_tandem", "sppb_tandem"}


@pytest.mark.parametrize("reason", ["pain", "refused", "no_time"])
def test_a_stand_that_was_not_tried_ends_nothing(box: Box, reason: str) -> None:
    assert left_out(box, "sppb", sppb_side_by_side=reason) == set()


def test_the_four_stages_end_likewise(box: Box) -> None:
    assert left_out(box, "steadi", stage_side_by_side=FULL_S, stage_semi_tandem=4.0) == {
        "stage_tandem",
        "stage_one_foot",
    }


def test_of_everything_only_the_same_row_ends(box: Box) -> None:
    assert left_out(box, "full", sppb_semi_tandem=3.0) == {"sppb_tandem"}
