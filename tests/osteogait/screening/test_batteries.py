"""Batteries are made of tests that exist, each with words, a drawing and a protocol that measures it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitsignal.pipeline import PROTOCOLS
from gaitsignal.protocols.four_stage import STAGES
from gaitsignal.scoring.sppb_points import STANCES
from gaitsignal.trial import PARTS
from osteogait.errors import UsageError
from osteogait.screening import battery as batteries
from osteogait.screening.battery import all_tests, battery, custom
from osteogait.screening.look import LOOKED_AT

DRAWINGS = Path(batteries.__file__).parents[1] / "web" / "static" / "img" / "drawings"


@pytest.mark.parametrize("item", all_tests(), ids=lambda item: item.id)
def test_every_test_can_be_shown_done_and_measured(item: batteries.TestItem) -> None:
    assert item.protocol in PROTOCOLS
    assert item.part in (None, *PARTS)
    assert (item.protocol == "sppb") == (item.part is not None)
    assert item.stop in ("held", *LOOKED_AT)
    assert (item.seconds is not None) == (item.stop in ("held", "counted"))
    assert (item.rises is not None) == (item.stop == "risen")
    assert set(item.needs) <= {"chair", "walkway", "wall"}
    assert (DRAWINGS / f"{item.drawing}.svg").is_file()
    assert all((item.title, item.what, item.safety, item.say))
    assert 2 <= len(item.how) <= 4


def test_the_published_batteries_have_their_parts_in_their_order() -> None:
    sppb = battery("sppb").tests
    assert [test.variant for test in sppb if test.part == "stance"] == list(STANCES)
    assert [test.part for test in sppb] == ["stance"] * 3 + ["walk"] * 2 + ["chair"]
    stages = [test.variant for test in battery("steadi").tests if test.protocol == "four_stage"]
    assert stages == list(STAGES)


def test_nothing_that_needs_somebody_near_is_safe_alone() -> None:
    alone = {test.id for test in all_tests() if test.alone_ok}
    assert alone == {"quiet_stance", "walk", "timed_up_and_go", "chair_stand_5x"}


def test_a_chosen_battery_is_written_down_and_read_back() -> None:
    chosen = custom(["walk", "one_leg_left", "walk"])
    assert chosen.text == "custom:walk,one_leg_left"
    assert battery(chosen.text) == chosen
    assert battery("quick").text == "quick"


@pytest.mark.parametrize("name", ["", "stedi", "custom", "custom:", "custom:walk,jump", "../sppb"])
def test_an_unknown_battery_is_refused_in_both_languages(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        battery(name)
    assert refused.value.message("en") != refused.value.message("zh")
