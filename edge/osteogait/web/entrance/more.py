"""Where an owner of a practice finds the administration, and which model is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.menu import ADMINISTRATION

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


def show(call: Call) -> Response:
    """The administration at a glance."""
    from osteogait.assessment.identity import model_part

    items = [(name, call.say(text)) for name, text in ADMINISTRATION]
    model = model_part(call.station.model())
    return call.page("entrance/more.html.j2", items=items, model=model, folder=call.station.folder)
