"""A slip of paper that opens the kiosk once for one person: code and QR."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from osteogait.clinic.purposes import SLIP_HOURS
from osteogait.web.therapist.names import named

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

HALF = 4


def make(call: Call) -> Response:
    """A new code, shown once: only its hash is kept."""
    person = call.params["person"]
    who = named(call, person)
    with call.station.store.transaction():
        code = call.station.slips.make(person, call.actor)
        call.audit("print", f"person:{person}", what="slip")
    return call.page(
        "therapist/slip.html.j2",
        who=who,
        code=f"{code[:HALF]}-{code[HALF:]}",
        picture=_qr(code),
        hours=SLIP_HOURS,
    )


def _qr(code: str) -> str:
    """The code for a scanner that types, as the address of a picture."""
    import io

    import segno

    content = io.BytesIO()
    segno.make_qr(code, error="m").save(content, kind="svg", scale=8, border=4, xmldecl=False, svgns=True)
    return "data:image/svg+xml," + quote(content.getvalue().decode())
