"""From tests and values to the report: worked out, shown in plain words, printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import OsteogaitError
from osteogait.web.access import Unknown
from osteogait.web.language import LOCALES
from osteogait.web.therapist.names import named
from osteogait.web.therapist.steps import visit_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.report.data import ReportData
    from osteogait.storage.records import Result
    from osteogait.web.call import Call


def newest_result(call: Call, visit: str) -> Result | None:
    """The last report of this visit."""
    person = call.station.store.visit(visit)
    found = () if person is None else call.station.store.results_of(person.person_id)
    ours = [one for one in found if one.visit_id == visit]
    return ours[-1] if ours else None


def assess(call: Call) -> Response:
    """Works the report out of all accepted tests and all values of the person; an earlier one is replaced, not lost."""
    from osteogait.assessment.visit import assess_and_keep

    visit = visit_of(call)
    earlier = newest_result(call, visit.id)
    assess_and_keep(
        call.station, visit.person_id, visit.id, lang=call.lang, actor=call.actor,
        supersedes=None if earlier is None else earlier.id,
    )  # fmt: skip
    return call.go("therapist.report", visit=visit.id)


def show(call: Call) -> Response:
    """The person's page of the report, on the screen."""
    visit = visit_of(call)
    result = _result(call, visit.id)
    call.audit("view", f"result:{result.id}", person=visit.person_id)
    report = _report(call, result)
    return call.page(
        "therapist/report.html.j2",
        who=named(call, visit.person_id),
        visit=visit,
        state=call.station.signatures.state(result),
        page=report.person,
        notice=report.notice,
        made=report.made,
    )


def pdf(call: Call) -> Response:
    """The whole report as PDF, in the language asked for."""
    from osteogait.web.clinician.exports import report_html

    visit = visit_of(call)
    result = _result(call, visit.id)
    lang = call.query.get("lang", call.lang)
    if lang not in LOCALES:
        raise Unknown
    try:
        content = call.station.pdf.pdf(report_html(call, result, lang))
    except OsteogaitError as error:
        return call.refuse(error, 503)
    call.audit("print", f"result:{result.id}", person=visit.person_id, lang=lang)
    return call.file(content, f"osteogait-{result.id[:8]}-{lang}.pdf", "application/pdf", inline=True)


def _result(call: Call, visit: str) -> Result:
    found = newest_result(call, visit)
    if found is None:
        raise Unknown
    return found


def _report(call: Call, result: Result) -> ReportData:
    """As it stands: what a clinician judged otherwise is not shown as if nobody had looked."""
    from osteogait.report.build import build_report
    from osteogait.web.clinician.endorsement import judged
    from osteogait.web.clinician.subject import document_of

    return build_report(
        document_of(call, result, call.lang),
        lang=call.lang,
        sha256=result.sha256,
        judged=judged(call, result.id),
    )
