"""The screen that shows the kiosk alone: its browser reaches every page of the kiosk and none of the staff's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from visitors import Visitors

from osteogait.web.app import places

KIOSK = Path(__file__).resolve().parents[3] / "deploy" / "kiosk"
BESIDE = ("/language",)
"""The one address outside the room that its pages send a form to."""


@pytest.fixture(scope="module")
def policy() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((KIOSK / "policy.json").read_text(encoding="utf-8"))
    return content


def test_every_page_of_the_kiosk_is_allowed_and_no_other(policy: dict[str, Any]) -> None:
    assert policy["URLBlocklist"] == ["*"]
    for host in ("127.0.0.1", "localhost"):
        allowed = [one.removeprefix(host) for one in policy["URLAllowlist"] if one.startswith(host)]
        reached = {place.path for place in places() if place.path.startswith(tuple(allowed))}
        assert reached == {place.path for place in places() if re.match(r"/kiosk(/|$)", place.path)} | set(
            BESIDE
        )


def test_nothing_is_kept_and_nothing_else_is_opened(policy: dict[str, Any]) -> None:
    assert policy["DeveloperToolsAvailability"] == 2
    assert policy["DownloadRestrictions"] == 3
    assert not policy["PasswordManagerEnabled"]
    script = (KIOSK / "osteogait-kiosk").read_text(encoding="utf-8")
    for flag in (
        "--kiosk",
        "--incognito",
        "--user-data-dir=",
        "--disable-pinch",
        "--overscroll-history-navigation=0",
    ):
        assert flag in script


def test_before_the_first_start_the_kiosk_waits(visitors: Visitors) -> None:
    page = visitors.stranger().get("/kiosk")
    assert page.url.path == "/kiosk"
    assert "not set up yet" in page.text
    assert 'data-home="/kiosk"' in page.text, "it looks again by itself"
