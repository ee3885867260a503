"""A whole visit to the kiosk, as somebody old and alone makes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness import Stop

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = ("kiosk", "tablet", "tall")
NUMBERS = {"6": "158", "7": "57"}
GO_ON = ".kiosk-form .button.primary"


def touch(page: Page, selector: str) -> None:
    """Touches and waits for the next page."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def keys(page: Page, digits: str) -> None:
    """A number by the large keys."""
    for digit in digits:
        page.locator(f"[data-key='{digit}']").click()


def wrong_code(page: Page) -> None:
    keys(page, "ABCD2345")
    touch(page, GO_ON)


def year(page: Page) -> None:
    touch(page, ".kiosk-choice")
    keys(page, "1948")


def wrong_year(page: Page) -> None:
    page.goto("/kiosk/about?sex=female")
    keys(page, "194")
    touch(page, GO_ON)


def consent(page: Page) -> None:
    page.goto("/kiosk/about?sex=female")
    keys(page, "1948")
    touch(page, GO_ON)


def sure(page: Page) -> None:
    """Stop was touched: is that meant?"""
    page.locator("[data-leave] button").click()
    page.locator("[data-sure-no]").wait_for()


def go_on(page: Page) -> None:
    page.locator("[data-sure-no]").click()
    touch(page, "button[value=yes]")


def answer(page: Page, until: int) -> None:
    """Each question before number `until` with its second answer, or its number."""
    while "/questions/" in page.url:
        number = re.findall(r"(\d+)$", page.url)[0]
        if int(number) == until:
            return
        if number in NUMBERS:
            keys(page, NUMBERS[number])
            touch(page, GO_ON)
        else:
            touch(page, "button[name=answer] >> nth=1")


def running(page: Page) -> None:
    """Under way, with something counted."""
    touch(page, "form[action$='/start'] button")
    page.wait_for_function("() => Number(document.querySelector('[data-live-count]')?.textContent) > 0")


def review(page: Page) -> None:
    page.wait_for_selector("form[action$='/accept']", timeout=120_000)


def to_balance(page: Page) -> None:
    touch(page, "form[action$='/accept'] button")
    touch(page, "form[action$='/skip'] button")


def number(page: Page) -> None:
    touch(page, "form[action$='/skip'] button")
    answer(page, 6)
    keys(page, NUMBERS["6"])


def number_wrong(page: Page) -> None:
    page.locator("[data-key=clear]").click()
    touch(page, GO_ON)


def risk(page: Page) -> None:
    keys(page, NUMBERS["6"])
    touch(page, GO_ON)
    answer(page, 8)


def read_on(page: Page) -> None:
    """To the last line of the result."""
    page.locator(".kiosk-result").evaluate("one => one.scrollTo(0, one.scrollHeight)")
    page.locator("[data-more]").wait_for(state="hidden")


TOUR = (
    Stop("welcome", None, "/kiosk", sizes=SIZES, fits=True),
    Stop("start", None, "", lambda page: touch(page, ".button.giant"), SIZES, fits=True),
    Stop("code", None, "/kiosk/code", sizes=SIZES, fits=True),
    Stop("code-wrong", None, "", wrong_code, SIZES, fits=True),
    Stop("help", None, "/kiosk/help", sizes=SIZES, fits=True),
    Stop("about", None, "/kiosk/about", sizes=SIZES, fits=True),
    Stop("year", None, "", year, SIZES, fits=True),
    Stop("year-wrong", None, "", wrong_year, SIZES, fits=True),
    Stop("consent", None, "", consent, SIZES, fits=True),
    Stop("sure", None, "", sure, SIZES, fits=True),
    Stop("question", None, "", go_on, SIZES, fits=True),
    Stop("movements", None, "", lambda page: answer(page, 0), SIZES, fits=True),
    Stop("ready", None, "", lambda page: touch(page, "form.kiosk-actions .button.primary"), SIZES, fits=True),
    Stop("running", None, "", running, SIZES, fits=True),
    Stop("review", None, "", review, SIZES, fits=True),
    Stop("balance", None, "", to_balance, SIZES, fits=True),
    Stop("number", None, "", number, SIZES, fits=True),
    Stop("number-wrong", None, "", number_wrong, SIZES, fits=True),
    Stop("risk", None, "", risk, SIZES, fits=True),
    Stop("last", None, "", lambda page: answer(page, 0), SIZES, fits=True),
    Stop(
        "result", None, "", lambda page: touch(page, "main form[action$='/result'] button"), SIZES, fits=True
    ),
    Stop("result-end", None, "", read_on, SIZES, fits=True),
    Stop(
        "goodbye", None, "", lambda page: touch(page, "main form[action$='/leave'] button"), SIZES, fits=True
    ),
    Stop("no-such-page", None, "/kiosk/no-such-page", sizes=SIZES, fits=True),
)
