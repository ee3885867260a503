"""A person who asks for it is erased, by pseudonym: the administrator sees no names and no results."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


def show(call: Call) -> Response:
    """Which pseudonym, typed twice: nothing of it can be brought back."""
    return call.page("entrance/erase.html.j2", problem=None, done=call.query.get("done"))


def erase_person(call: Call) -> Response:
    """Identity and key, values, tests, recordings, files, results and consents go."""
    from osteogait.storage.erase import erase

    person, again = call.form.text("person"), call.form.text("again")
    found = call.station.store.person(person)
    if person != again or found is None or found.erased is not None:
        problem = call.say(
            "There is no such pseudonym, or the two are not the same. Copy it from the person's page."
        )
        return call.page("entrance/erase.html.j2", status=422, problem=problem, done=None)
    erase(call.station.store, call.station.documents, call.station.audit, person, call.actor)
    return call.go("entrance.erase", done="yes")
