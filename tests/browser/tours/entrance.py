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
    Stop("no-such-page", None, "/no-such-page", fits=True),
    Stop("accounts", "administrator", "/accounts"),
    Stop("sensors", "administrator", "/sensors"),
    Stop("settings", "administrator", "/settings"),
    Stop("audit", "administrator", "/audit?verify=yes"),
    Stop("administration", "administrator", "/administration"),
    Stop("erase", "administrator", "/erase"),
    Stop("my-account", "administrator", "/my-account"),
    Stop("notice", "administrator", "/notice"),
    Stop("not-yours", "administrator", "/people", fits=True),
    Stop("locked", None, "", lock, fits=True),
)
