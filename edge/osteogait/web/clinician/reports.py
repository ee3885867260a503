"""Reports that wait for a signature, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteogait.web.clinician.subject import notice
from osteogait.web.therapist.days import day_and_time
from osteogait.web.therapist.names import Named, named

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

SHOWN = 25


@dataclass(frozen=True, slots=True)
class Line:
    """One report in the list: whose, from when, what it says of each outcome, and what a reader must look at."""

    result: str
    who: Named
    when: str
    answers: tuple[tuple[str, str], ...]
    cautions: int


def show(call: Call) -> Response:
    """The list, a page at a time."""
    waiting = call.station.signatures.queue()
    text = call.query.get("page", "1")
    page = int(text) if text.isascii() and text.isdigit() and 0 < len(text) < len("10000") else 1
    part = waiting[(page - 1) * SHOWN : page * SHOWN]
    call.audit("view", "queue", shown=len(part))
    lines = [_line(call, one.result_id) for one in part]
    return call.page(
        "clinician/queue.html.j2",
        lines=[one for one in lines if one],
        count=len(waiting),
        notice=notice(call),
        newer=page - 1 if page > 1 else None,
        older=page + 1 if page * SHOWN < len(waiting) else None,
    )


def _line(call: Call, identifier: str) -> Line | None:
    from osteogait.assessment.translation import in_language
    from osteogait.report.document import Document
    from osteogait.report.language import load_language
    from osteogait.report.outcomes import result_rows

    result = call.station.store.result(identifier)
    if result is None:
        return None
    document = Document.of(in_language(result.assessment, call.lang))
    language = load_language(call.lang)
    rows = result_rows(document, (0, 100), language)
    names = [
        language.text(f"clinic.short.{name}") for name in ("osteoporosis", "mof_10y", "hip_10y", "falls_12m")
    ]
    answers = tuple((name, row.result) for name, row in zip(names, rows, strict=True))
    cautions = sum(flag["severity"] in ("warn", "reject") for flag in document.content["flags"])
    return Line(
        identifier, named(call, result.person_id), day_and_time(call, result.created), answers, cautions
    )
