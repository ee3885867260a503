"""What is read aloud at the kiosk: the words of the page, for whoever cannot read them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.web.access import Unknown
from osteogait.web.kiosk.moving import asked_for, needs_somebody
from osteogait.web.kiosk.result import newest, tell
from osteogait.web.kiosk.steps import Number, questions
from osteogait.web.kiosk.visit import whose
from osteogait.web.language import N_
from osteogait.web.live.say import said

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

PAGES = {
    "start": (
        N_("Did you get a slip of paper with a code?"),
        N_("Yes, I have a slip"),
        N_("No, I have none"),
    ),
    "code": (N_("Please hold the slip to the scanner, or type its code"),),
    "help": (
        N_("Please ask the staff"),
        N_(
            "They can help you, or print you a slip of paper with a code. With it you need not enter anything here."
        ),
    ),
    "about": (N_("Are you a woman or a man?"), N_("A woman"), N_("A man")),
    "year": (
        N_("In which year were you born?"),
        N_("Four digits, for example 1948. It stands on your identity card."),
    ),
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
    "last": (N_("That was the last question"), N_("Show my result")),
    "still": (N_("Are you still there?"), N_("In a moment everything on this screen is wiped.")),
}
PAUSE = "\n\n"
"""A breath between two sentences, also where the first has no full stop."""
BESIDE = N_("Ask somebody to stand beside you for this movement. If nobody is there, leave it out.")


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


def movement(call: Call) -> Response:
    """What to do, and whether somebody must be there."""
    item = asked_for(call)
    somebody = (call.say(BESIDE),) if needs_somebody(item) else ()
    return _sound(call, [call.say(item.title), *map(call.say, item.how), *somebody])


def result(call: Call) -> Response:
    """What came out and what to do next; it is of one person, so the sound is not kept."""
    from tempfile import TemporaryDirectory

    kept = newest(call)
    if kept is None:
        raise Unknown
    told = tell(call, kept)
    said = [text for one in told.findings for text in (one.title, one.text)]
    with TemporaryDirectory() as folder:
        return _sound(call, [*said, *told.advice], Path(folder))


def _sound(call: Call, texts: list[str], folder: Path | None = None) -> Response:
    """The texts one after the other; not found where nothing can speak them: the browser then may."""
    from starlette.responses import Response

    if not texts:
        raise Unknown
    sound = said(folder or call.station.folder / "speech", call.lang, PAUSE.join(texts))
    if sound is None:
        return Response(status_code=404)
    return Response(sound, media_type="audio/wav")
