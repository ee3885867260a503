"""What the model says of people like this one who differ in something; never the effect of a change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from osteogait.clinic.kept import plain_number
from osteogait.web.clinician.subject import document_of, person_page, result_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.assessment.what_if import Varied, WhatIf
    from osteogait.web.call import Call


@dataclass(frozen=True, slots=True)
class Control:
    """One factor on the page: its words, and where it stands."""

    feature: str
    name: str
    unit: str
    is_yes_no: bool
    known: str
    asked: str
    low: str
    high: str
    step: str


@dataclass(frozen=True, slots=True)
class Change:
    """One outcome: for this person, and for somebody who differs."""

    outcome: str
    now: str
    then: str
    interval: str
    differs: bool


def show(call: Call) -> Response:
    """Controls and answers: a part of the report, or a page of their own for a browser without scripts."""
    from osteogait.assessment.what_if import what_if

    result = result_of(call)
    found = what_if(document_of(call, result, call.lang), _changes(call), call.station.model())
    alone = "hx-request" not in call.request.headers
    return call.page(
        "clinician/compare.html.j2" if alone else "clinician/what_if.html.j2",
        here_tab="clinician.person",
        result=result,
        controls=[_control(call, one) for one in found.varied],
        not_known=_names(call, found.not_known),
        changes=_answers(call, found),
        changed=found.changed,
        **(person_page(call, result.person_id) if alone else {}),
    )


def _changes(call: Call) -> dict[str, float]:
    """What the page asked for; CaseError for what is no number."""
    return {name: plain_number(name, text) for name, text in call.query.items()}


def _control(call: Call, one: Varied) -> Control:
    from osteogait.report.language import load_language

    feature, language = call.station.model().schema.by_id[one.factor.feature], load_language(call.lang)
    unit = language.either("units", feature.unit)
    digits = max(0, -Decimal(str(one.factor.step)).normalize().as_tuple().exponent)  # type: ignore[operator]
    numbers = [
        f"{number:.{digits}f}" for number in (one.known, one.asked, one.low, one.high, one.factor.step)
    ]
    known, asked, low, high, step = numbers
    return Control(
        feature.id, feature.label[call.lang], unit, one.factor.is_yes_no, known, asked, low, high, step
    )


def _names(call: Call, features: tuple[str, ...]) -> list[str]:
    schema = call.station.model().schema
    return [schema.by_id[name].label[call.lang] for name in features]


def _answers(call: Call, found: WhatIf) -> list[Change]:
    from osteogait.report.language import load_language
    from osteogait.report.quantities import interval_text, percent_text

    language = load_language(call.lang)
    return [
        Change(
            language.text(f"clinic.outcomes.{name}"),
            percent_text(found.now[name]),
            percent_text(found.then[name]),
            interval_text(found.intervals[name], language),
            percent_text(found.now[name]) != percent_text(found.then[name]),
        )
        for name in found.then
    ]
