"""The questions, one a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import CaseError
from osteogait.storage.moment import now
from osteogait.storage.records import Value
from osteogait.web.access import Unknown
from osteogait.web.kiosk.steps import SARC_F, Number, Question, questions
from osteogait.web.kiosk.visit import MACHINE, SOURCE, answers, whose

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


def show(call: Call) -> Response:
    """Question number so and so of so many."""
    return _page(call, None)


def answer(call: Call) -> Response:
    """Kept, and on to the next; an answer given again takes the place of the one before."""
    person, visit = whose(call)
    number, question, count = _asked(call)
    call.station.consents.require(person.id, "test")
    try:
        value = _number(question, call) if isinstance(question, Number) else _choice(question, call)
    except CaseError:
        return _page(call, call.say("Please choose one answer."), 422)
    if value is not None:
        call.station.store.add_values(visit, [value])
    return call.go("kiosk.question", number=number + 1) if number < count else call.go("kiosk.tests")


def _asked(call: Call) -> tuple[int, Question | Number, int]:
    person, _ = whose(call)
    asked, text = questions(person.sex), call.params["number"]
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= len(asked)):
        raise Unknown
    return int(text), asked[int(text) - 1], len(asked)


def _choice(question: Question, call: Call) -> Value:
    chosen = call.form.text("answer")
    if chosen not in {value for value, _ in question.options}:
        raise CaseError("value_missing", feature=question.key)
    if question in SARC_F:
        return _value(question.key, float(chosen), chosen)
    return _value(question.key, {"yes": 1.0, "no": 0.0}.get(chosen, chosen), chosen)


def _number(question: Number, call: Call) -> Value | None:
    """The number set; None when the person does not know it."""
    if call.form.has("skip"):
        return None
    text = call.form.text("number")
    if not (text.isascii() and text.isdigit() and question.low <= int(text) <= question.high):
        raise CaseError("not_a_number", feature=question.key, value=text[:10])
    return _value(question.key, float(text), text, question.unit)


def _value(key: str, value: float | str, written: str, unit: str = "1") -> Value:
    written_unit = None if unit == "1" else unit
    return Value(
        variable=key, value=value, unit=unit, source=SOURCE, written_value=written, written_unit=written_unit,
        taken_at=now(), by=MACHINE,
    )  # fmt: skip


def _page(call: Call, problem: str | None, status: int = 200) -> Response:
    number, question, count = _asked(call)
    template = "kiosk/number.html.j2" if isinstance(question, Number) else "kiosk/question.html.j2"
    chosen = answers(call).get(question.key, "")
    return call.page(
        template, status=status, question=question, text=call.say(question.text),
        hint=call.say(question.hint) if question.hint else "", number=number, count=count, chosen=chosen,
        problem=problem,
    )  # fmt: skip
