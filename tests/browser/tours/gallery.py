"""All parts on one page."""

from __future__ import annotations

from harness import Stop


def _dialog(page):  # type: ignore[no-untyped-def]
    page.locator("[data-opens]").first.click()


TOUR = (
    Stop("parts", "administrator", "/gallery"),
    Stop("dialog", "administrator", "/gallery", _dialog),
)
