"""Partial DXA: the published vectors, the direction, and what no equation covers."""

from __future__ import annotations

import pytest

from osteofusion.errors import ValuesError
from osteofusion.partial_dxa import HIP_KNOWN, equation_for, p_missing_site


def test_woman_of_seventy_neck_only() -> None:
    assert p_missing_site({"fn_t": -2.0}, age=70, male=False, weight=60) == pytest.approx(0.295, abs=5e-4)


def test_man_of_sixty_spine_only() -> None:
    assert p_missing_site({"ls_t": -1.5}, age=60, male=True, weight=75) == pytest.approx(0.012, abs=5e-4)


def test_neck_and_hip_count_by_their_minimum() -> None:
    low = p_missing_site({"fn_t": -2.0, "th_t": -1.0}, 70, False, 60)
    assert low == p_missing_site({"fn_t": -1.0, "th_t": -2.0}, 70, False, 60)
    assert low == p_missing_site({"th_t": -2.0}, 70, False, 60)


@pytest.mark.parametrize("site", ["fn_t", "th_t", "ls_t"])
def test_a_lower_score_never_lowers_the_chance(site: str) -> None:
    chances = [p_missing_site({site: t / 10}, 68, False, 62) for t in range(-24, 30)]
    assert chances == sorted(chances, reverse=True)


@pytest.mark.parametrize("sites", [set(), {"fn_t", "ls_t"}, {"fn_t", "th_t", "ls_t"}])
def test_patterns_without_an_equation_are_refused(sites: set[str]) -> None:
    assert equation_for(frozenset(sites)) is None
    with pytest.raises(ValuesError) as caught:
        p_missing_site(dict.fromkeys(sites, -1.0), 70, False, 60)
    assert caught.value.code == "sites_not_covered"


def test_what_is_missing_when_the_hip_is_known() -> None:
    assert HIP_KNOWN.missing == ("ls_t",)
