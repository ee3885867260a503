"""The first pages: the language, the code of a slip, or sex and year of birth; then the consent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from osteogait.errors import NotPermitted
from osteogait.web.kiosk import pace
from osteogait.web.kiosk.leaving import gone
from osteogait.web.kiosk.onward import onward
from osteogait.web.kiosk.sweeping import sweep
from osteogait.web.kiosk.visit import MACHINE, begin, came_alone, let_go, whose
from osteogait.web.language import LOCALES, N_, translations

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

SEXES = ("female", "male")
AGES = (40, 105)
"""Whom the model was made for; others are sent to the staff."""
MANY = N_("Many visits were begun here just now. Please wait %(minutes)s minutes, or ask the staff.")
NOT_OF_AGE = N_(
    "This station is for people of %(low)s and older, up to %(high)s. Please look at the year again, or ask the staff."
)
WELCOME = (
    N_("How are your bones and your balance?"),
    N_("Ten minutes, a few questions and some simple movements. Your name is not asked."),
    N_("Touch here to begin"),
)


def welcome(call: Call) -> Response:
    """Touch to begin, in either language: nobody has to find a small key for it."""
    if call.station.is_new:
        return call.page("kiosk/not_ready.html.j2")
    langs = sorted(LOCALES, key=lambda lang: lang != call.lang)
    said = [(lang, *map(translations(lang).gettext, WELCOME)) for lang in langs]
    return call.page("kiosk/welcome.html.j2", said=said)


def start(call: Call) -> Response:
    """With a slip or without."""
    return call.page("kiosk/start.html.j2")


def help_page(call: Call) -> Response:
    """Who does not know what is asked is sent to somebody who can help."""
    return call.page("kiosk/help.html.j2")


def code_page(call: Call) -> Response:
    """The code of the slip: typed with large keys, or read by a scanner, which types it too."""
    return call.page("kiosk/code.html.j2", problem=None)


def code(call: Call) -> Response:
    """The visit of whoever the slip was made for."""
    station = call.station
    left_s = station.accounts.must_wait_s(pace.address(call))
    if left_s:  # codes cannot be tried through
        return call.refuse(NotPermitted("try_later", seconds=left_s), 403)
    with station.store.transaction():
        person = station.slips.use(call.form.text("code"))
        if person is not None:
            begin(call, person)
    if person is None:
        station.audit.add(MACHINE, "login", "slip", refused=True)
        station.accounts.failed(pace.address(call))
        problem = call.say("This code is not valid, or was used already. Please try again, or ask the staff.")
        return call.page("kiosk/code.html.j2", status=422, problem=problem)
    station.accounts.succeeded(pace.address(call))
    let_go(call)
    return call.go("kiosk.consent")


def about_page(call: Call) -> Response:
    """First the sex, then the year of birth: nothing that says who somebody is."""
    return _about(call, call.query.get("sex", ""), "")


def about(call: Call) -> Response:
    """A new pseudonym and its first visit."""
    sex, year = call.form.text("sex"), call.form.text("year")
    if sex not in SEXES:
        return _about(call, "", call.say("Please choose one answer."), 422)
    problem = _wrong_year(call, year)
    if problem:
        return _about(call, sex, problem, 422)
    left_s = pace.wait_s(call)
    if left_s:
        return call.problem(call.say(MANY, minutes=-(-left_s // 60)), 429)
    with call.station.store.transaction():
        begin(call, call.station.store.add_person(birth_year=int(year), sex=sex))
    let_go(call)
    sweep(call)
    return call.go("kiosk.consent")


def _wrong_year(call: Call, year: str) -> str:
    """What is wrong with the year; empty when nothing is."""
    if not (year.isascii() and year.isdigit() and len(year) == len("1948")):
        return call.say("Please enter all four digits of the year, for example 1948.")
    if not AGES[0] <= datetime.now(UTC).year - int(year) <= AGES[1]:
        return call.say(NOT_OF_AGE, low=AGES[0], high=AGES[1])
    return ""


def _about(call: Call, sex: str, problem: str, status: int = 200) -> Response:
    if sex not in SEXES:
        return call.page("kiosk/about.html.j2", status=status, problem=problem)
    return call.page(
        "kiosk/year.html.j2", status=status, problem=problem, sex=sex, this_year=datetime.now(UTC).year,
        written=call.form.text("year")[:4],
    )  # fmt: skip


def consent_page(call: Call) -> Response:
    """What is done and kept, in a few plain sentences."""
    whose(call)
    return call.page("kiosk/consent.html.j2", may_go_back=came_alone(call))


def consent(call: Call) -> Response:
    """On with a yes; with a no everything of this visit goes."""
    person, _ = whose(call)
    station = call.station
    if call.form.text("agree") != "yes":
        let_go(call, refused=True)
        return gone(call)
    if "test" not in station.consents.held(person.id):
        with station.store.transaction():
            station.consents.give(person.id, "test", lang=call.lang, signer="self", by=MACHINE)
            call.audit("consent", f"person:{person.id}", purpose="test")
    return onward(call)
