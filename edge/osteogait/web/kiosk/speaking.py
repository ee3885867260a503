"""What is read aloud at the kiosk: the words of the page, for whoever cannot read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.access import Unknown
from osteogait.web.kiosk.steps import Number, questions
from osteogait.web.kiosk.visit import whose
from osteogait.web.language import N_
from osteogait.web.live.say import said

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

PAGES = {
    "start": (N_("Did you get a slip of paper with a code?"),),
    "about": (N_("Two things about you"), N_("The year you were born")),
    "consent": (
        N_("We ask a few questions and measure how you stand, walk and get up."),
        N_(
            "Your answers are kept in this station under a number, without your name, for the staff of this clinic."
        ),
        N_("It is a research tool. It does not replace a doctor."),
        N_("You can stop at any time."),
        N_("Do you agree?"),
    ),
    "movements": (
        N_("Take the belt and put it on: the sensor in the middle of your lower back, arrow up."),
        N_("Use a firm chair that stands against the wall."),
        N_("Do only what feels safe. You can leave out any movement."),
    ),
}


def page(call: Call) -> Response:
    """A page that everybody sees the same."""
    return _sound(call, [call.say(text) for text in PAGES.get(call.params["page"], ())])


def question(call: Call) -> Response:
    """A question with its answers."""
    person, _ = whose(call)
    asked, number = questions(person.sex), call.params["number"]
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= len(asked)):
        raise Unknown
    one = asked[int(number) - 1]
    answers = () if isinstance(one, Number) else tuple(words for _, words in one.options)
    return _sound(call, [call.say(text) for text in (one.text, one.hint, *answers) if text])


def _sound(call: Call, texts: list[str]) -> Response:
    """The texts one after the other; not found where nothing can speak them: the browser then may."""
    from starlette.responses import Response

    if not texts:
        raise Unknown
    sound = said(call.station.folder / "speech", call.lang, " ".join(texts))
    if sound is None:
        return Response(status_code=404)
    return Response(sound, media_type="audio/wav")
