"""What leaves the box at a clinician's word: reports, tables, FHIR, recordings; each time a row of the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from osteogait.web.access import Unknown
from osteogait.web.clinician.endorsement import judged, sentences
from osteogait.web.clinician.subject import STATES, document_of, person_page, result_of, test_name
from osteogait.web.language import LOCALES, N_
from osteogait.web.therapist.days import day_and_time

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.report.exports.wanted import Wanted
    from osteogait.report.fhir.document_reference import Printed
    from osteogait.report.fhir.facts import Facts
    from osteogait.storage.records import Result
    from osteogait.storage.trials import Trial
    from osteogait.web.call import Call

REFUSED = 422
CONDITIONS = {
    "open_firm": N_("eyes open, firm floor"),
    "closed_firm": N_("eyes closed, firm floor"),
    "open_foam": N_("eyes open, on foam"),
    "closed_foam": N_("eyes closed, on foam"),
    "side_by_side": N_("feet side by side"),
    "semi_tandem": N_("feet half behind each other"),
    "tandem": N_("one foot behind the other"),
    "one_foot": N_("on one foot"),
    "left": N_("on the left leg"),
    "right": N_("on the right leg"),
    "first": N_("first try"),
    "second": N_("second try"),
}
"""What the batteries call a condition, in words."""


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


def report_html(call: Call, result: Result, lang: str, *, own: bool = False) -> str:
    """The report of a result with its state, in `lang`; `own`: for the person themselves, all of it."""
    from osteogait.report.build import build_report
    from osteogait.report.render import render_html

    document = document_of(call, result, lang, own=own)
    said = sentences(call, result, lang)
    differing, head = judged(call, result.id), call.station.audit.head()
    return render_html(
        build_report(
            document, lang=lang, sha256=result.sha256, endorsement=said, judged=differing, audit_head=head
        )
    )


def show(call: Call) -> Response:
    """What can be exported of a person."""
    call.audit("view", f"person:{call.params['person']}", part="exports")
    return _page(call)


def _page(call: Call, problem: str | None = None) -> Response:
    from osteogait.report.withheld import is_genotype

    person, station = call.params["person"], call.station
    trials = station.trials.of_person(person)
    results = [
        (result.id, day_and_time(call, result.created), call.say(STATES[station.signatures.state(result)]))
        for result in reversed(station.store.results_of(person))
    ]
    return call.page(
        "clinician/exports.html.j2",
        status=200 if problem is None else REFUSED,
        here_tab="clinician.exports",
        results=results,
        tests=_tests(call, trials),
        conditions=_conditions(call, trials),
        genotypes=any(is_genotype(value.variable) for value in station.store.values_of(person)),
        today=date.today().isoformat(),
        form=call.form,
        problem=problem,
        **person_page(call, person),
    )


def _tests(call: Call, trials: Iterable[Trial]) -> list[tuple[str, str]]:
    """The tests that were done, each once, with what the screen calls it."""
    return [(name, test_name(call, name)) for name in dict.fromkeys(one.test for one in trials)]


def _conditions(call: Call, trials: Iterable[Trial]) -> list[tuple[str, str]]:
    """The conditions under which tests were done, in words; the id of one that a later version may know."""
    found = {one.variant for one in trials if one.variant}
    known = [name for name in CONDITIONS if name in found]
    return [(name, call.say(CONDITIONS.get(name, name))) for name in (*known, *sorted(found - {*known}))]


def export(call: Call) -> Response:
    """One export of a person: table, FHIR bundle, recordings, or everything; its row of the audit first."""
    from osteogait.report.exports.wanted import narrowed
    from osteogait.report.fhir.facts import gather

    person, kind, station = call.params["person"], call.form.text("kind"), call.station
    if kind not in MAKERS:
        raise Unknown
    try:
        wanted = _wanted(call)
    except ValueError:
        return _page(call, call.say("This is no day of the calendar."))
    facts = gather(station, person, own=kind == "package")
    name, media_type = f"osteogait-{person[:8]}-{kind}", TYPES[kind]
    content = MAKERS[kind](call, facts, wanted)
    genetic = narrowed(facts, wanted).has_genotypes
    call.audit("export", f"person:{person}", kind=kind, bytes=len(content), contains_hgr=genetic)
    return call.file(content, f"{name}{SUFFIXES[kind]}", media_type)


def _wanted(call: Call) -> Wanted:
    """Filters of the form; ValueError for a day that there is not."""
    from osteogait.report.exports.wanted import Wanted

    since, until = (
        date.fromisoformat(text) if (text := call.form.text(name)) else None for name in ("since", "until")
    )
    tests = frozenset(one for one in call.form.all("test") if one)
    return Wanted(tests, frozenset(one for one in call.form.all("condition") if one), since, until)


def _csv(call: Call, facts: Facts, wanted: Wanted) -> bytes:
    from osteogait.report.exports.person_table import person_csv

    del call
    return person_csv(facts, wanted)


def _fhir(call: Call, facts: Facts, wanted: Wanted) -> bytes:
    """The bundle of what is wanted, with the report of every signed result printed inside."""
    from osteogait.report.exports.wanted import narrowed
    from osteogait.report.fhir.bundle import bundle
    from osteogait.report.fhir.codes import Terms
    from osteogait.report.fhir.written import bundle_bytes

    chosen = narrowed(facts, wanted)
    return bundle_bytes(bundle(chosen, Terms(lang=call.lang), printed=_printed(call, chosen.results)))


def _raw(call: Call, facts: Facts, wanted: Wanted) -> bytes:
    from osteogait.report.exports.raw import raw_zip

    return raw_zip(facts, call.station.recordings, wanted, lang=call.lang)


def _package(call: Call, facts: Facts, wanted: Wanted) -> bytes:
    from osteogait.report.exports.package import person_package

    del facts, wanted
    person = call.params["person"]
    printed = _printed(call, call.station.store.results_of(person), own=True)
    return person_package(call.station, person, lang=call.lang, printed=printed)


def _printed(call: Call, results: Iterable[Result], *, own: bool = False) -> dict[str, Printed]:
    """The signed reports as PDF, by the id of the result."""
    from osteogait.report.fhir.document_reference import Printed

    signed = [result for result in results if call.station.signatures.state(result) != "preliminary"]
    made = {}
    for result in signed:
        content = call.station.pdf.pdf(report_html(call, result, call.lang, own=own))
        made[result.id] = Printed(result.id, call.lang, content)
    return made


MAKERS: Mapping[str, Callable[[Call, Facts, Wanted], bytes]] = {
    "csv": _csv,
    "fhir": _fhir,
    "raw": _raw,
    "package": _package,
}
SUFFIXES = {"csv": ".csv", "fhir": ".fhir.json", "raw": ".zip", "package": ".zip"}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "fhir": "application/fhir+json",
    "raw": "application/zip",
    "package": "application/zip",
}
