"""The kiosk in a real browser: all in sight, large enough, and wiped when nobody is there any more."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import harness
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

PageOf = Callable[..., "Page"]
Axe = Callable[["Page"], list[str]]
RESULT = {"en": "Your result", "zh": "您的结果"}
FIRST = ".kiosk-choices button[name=answer], .kiosk-form .button.primary"


def touch(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def fits(page: Page, axe: Axe) -> None:
    page.wait_for_load_state()
    assert axe(page) == []
    assert harness.small_targets(page) == []
    assert harness.scrolls(page) == (0, 0), page.url


def consented(page: Page) -> None:
    page.goto("/kiosk/about")
    page.locator("input[value=female]").check()
    touch(page, ".kiosk-form .button.primary")
    touch(page, "button[value=yes]")


def to_result(page: Page) -> None:
    while "/questions/" in page.url:
        touch(page, FIRST)
    touch(page, "button[name=without]")


def read_on(page: Page) -> None:
    """What does not fit is offered by a key, which goes when the last line is in sight."""
    more, last = page.locator("[data-more]"), page.locator(".kiosk-result > :last-child")
    for _ in range(8):
        if not more.is_visible():
            break
        more.click()
        page.wait_for_timeout(100)
    assert not more.is_visible()
    edge = page.evaluate("() => document.querySelector('.kiosk-result').getBoundingClientRect().bottom")
    box = last.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= edge + 5


@pytest.mark.parametrize(
    ("lang", "size"), [("en", "kiosk"), ("zh", "tall"), ("zh", "tablet"), ("en", "tablet")]
)
def test_everything_is_in_sight_and_large(page_of: PageOf, axe: Axe, lang: str, size: str) -> None:
    page = page_of(None, lang, size)
    page.goto("/kiosk")
    fits(page, axe)
    touch(page, ".button.giant")
    fits(page, axe)
    page.goto("/kiosk/code")
    fits(page, axe)
    page.goto("/kiosk/about")
    fits(page, axe)
    page.locator("input[value=female]").check()
    touch(page, ".kiosk-form .button.primary")
    fits(page, axe)
    touch(page, "button[value=yes]")
    while "/questions/" in page.url:
        fits(page, axe)
        touch(page, FIRST)
    fits(page, axe)
    touch(page, "button[name=without]")
    page.wait_for_url("**/kiosk/result")
    fits(page, axe)
    read_on(page)
    fits(page, axe)
    touch(page, "main form[action$='/leave'] button")
    fits(page, axe)


def test_whoever_leaves_leaves_nothing_in_the_history(page_of: PageOf) -> None:
    page = page_of(None, "en", "kiosk")
    consented(page)
    to_result(page)
    assert "points" in page.locator("main").inner_text()
    touch(page, "main form[action$='/leave'] button")
    for _ in range(6):
        page.go_back()
        page.wait_for_load_state()
        text = page.locator("main").inner_text()
        assert not re.search(r"\d+ of 10 points|OSTA", text), page.url
        assert page.locator("[aria-pressed=true]").count() == 0, page.url


def test_a_kiosk_left_alone_asks_and_then_wipes(page_of: PageOf) -> None:
    page = page_of(None, "en", "kiosk")
    page.clock.install()
    consented(page)
    after_s = int(page.locator("body").get_attribute("data-wipe-after") or 0)
    assert after_s == 60
    page.clock.run_for((after_s - 14) * 1000)
    assert page.locator("[data-still]").is_visible()
    page.locator("[data-still-yes]").click()
    page.clock.run_for((after_s - 20) * 1000)
    assert not page.locator("[data-still]").is_visible()
    page.clock.run_for(21_000)
    page.wait_for_url("**/kiosk/goodbye")
    page.goto("/kiosk/questions/1")
    assert "/questions/" not in page.url
