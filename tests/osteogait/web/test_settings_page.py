"""The settings: all or none are kept, only what is allowed, and every change is in the audit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.station import Station

GOOD: dict[str, Any] = {
    "lock_after_s": "90", "kiosk_lock_after_s": "30", "rule_set": "who1994", "country": "CN", "kiosk_tests": ["walk"],
}  # fmt: skip


@pytest.fixture
def administrator(visitors: Visitors) -> Visitor:
    visitor = visitors.signed_in(Role.ADMINISTRATOR)
    visitor.get("/settings")
    return visitor


def test_what_was_set_is_shown_again_and_in_the_audit(administrator: Visitor, station: Station) -> None:
    page = administrator.post("/settings", GOOD | {"staff_present": "yes"}).text
    assert re.search(r'name="lock_after_s"[^>]*value="90"|value="90"[^>]*name="lock_after_s"', page)
    assert station.settings.get("kiosk_tests", None) == ["walk"]
    assert station.settings.get("staff_present", False) is True
    assert station.settings.get("kiosk_shows_fracture", None) is False
    (event,) = station.audit.rows(1, None)
    assert (event.action, event.object) == ("change", "settings")
    assert '"country":"CN"' in event.details.replace(" ", "")


def test_a_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(administrator: Visitor) -> None:
    wrong = {"kiosk_lock_after_s": "5", "zone": "Shanghai", "staff_present": "yes"}
    page = administrator.post("/settings", GOOD | wrong).text
    fields = {
        name: re.search(
            rf'<div class="field[^"]*">(?:(?!<div class="field).)*name="{name}".*?</div>', page, re.DOTALL
        )
        for name in ("lock_after_s", "kiosk_lock_after_s", "zone")
    }
    said = {name: "field-error" in found[0] for name, found in fields.items() if found}
    assert said == {"lock_after_s": False, "kiosk_lock_after_s": True, "zone": True}
    for kept in ('value="90"', 'value="5"', 'value="Shanghai"', 'name="staff_present" value="yes" checked'):
        assert kept in page
    assert 'value="chair_stand_5x" checked' not in page


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"kiosk_lock_after_s": "29"}, 422),
        ({"kiosk_lock_after_s": "3601"}, 422),
        ({"lock_after_s": "１２０"}, 422),
        ({"lock_after_s": "1e2"}, 422),
        ({"rule_set": "mine"}, 404),
        ({"country": "XX"}, 404),
        ({"kiosk_tests": ["walk", "no_such_test"]}, 404),
    ],
)
def test_one_wrong_field_and_nothing_is_kept(
    administrator: Visitor, station: Station, wrong: dict[str, Any], status: int
) -> None:
    assert administrator.post("/settings", GOOD | wrong).status_code == status
    for name in GOOD:
        assert station.settings.get(name, None) is None, name


def test_the_kiosk_offers_what_was_set(administrator: Visitor, visitors: Visitors, known: Any) -> None:
    administrator.post("/settings", GOOD)
    guest = visitors.guest(known.person, known.visit)
    assert guest.get("/kiosk/tests/walk").status_code == 200
    assert guest.get("/kiosk/tests/chair_stand_5x").status_code == 404
    assert 'data-wipe-after="30"' in guest.get("/kiosk/tests").text
