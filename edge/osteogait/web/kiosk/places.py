"""The places of the kiosk."""

from __future__ import annotations

from osteogait.web.kiosk import arriving, asking, leaving, moving, onward, result, speaking
from osteogait.web.place import ANYONE, GUESTS, Place

POST = ("POST",)

PLACES = (
    Place("/kiosk", arriving.welcome, ANYONE, name="kiosk.welcome"),
    Place("/kiosk/start", arriving.start, ANYONE, name="kiosk.start"),
    Place("/kiosk/help", arriving.help_page, ANYONE, name="kiosk.help"),
    Place("/kiosk/code", arriving.code_page, ANYONE, name="kiosk.code"),
    Place("/kiosk/code", arriving.code, ANYONE, POST),
    Place("/kiosk/about", arriving.about_page, ANYONE, name="kiosk.about"),
    Place("/kiosk/about", arriving.about, ANYONE, POST),
    Place("/kiosk/goodbye", leaving.goodbye, ANYONE, name="kiosk.goodbye"),
    Place("/kiosk/consent", arriving.consent_page, GUESTS, name="kiosk.consent"),
    Place("/kiosk/consent", arriving.consent, GUESTS, POST),
    Place("/kiosk/questions/{number}", asking.show, GUESTS, name="kiosk.question"),
    Place("/kiosk/questions/{number}", asking.answer, GUESTS, POST),
    Place("/kiosk/onward", onward.onward, GUESTS, name="kiosk.onward"),
    Place("/kiosk/say/result.wav", speaking.result, GUESTS, name="kiosk.say_result", quiet=True),
    Place("/kiosk/say/{page}.wav", speaking.page, ANYONE, name="kiosk.say", quiet=True),
    Place(
        "/kiosk/say/questions/{number}.wav", speaking.question, GUESTS, name="kiosk.say_question", quiet=True
    ),
    Place("/kiosk/say/tests/{item}.wav", speaking.movement, GUESTS, name="kiosk.say_test", quiet=True),
    Place("/kiosk/tests", moving.overview, GUESTS, name="kiosk.tests"),
    Place("/kiosk/tests", moving.begin, GUESTS, POST),
    Place("/kiosk/tests/{item}", moving.show, GUESTS, name="kiosk.test"),
    Place("/kiosk/tests/{item}/start", moving.start, GUESTS, POST, name="kiosk.test_start"),
    Place("/kiosk/tests/{item}/stop", moving.stop, GUESTS, POST, name="kiosk.test_stop"),
    Place("/kiosk/tests/{item}/accept", moving.accept, GUESTS, POST, name="kiosk.test_accept"),
    Place("/kiosk/tests/{item}/repeat", moving.repeat, GUESTS, POST, name="kiosk.test_repeat"),
    Place("/kiosk/tests/{item}/skip", moving.skip, GUESTS, POST, name="kiosk.test_skip"),
    Place("/kiosk/result", result.make, GUESTS, POST),
    Place("/kiosk/result", result.show, GUESTS, name="kiosk.result"),
    Place("/kiosk/leave", leaving.leave, GUESTS, POST, name="kiosk.leave"),
)
