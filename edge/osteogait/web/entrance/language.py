"""The language of this browser, changed at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.entrance.door import inside
from osteogait.web.language import LOCALES

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

COOKIE = "osteogait_language"
YEAR_S = 365 * 24 * 3600


def choose(call: Call) -> Response:
    """Back to the page, in the other language."""
    answer = call.go_to(inside(call.form.text("back")))
    if call.form.text("lang") in LOCALES:
        answer.set_cookie(COOKIE, call.form.text("lang"), max_age=YEAR_S, httponly=True, samesite="strict")
    return answer
