"""A whole visit to the kiosk, as somebody old and alone makes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness import Stop

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = ("kiosk", "tablet", "tall")


def touch(page: Page, selector: str) -> None:
    """Touches and waits for the next page."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def about(page: Page) -> None:
    page.goto("/kiosk/about")
    page.locator("[data-by='-1']").click()
    page.locator("input[value=female]").check()


def answered(page: Page) -> None:
    """All questions but the last, each with its first answer or its usual number."""
    while "/questions/" in page.url and int(re.findall(r"(\d+)$", page.url)[0]) < 7:
        choice = page.locator("button[name=answer]")
        touch(page, "button[name=answer]" if choice.count() else ".kiosk-form .button.primary")


def to_tests(page: Page) -> None:
    while "/questions/" in page.url:
        touch(page, "button[name=answer][value=no], .kiosk-form .button.primary")


def to_end_of_test(page: Page) -> None:
    page.wait_for_selector("form[action$='/accept']", timeout=90_000)


def to_result(page: Page) -> None:
    touch(page, "form[action$='/accept'] button")
    touch(page, "form[action$='/skip'] button")
    touch(page, "form[action$='/skip'] button")


TOUR = (
    Stop("welcome", None, "/kiosk", sizes=SIZES, fits=True),
    Stop("start", None, "", lambda page: touch(page, ".button.giant"), SIZES, fits=True),
    Stop("code", None, "/kiosk/code", sizes=SIZES, fits=True),
    Stop("about", None, "", about, SIZES, fits=True),
    Stop("consent", None, "", lambda page: touch(page, ".kiosk-form .button.primary"), SIZES, fits=True),
    Stop("question", None, "", lambda page: touch(page, "button[value=yes]"), SIZES, fits=True),
    Stop(
        "number",
        None,
        "",
        lambda page: [touch(page, "button[name=answer]") for _ in range(5)] and None,
        SIZES,
        fits=True,
    ),
    Stop(
        "risk",
        None,
        "",
        lambda page: [touch(page, ".kiosk-form .button.primary") for _ in range(2)] and None,
        SIZES,
        fits=True,
    ),
    Stop("movements", None, "", to_tests, SIZES, fits=True),
    Stop("ready", None, "", lambda page: touch(page, "form.kiosk-actions .button.primary"), SIZES, fits=True),
    Stop(
        "running",
        None,
        "",
        lambda page: touch(page, "form[action$='/start'] button") or page.wait_for_timeout(6000),
        SIZES,
        fits=True,
    ),
    Stop("review", None, "", to_end_of_test, SIZES, fits=True),
    Stop("result", None, "", to_result, SIZES),
    Stop(
        "goodbye", None, "", lambda page: touch(page, "main form[action$='/leave'] button"), SIZES, fits=True
    ),
)
