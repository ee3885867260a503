"""The physiotherapist: from finding a person to the printed report, with one whole simulated test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import Stop

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEST_MS = 60_000


def wrong_fields(page: Page) -> None:
    """A form with mistakes, each said at its field."""
    page.locator("[name=birth_year]").fill("48")
    page.locator("[name=height]").fill("16")
    page.locator("[value=female]").check(force=True)
    page.locator("button[form=new]").click()
    page.locator(".field-error").first.wait_for()


def right_fields(page: Page) -> None:
    """The same form filled well; on to consent."""
    page.locator("[name=birth_year]").fill("1948")
    page.locator("[name=height]").fill("165")
    page.locator("[name=weight]").fill("62")
    page.locator("button[form=new]").click()
    page.wait_for_url("**/consent")


def agree(page: Page) -> None:
    """Consent to the tests; on to the batteries."""
    page.locator("[name=signer]").fill("W. L.")
    page.locator("button[form=consent]").click()
    page.wait_for_url("**/tests")


def begin(page: Page) -> None:
    """The Short Physical Performance Battery; on to the sensor."""
    page.locator("button[value=sppb]").click()
    page.wait_for_url("**/sensor")


def check(page: Page) -> None:
    """The sensor is listened to."""
    page.locator("button[form=check]").last.click()
    page.locator(".findings").wait_for(timeout=TEST_MS)


def first_test(page: Page) -> None:
    """On to the first test."""
    page.locator("a[href$='/next']").click()
    page.locator("form[action$='/start']").wait_for()


def why(page: Page) -> None:
    """The reasons for not doing it."""
    page.locator("a[href$='/skip']").click()
    page.locator("[name=reason]").first.wait_for()


def skip(page: Page) -> None:
    """Not done because of pain; the next test is there."""
    page.locator("[name=reason][value=pain]").click()
    page.locator("form[action$='/start']").wait_for()


def start(page: Page) -> None:
    """A test under way, its time running."""
    page.locator("form[action$='/start'] button").click()
    page.locator("[data-live][data-phase=recording]").wait_for(timeout=TEST_MS)
    page.wait_for_timeout(1500)


def judged(page: Page) -> None:
    """The page comes to the verdict by itself, and its picture is there."""
    page.locator("form[action$='/accept']").wait_for(timeout=TEST_MS)
    page.wait_for_function(
        "() => [...document.images].every(one => one.complete && one.naturalWidth > 0)", timeout=TEST_MS
    )


def accept(page: Page) -> None:
    """Accepted; then the list of tests."""
    page.locator("form[action$='/accept'] button").click()
    page.locator("form[action$='/start']").wait_for()
    page.locator(".frame-actions a.first").click()
    page.locator(".step-list").wait_for()


def slip(page: Page) -> None:
    """A slip for the kiosk."""
    page.locator("form[action$='/slip'] button").click()
    page.locator(".slip").wait_for()


def single_tests(page: Page) -> None:
    """Every test by name."""
    page.locator("summary").click()


TOUR = (
    Stop("people", "therapist", "/people"),
    Stop("search", "therapist", "/people?q=nobody"),
    Stop("new-person", "therapist", "/people/new", fits=True),
    Stop("new-person-wrong", "therapist", "", wrong_fields),
    Stop("consent", "therapist", "", right_fields, fits=True),
    Stop("batteries", "therapist", "", agree, fits=True),
    Stop("sensor", "therapist", "", begin, fits=True),
    Stop("sensor-checked", "therapist", "", check, fits=True),
    Stop("test", "therapist", "", first_test, fits=True),
    Stop("skip", "therapist", "", why, fits=True),
    Stop("next-test", "therapist", "", skip, fits=True),
    Stop("test-under-way", "therapist", "", start, fits=True),
    Stop("test-verdict", "therapist", "", judged, fits=True),
    Stop("visit", "therapist", "", accept, fits=True),
    Stop("person", "therapist", "/people/{person}"),
    Stop("slip", "therapist", "", slip, fits=True),
    Stop("details", "therapist", "/people/{person}/details", fits=True),
    Stop("consent-given", "therapist", "/people/{person}/consent", fits=True),
    Stop("trend", "therapist", "/people/{person}/trend"),
    Stop("single-tests", "therapist", "/people/{person}/tests", single_tests),
    Stop("result", "therapist", "/visits/{visit}/result"),
    Stop("report", "therapist", "/visits/{visit}/report"),
    Stop("sensor-alone", "therapist", "/sensor", fits=True),
)
