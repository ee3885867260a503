"""The first pages: touch to begin, the code of a slip, or year of birth and sex; then the consent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from osteogait.errors import NotPermitted
from osteogait.web.kiosk.visit import MACHINE, begin, whose

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

SEXES = ("female", "male")
AGES = (40, 105)
"""Whom the model was made for; others are sent to the staff."""
USUAL_AGE = 70


def welcome(call: Call) -> Response:
    """Touch to begin; whoever was here before is gone."""
    return call.page("kiosk/welcome.html.j2")


def start(call: Call) -> Response:
    """With a slip or without."""
    return call.page("kiosk/start.html.j2")


def code_page(call: Call) -> Response:
    """The code of the slip: typed with large keys, or read by a scanner, which types it too."""
    return call.page("kiosk/code.html.j2", problem=None)


def code(call: Call) -> Response:
    """The visit of whoever the slip was made for."""
    station = call.station
    _not_too_often(call)
    person = station.slips.use(call.form.text("code"))
    if person is None:
        station.audit.add(MACHINE, "login", "slip", refused=True)
        station.accounts.failed(_address(call))
        problem = call.say("This code is not valid, or was used already. Please try again, or ask the staff.")
        return call.page("kiosk/code.html.j2", status=422, problem=problem)
    begin(call, person)
    return call.go("kiosk.consent")


def about_page(call: Call) -> Response:
    """Year of birth and sex: nothing that says who somebody is."""
    year = datetime.now(UTC).year
    return call.page(
        "kiosk/about.html.j2", problem=None, low=year - AGES[1], high=year - AGES[0], usual=year - USUAL_AGE
    )


def about(call: Call) -> Response:
    """A new pseudonym and its first visit."""
    sex, year = call.form.text("sex"), call.form.text("year")
    now = datetime.now(UTC).year
    if sex not in SEXES or not (
        year.isascii() and year.isdigit() and now - AGES[1] <= int(year) <= now - AGES[0]
    ):
        problem = call.say(
            "Please choose both. This station is for people of %(low)s and older.", low=AGES[0]
        )
        return call.page(
            "kiosk/about.html.j2", status=422, problem=problem, low=now - AGES[1], high=now - AGES[0],
            usual=now - USUAL_AGE,
        )  # fmt: skip
    begin(call, call.station.store.add_person(birth_year=int(year), sex=sex))
    return call.go("kiosk.consent")


def consent_page(call: Call) -> Response:
    """What is done and kept, in a few plain sentences."""
    whose(call)
    return call.page("kiosk/consent.html.j2")


def consent(call: Call) -> Response:
    """On with a yes; with a no everything of this visit goes."""
    from osteogait.storage.erase import erase

    person, visit = whose(call)
    station = call.station
    if call.form.text("agree") != "yes":
        assert call.session is not None  # noqa: S101 - `whose` has just seen it
        station.sessions.end(call.session)
        if _came_alone(call, person.id, visit):
            erase(station.store, station.documents, station.audit, person.id, MACHINE)
        call.new_token = ""
        return call.go("kiosk.goodbye")
    with station.store.transaction():
        station.consents.give(person.id, "test", lang=call.lang, signer="self", by=MACHINE)
        call.audit("consent", f"person:{person.id}", purpose="test")
    return call.go("kiosk.question", number=1)


def _came_alone(call: Call, person: str, visit: str) -> bool:
    """Nobody but the kiosk knows of this person: no slip, no name, no visit before."""
    station = call.station
    return (
        station.store.visits_of(person)[0].id == visit
        and not station.slips.knows(person)
        and station.identities.get(person) is None
    )


def _not_too_often(call: Call) -> None:
    """NotPermitted after several wrong codes from here: codes cannot be tried through."""
    left_s = call.station.accounts.must_wait_s(_address(call))
    if left_s:
        raise NotPermitted("try_later", seconds=left_s)


def _address(call: Call) -> str:
    return f"kiosk:{call.request.client.host if call.request.client else ''}"
