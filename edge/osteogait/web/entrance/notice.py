"""What this software is and is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.words import sentence

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


def show(call: Call) -> Response:
    """The text in full."""
    return call.page("entrance/notice.html.j2", text=sentence("notice", call.lang, {}))
