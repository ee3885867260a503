"""Where a visit goes on: strength in daily life, movements, body and risks, result, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.kiosk.moving import undone
from osteogait.web.kiosk.steps import SARC_F, questions
from osteogait.web.kiosk.visit import answers, whose

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


def onward(call: Call) -> Response:
    """To what was not done yet; a number that somebody does not know is no answer and is not asked again."""
    person, _ = whose(call)
    if "test" not in call.station.consents.held(person.id):
        return call.go("kiosk.consent")
    asked, given = questions(person.sex), answers(call)
    done = [number for number, one in enumerate(asked, start=1) if one.key in given]
    return after(call, max(done, default=0))


def after(call: Call, number: int) -> Response:
    """What follows question `number`: the movements after those of strength, the result after the last."""
    person, _ = whose(call)
    if number == len(SARC_F) and undone(call):
        return call.go("kiosk.tests")
    if number >= len(questions(person.sex)):
        return call.go("kiosk.result")
    return call.go("kiosk.question", number=number + 1)
