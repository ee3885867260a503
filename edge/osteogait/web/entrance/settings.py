"""What the administrator chooses for the whole box; every choice is checked and stands in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from osteogait.clinic.case import RULE_SETS
from osteogait.clinic.zone import is_zone
from osteogait.config import COUNTRIES, configuration
from osteogait.screening.battery import all_tests
from osteogait.web.access import Unknown
from osteogait.web.kiosk.moving import USUAL
from osteogait.web.language import N_

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

SECONDS = (30, 3600)
"""A lock is at least long enough to read a page, at most an hour."""
NUMBERS: Mapping[str, tuple[str, int]] = {
    "lock_after_s": (N_("Lock the staff screen after so many seconds without a touch"), 120),
    "kiosk_lock_after_s": (N_("Wipe the kiosk after so many seconds without a touch"), 60),
}
SWITCHES: Mapping[str, tuple[str, bool]] = {
    "kiosk_shows_fracture": (
        N_("The kiosk shows fracture probabilities before a clinician has looked"),
        False,
    ),
    "staff_present": (
        N_("Somebody of the staff stands by the kiosk: balance tests are offered there"),
        False,
    ),
}
CHOICES: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "rule_set": (N_("Rule set for the diagnosis of osteoporosis"), RULE_SETS, RULE_SETS[0]),
    "country": (N_("Country whose fracture rates hold"), COUNTRIES, ""),
}
WORDS = {
    "china2022": N_("Chinese guideline, 2022"),
    "who1994": N_("World Health Organization, 1994"),
    "US": N_("United States"),
    "CN": N_("China"),
}


def show(call: Call) -> Response:
    """What is set now."""
    return _page(call, {})


def change(call: Call) -> Response:
    """All settings of the page at once, or none; what was wrong is told beside its field."""
    wrong = _wrong(call)
    if wrong:
        return _page(call, wrong, 422)
    wanted = _wanted(call)
    with call.station.store.transaction():
        for name, value in wanted.items():
            call.station.settings.put(name, value, call.actor)
        call.audit("change", "settings", **wanted)
    return call.go("entrance.settings", done="yes")


def _wrong(call: Call) -> dict[str, str]:
    """What is wrong by field; Unknown for what the page does not offer."""
    if any(call.form.text(name) not in allowed for name, (_, allowed, _) in CHOICES.items()):
        raise Unknown
    if not set(call.form.all("kiosk_tests")) <= {test.id for test in all_tests()}:
        raise Unknown
    low, high = SECONDS
    said = call.say("Please enter %(low)s to %(high)s whole seconds.", low=low, high=high)
    wrong = {name: said for name in NUMBERS if not _is_seconds(call.form.text(name))}
    zone = call.form.text("zone")
    if zone and not is_zone(zone):
        wrong["zone"] = call.say("Please enter a time zone such as Asia/Shanghai or +08:00.")
    return wrong


def _is_seconds(text: str) -> bool:
    return text.isascii() and text.isdigit() and SECONDS[0] <= int(text) <= SECONDS[1]


def _wanted(call: Call) -> dict[str, object]:
    """Every setting of the page, once nothing is wrong."""
    wanted: dict[str, object] = {name: int(call.form.text(name)) for name in NUMBERS}
    wanted |= {name: call.form.has(name) for name in SWITCHES}
    wanted |= {name: call.form.text(name) for name in CHOICES}
    wanted["zone"] = call.form.text("zone") or None
    wanted["kiosk_tests"] = _in_order(call.form.all("kiosk_tests"))
    return wanted


def _in_order(chosen: tuple[str, ...]) -> list[str]:
    """The usual ones in their order, the others behind them."""
    known = [test.id for test in all_tests()]
    return sorted(
        chosen, key=lambda name: (USUAL.index(name) if name in USUAL else len(USUAL), known.index(name))
    )


def _page(call: Call, wrong: Mapping[str, str], status: int = 200) -> Response:
    """What holds now; after a mistake what was typed, so that nobody begins anew."""
    get, form, again = call.station.settings.get, call.form, bool(wrong)
    tests = form.all("kiosk_tests") if again else get("kiosk_tests", list(USUAL))
    return call.page(
        "entrance/settings.html.j2", status=status, wrong=wrong, done=call.query.get("done"),
        numbers=[
            (name, call.say(words), form.text(name) if again else get(name, usual))
            for name, (words, usual) in NUMBERS.items()
        ],
        zone=form.text("zone") if again else get("zone", None) or "",
        tests=[
            (test.id, call.say(test.title), test.alone_ok, test.id in tests)
            for test in all_tests()
            if test.part is None
        ],
        switches=[
            (name, call.say(words), form.has(name) if again else get(name, usual))
            for name, (words, usual) in SWITCHES.items()
        ],
        choices=[_choice(call, name, again=again) for name in CHOICES],
    )  # fmt: skip


def _choice(call: Call, name: str, *, again: bool) -> tuple[str, str, list[tuple[str, str]], str]:
    """Name, question, options and what holds now; the country is the site's own until somebody chooses."""
    question, allowed, usual = CHOICES[name]
    holds = call.station.settings.get(name, usual or configuration().model.country)
    options = [(one, call.say(WORDS[one])) for one in allowed]
    return name, call.say(question), options, call.form.text(name) if again else holds
