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
    return _page(call, None)


def change(call: Call) -> Response:
    """All settings of the page at once, or none."""
    wanted: dict[str, object] = {}
    for name in NUMBERS:
        text = call.form.text(name)
        if not (text.isascii() and text.isdigit() and SECONDS[0] <= int(text) <= SECONDS[1]):
            problem = call.say(
                "Please enter %(low)s to %(high)s whole seconds.", low=SECONDS[0], high=SECONDS[1]
            )
            return _page(call, problem, 422)
        wanted[name] = int(text)
    wanted |= {name: call.form.has(name) for name in SWITCHES}
    for name, (_, allowed, _) in CHOICES.items():
        if call.form.text(name) not in allowed:
            raise Unknown
        wanted[name] = call.form.text(name)
    zone = call.form.text("zone")
    if zone and not is_zone(zone):
        return _page(call, call.say("Please enter a time zone such as Asia/Shanghai or +08:00."), 422)
    wanted["zone"] = zone or None
    known = [test.id for test in all_tests()]
    chosen = call.form.all("kiosk_tests")
    if not set(chosen) <= set(known):
        raise Unknown
    wanted["kiosk_tests"] = sorted(
        chosen, key=lambda name: (USUAL.index(name) if name in USUAL else len(USUAL), known.index(name))
    )
    with call.station.store.transaction():
        for name, value in wanted.items():
            call.station.settings.put(name, value, call.actor)
        call.audit("change", "settings", **wanted)
    return call.go("entrance.settings", done="yes")


def _page(call: Call, problem: str | None, status: int = 200) -> Response:
    get = call.station.settings.get
    return call.page(
        "entrance/settings.html.j2", status=status, problem=problem, done=call.query.get("done"),
        numbers=[(name, call.say(words), get(name, usual)) for name, (words, usual) in NUMBERS.items()],
        zone=get("zone", None) or "",
        tests=[
            (test.id, call.say(test.title), test.alone_ok, test.id in get("kiosk_tests", list(USUAL)))
            for test in all_tests()
            if test.part is None
        ],
        switches=[(name, call.say(words), get(name, usual)) for name, (words, usual) in SWITCHES.items()],
        choices=[_choice(call, name) for name in CHOICES],
    )  # fmt: skip


def _choice(call: Call, name: str) -> tuple[str, str, list[tuple[str, str]], str]:
    """Name, question, options and what holds now; the country is the site's own until somebody chooses."""
    question, allowed, usual = CHOICES[name]
    holds = call.station.settings.get(name, usual or configuration().model.country)
    return name, call.say(question), [(one, call.say(WORDS[one])) for one in allowed], holds
