"""The result of a visit at once: what each test found, against its norm and the visit before; then the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.screening.test_guide import SKIP_REASONS
from osteogait.web.therapist.days import day_and_time
from osteogait.web.therapist.found import told
from osteogait.web.therapist.names import named
from osteogait.web.therapist.report import newest_result
from osteogait.web.therapist.steps import steps_of, visit_of
from osteogait.web.therapist.trend import words
from osteogait.web.therapist.verdict import of_document

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.trials import Trial
    from osteogait.web.call import Call


def show(call: Call) -> Response:
    """The page."""
    from osteogait.screening.findings import findings

    visit = visit_of(call)
    steps = steps_of(call, visit)
    result = newest_result(call, visit.id)
    call.audit("view", f"visit:{visit.id}", person=visit.person_id, what="result")
    done = [step.trial for step in steps.all if step.trial is not None and step.trial.measures is not None]
    return call.page(
        "therapist/result.html.j2",
        who=named(call, visit.person_id),
        visit=visit,
        when=day_and_time(call, visit.started),
        steps=steps,
        found=[told(call, one) for one in findings(call.station, visit.id)],
        simulated=any(_simulated(trial) for trial in done),
        verdicts={trial.id: of_document(call, trial.measures or {}) for trial in done},
        reasons=SKIP_REASONS,
        result=result,
        state=None if result is None else call.station.signatures.state(result),
        stale=result is not None and any(trial.created > result.created for trial in done),
        **words(call),
    )


def _simulated(trial: Trial) -> bool:
    """True when nobody wore the sensor."""
    from osteogait.screening.outcome import NO_FAULT

    return any(flag["code"] == NO_FAULT for flag in (trial.measures or {}).get("flags", ()))
