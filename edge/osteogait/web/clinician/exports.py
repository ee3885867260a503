"""What leaves the box at a clinician's word: reports, tables, FHIR, recordings; each time a row of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.access import Unknown
from osteogait.web.clinician.endorsement import sentences
from osteogait.web.clinician.subject import person_page, result_of
from osteogait.web.language import LOCALES

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.records import Result
    from osteogait.web.call import Call


def report(call: Call) -> Response:
    """A report as PDF to look at and print, or as HTML to keep; in the language that is asked for."""
    result, lang, kind = result_of(call), call.form.text("lang") or call.lang, call.form.text("kind")
    if lang not in LOCALES or kind not in ("pdf", "html"):
        raise Unknown
    html = report_html(call, result, lang)
    name = f"osteogait-{result.id[:8]}-{lang}.{kind}"
    if kind == "html":
        call.audit("export", f"result:{result.id}", person=result.person_id, kind=kind, lang=lang)
        return call.file(html.encode(), name, "text/html; charset=utf-8")
    content = call.station.pdf.pdf(html)
    call.audit("print", f"result:{result.id}", person=result.person_id, kind=kind, lang=lang)
    return call.file(content, name, "application/pdf", inline=True)


def report_html(call: Call, result: Result, lang: str) -> str:
    """The report of a result with its state, in `lang`."""
    from osteogait.assessment.translation import in_language
    from osteogait.report.build import build_report
    from osteogait.report.render import render_html

    document = in_language(result.assessment, lang)
    said = sentences(call, result, lang)
    return render_html(build_report(document, lang=lang, sha256=result.sha256, endorsement=said))


def show(call: Call) -> Response:
    """What can be exported of a person."""
    person = call.params["person"]
    call.audit("view", f"person:{person}", part="exports")
    return call.page("clinician/exports.html.j2", here_tab="clinician.exports", **person_page(call, person))


def export(call: Call) -> Response:
    """One export of a person."""
    raise Unknown
