"""How high the seat of the clinic's chair is: asked where somebody stands up from it, remembered for the next time."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from osteogait.screening.battery import RISING

if TYPE_CHECKING:
    from osteogait.screening.battery import TestItem
    from osteogait.web.call import Call

SETTING = "seat_height_cm"
LOWEST_CM, HIGHEST_CM = 25, 70
"""As the science takes it (gaitsignal, notes of a trial)."""


class NoSeatError(ValueError):
    """What was typed is no height of a seat."""


def wanted(item: TestItem) -> bool:
    """True for a test whose power depends on it."""
    return item.stop in RISING


def known(call: Call) -> str:
    """As it was typed last, in cm; empty when it never was."""
    return str(call.setting(SETTING, ""))


def typed(call: Call, item: TestItem) -> float | None:
    """In m, and remembered; None when the field was left empty; NoSeatError when it cannot be."""
    text = unicodedata.normalize("NFKC", call.form.text("seat")).strip()
    if not wanted(item) or not text:
        return None
    digits = text.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and LOWEST_CM <= float(text) <= HIGHEST_CM):
        raise NoSeatError(text)
    if text != known(call):
        with call.station.store.transaction():
            call.station.settings.put(SETTING, text, call.actor)
            call.audit("change", "settings", seat_height_cm=text)
    return float(text) / 100.0


def wrong(call: Call) -> str:
    """What is said of a height that cannot be."""
    return call.say(
        "Please enter the height of the seat in cm, %(low)s to %(high)s.", low=LOWEST_CM, high=HIGHEST_CM
    )
