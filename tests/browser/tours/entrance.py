"""The first start, the door, the lock, and the rooms of the administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import harness
from harness import Stop

if TYPE_CHECKING:
    from playwright.sync_api import Page


def fill_first_run(page: Page) -> None:
    """Two passwords that are not the same."""
    for name, text in (
        ("display", "Mei"),
        ("name", "mei"),
        ("password", harness.PASSWORD),
        ("again", "another"),
    ):
        page.locator(f"[name={name}]").fill(text)
    page.locator("main button[type=submit]").click()
    page.locator(".notice.bad").wait_for()


def end_first_run(page: Page) -> None:
    """The same password twice: on to the work."""
    for name in ("password", "again"):
        page.locator(f"[name={name}]").fill(harness.PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/people")


def wrong_password(page: Page) -> None:
    """Refused without saying which of the two was wrong."""
    page.locator("[name=name]").fill("nobody")
    page.locator("[name=password]").fill("not the one")
    page.locator("main button[type=submit]").first.click()
    page.locator(".notice.bad").wait_for()


def forgotten(page: Page) -> None:
    """What to do without the password."""
    page.locator("main details summary").click()


def wrong_settings(page: Page) -> None:
    """Two fields that cannot be: told beside them, the rest as it was typed."""
    page.locator("[name=kiosk_lock_after_s]").fill("5")
    page.locator("[name=zone]").fill("Shanghai")
    page.locator("main form button[type=submit]").click()
    page.locator(".field.wrong").first.wait_for()


def lock_with_pin(page: Page) -> None:
    """Somebody with a PIN, who has forgotten it."""
    harness.sign_in(page, "clinician")
    page.goto("/my-account")
    page.locator("[name=pin]").fill("2580")
    page.locator("form[action$='/pin'] button").click()
    page.wait_for_url("**done=pin")
    page.locator("form[action='/lock'] button").click()
    page.wait_for_url("**/locked**")
    page.locator("main details summary").click()


def lock(page: Page) -> None:
    """The button in the head of every page; of a session of its own, for others go on with theirs."""
    harness.sign_in(page, "owner")
    page.locator("form[action='/lock'] button").click()
    page.wait_for_url("**/locked**")


TOUR = (
    Stop("first-run", None, "/", new_box=True),
    Stop("first-run-wrong", None, "", fill_first_run, new_box=True),
    Stop("first-run-done", None, "", end_first_run, new_box=True),
    Stop("sign-in", None, "/sign-in", fits=True),
    Stop("sign-in-wrong", None, "", wrong_password, fits=True),
    Stop("forgotten", None, "/sign-in", forgotten, fits=True),
    Stop("no-such-page", None, "/no-such-page", fits=True),
    Stop("accounts", "administrator", "/accounts"),
    Stop("sensors", "administrator", "/sensors"),
    Stop("settings", "administrator", "/settings"),
    Stop("settings-wrong", "administrator", "", wrong_settings),
    Stop("audit", "administrator", "/audit?verify=yes"),
    Stop("administration", "administrator", "/administration"),
    Stop("erase", "administrator", "/erase"),
    Stop("my-account", "administrator", "/my-account"),
    Stop("notice", "administrator", "/notice"),
    Stop("not-yours", "administrator", "/people", fits=True),
    Stop("locked", None, "", lock, fits=True),
    Stop("locked-pin", None, "/sign-in", lock_with_pin, fits=True),
)
