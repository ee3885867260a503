"""The entrance in a real browser: the first start by keyboard alone, the lock, and every page of the administration."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import harness
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

PageOf = Callable[..., "Page"]
Axe = Callable[["Page"], list[str]]
PAGES = (
    "/accounts",
    "/sensors",
    "/settings",
    "/audit?verify=yes",
    "/administration",
    "/erase",
    "/my-account",
    "/notice",
)
PIN = "2580"
SEEN = """() => [document.activeElement, document.activeElement.closest('.field-box')].some(one => {
  const style = one && getComputedStyle(one);
  return style && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
})"""


def usable(page: Page, axe: Axe) -> None:
    page.wait_for_load_state()
    assert axe(page) == []
    assert harness.small_targets(page) == []
    assert harness.scrolls(page)[0] == 0, page.url


def focused(page: Page, name: str) -> None:
    """Tab until the field of that name has the focus; it must come within a few steps and be seen to have it."""
    for _ in range(12):
        if page.evaluate("() => document.activeElement.name") == name:
            assert page.evaluate(SEEN), name
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} cannot be reached by keyboard")


@pytest.mark.parametrize(("lang", "size"), [("en", "tablet"), ("zh", "phone")])
def test_the_first_start_by_keyboard_alone(
    page_of: PageOf, new_box: Callable[..., harness.Box], axe: Axe, lang: str, size: str
) -> None:
    box = new_box(accounts=False)
    page = page_of(None, lang, size, of=box)
    page.goto("/")
    page.wait_for_url("**/first-run")
    usable(page, axe)
    for name, text in (
        ("display", "梅医生"),
        ("name", "mei"),
        ("password", harness.PASSWORD),
        ("again", "another"),
    ):
        focused(page, name)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.locator(".notice.bad").wait_for()
    assert page.locator("[name=display]").input_value() == "梅医生"
    usable(page, axe)
    for name in ("password", "again"):
        focused(page, name)
        page.keyboard.type(harness.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/people")
    assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[lang]
    assert "梅医生" in page.locator(".frame-tools").inner_text()
    usable(page, axe)
    page.goto("/first-run")
    assert "/people" in page.url or "/sign-in" in page.url


def test_lock_and_unlock_with_a_pin(page_of: PageOf, new_box: Callable[..., harness.Box], axe: Axe) -> None:
    box = new_box()
    page = page_of("owner", of=box)
    page.goto("/my-account")
    page.locator("[name=pin]").fill(PIN)
    page.locator("form[action$='/pin'] button").click()
    page.wait_for_url("**/my-account?done=pin")
    page.locator("form[action='/lock'] button").click()
    page.wait_for_url("**/locked**")
    usable(page, axe)
    page.goto("/people")
    assert "/locked" in page.url
    page.locator("[name=pin]").fill("0000")
    page.keyboard.press("Enter")
    page.locator(".notice.bad").wait_for()
    usable(page, axe)
    page.locator("[name=pin]").fill(PIN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/people")


def test_an_idle_screen_locks_itself(page_of: PageOf, new_box: Callable[..., harness.Box]) -> None:
    page = page_of("therapist", of=new_box())
    harness.stop_clock(page)
    page.goto("/my-account")
    page.clock.run_for(119_000)
    assert "/my-account" in page.url
    page.clock.run_for(2_000)
    page.wait_for_url("**/locked**")
    page.go_back()
    page.wait_for_url("**/locked**")


@pytest.mark.parametrize(
    ("lang", "size", "theme"), [("en", "tablet", "light"), ("zh", "phone", "dark"), ("zh", "tall", "light")]
)
def test_every_page_of_the_administration(
    page_of: PageOf, box: harness.Box, axe: Axe, lang: str, size: str, theme: str
) -> None:
    page = page_of("administrator", lang, size, theme)
    for path in PAGES:
        page.goto(path)
        assert path.partition("?")[0] in page.url
        usable(page, axe)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_who_took_a_wrong_way_keeps_the_menu_and_the_lock(page_of: PageOf, axe: Axe, lang: str) -> None:
    page = page_of("administrator", lang)
    for path in ("/people", "/no-such-page", "/accounts/none", "/people/none/trend"):
        page.goto(path)
        assert page.locator("form[action='/lock'] button").is_visible(), path
        assert page.locator(".frame-nav a").count() >= 4, path
        usable(page, axe)
        page.locator("form[action='/language'] button").click()
        page.wait_for_load_state()
        page.locator("form[action='/language'] button").click()
        page.wait_for_load_state()


def test_the_door_says_no_without_saying_which_was_wrong(page_of: PageOf, box: harness.Box, axe: Axe) -> None:
    page = page_of(None, "zh")
    page.goto("/people")
    page.wait_for_url("**/sign-in**")
    usable(page, axe)
    page.locator("[name=name]").fill("nobody")
    page.locator("[name=password]").fill("not the one")
    page.keyboard.press("Enter")
    page.locator(".notice.bad").wait_for()
    usable(page, axe)
