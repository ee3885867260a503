"""One assessment as the clinician reads it: answers, why, how sure, what is missing, what to check, who said what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.web.clinician.person import lines, outcome_names
from osteogait.web.clinician.subject import KINDS, STATES, Shown, account_name, person_page, result_of, shown
from osteogait.web.language import N_
from osteogait.web.therapist.days import date, day_and_time

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.signatures import Signature
    from osteogait.web.call import Call

CONCLUSIONS = {
    "higher": N_("I judge it higher than the estimate"),
    "lower": N_("I judge it lower than the estimate"),
    "not_usable": N_("This number must not be used"),
    "other": N_("Another conclusion, see the reason"),
}
ACTS = {"comment": N_("Comment"), "override": N_("Override"), "sign": N_("Signed")}


@dataclass(frozen=True, slots=True)
class Act:
    """One act on the report: what, by whom, when, in whose words."""

    kind: str
    title: str
    by: str
    when: str
    text: str
    conclusion: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One recording of the assessment: its test, its verdict, and where to look at it."""

    test: str
    usable: bool
    verdict: str
    remarks: tuple[str, ...]
    trial: str | None


def show(call: Call) -> Response:
    """The whole page."""
    result = result_of(call)
    call.audit("view", f"result:{result.id}", person=result.person_id)
    return page(call, shown(call, result))


def page(call: Call, found: Shown, *, problem: str | None = None, status: int = 200) -> Response:
    """The page of a result; `problem`: why what was sent was not done."""
    from osteogait.report.document import Document
    from osteogait.report.language import load_language
    from osteogait.report.outcomes import other_tools

    result = found.result
    store = call.station.store
    visit = store.visit(result.visit_id)
    return call.page(
        "clinician/result.html.j2",
        status=status,
        here_tab="clinician.person",
        found=found,
        report=found.report,
        words=found.report.words,
        clinic=found.report.clinic,
        state_text=call.say(STATES[found.state]),
        state_kind=KINDS[found.state],
        visited=None
        if visit is None or _same_day(visit.started, result.created)
        else date(call, visit.started),
        tools=tuple(other_tools(Document.of(found.document), load_language(call.lang)).values()),
        signals=signals(found),
        history=lines(call, store.results_of(result.person_id)),
        outcomes=outcome_names(call),
        acts=acts(call, result.id),
        conclusions=[(key, call.say(text)) for key, text in CONCLUSIONS.items()],
        problem=problem,
        form=call.form,
        **person_page(call, result.person_id),
    )


def _same_day(one: datetime, other: datetime) -> bool:
    return one.astimezone().date() == other.astimezone().date()


def signals(found: Shown) -> list[Signal]:
    """Each recording with its verdict."""
    held = found.document["recordings"]
    return [
        Signal(line.protocol, line.usable, line.verdict, line.remarks, one.get("trial"))
        for line, one in zip(found.report.clinic.recordings, held, strict=True)
    ]


def acts(call: Call, result: str) -> list[Act]:
    """What was done with the report, oldest first."""
    return [_act(call, one) for one in call.station.signatures.of(result)]


def _act(call: Call, act: Signature) -> Act:
    conclusion = ""
    if act.override is not None:
        outcome = outcome_names(call)[int(act.override["outcome"])]
        conclusion = f"{outcome}: {call.say(CONCLUSIONS[act.override['conclusion']])}"
    return Act(
        act.kind,
        call.say(ACTS[act.kind]),
        account_name(call, act.account_id),
        day_and_time(call, act.created),
        act.comment or "",
        conclusion,
        act.assessment_sha256,
    )
