"""The questions, one a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.clinic.values import UNKNOWN
from osteogait.errors import CaseError
from osteogait.storage.moment import now
from osteogait.storage.records import Value
from osteogait.web.access import Unknown
from osteogait.web.kiosk.moving import offered
from osteogait.web.kiosk.onward import after
from osteogait.web.kiosk.steps import SARC_F, Number, Question, questions
from osteogait.web.kiosk.visit import MACHINE, SOURCE, answered, answers, whose
from osteogait.web.language import N_

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


NOT_A_NUMBER = N_('Please enter a whole number from %(low)s to %(high)s, or touch "I don\'t know".')


def show(call: Call) -> Response:
    """Question number so and so of so many."""
    return _page(call, None)


def answer(call: Call) -> Response:
    """Kept, and on to the next; an answer given again takes the place of the one before."""
    person, visit = whose(call)
    number, question, _ = _asked(call)
    call.station.consents.require(person.id, "test")
    if isinstance(question, Number) and call.form.has("skip"):
        _forget(call, question)
        return after(call, number)
    try:
        value = _number(question, call) if isinstance(question, Number) else _choice(question, call)
    except CaseError:
        return _page(call, _what_is_wrong(question, call), 422)
    if answers(call).get(question.key) != value.written_value:
        with call.station.store.transaction():
            call.station.store.add_values(visit, [value])
            call.audit("create", f"visit:{visit}", person=person.id, values=[question.key])
    return after(call, number)


def _forget(call: Call, question: Number) -> None:
    """Who does not know it after all: what was entered before no longer counts."""
    with call.station.store.transaction():
        for value in answered(call, question.key):
            assert value.id is not None  # noqa: S101 - it was read from the store
            call.station.store.withdraw_value(value.id, by=MACHINE, reason=UNKNOWN)
            call.audit("change", f"value:{value.id}", withdrawn=UNKNOWN)


def _what_is_wrong(question: Question | Number, call: Call) -> str:
    if isinstance(question, Question):
        return call.say("Please choose one answer.")
    return call.say(NOT_A_NUMBER, low=question.low, high=question.high)


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


def _number(question: Number, call: Call) -> Value:
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
    chosen = call.form.text("number")[:4] if problem else answers(call).get(question.key, "")
    back = call.url("kiosk.consent") if number == 1 else call.url("kiosk.question", number=number - 1)
    if number == len(SARC_F) + 1 and offered(call):
        back = call.url("kiosk.tests")
    return call.page(
        template, status=status, question=question, text=call.say(question.text),
        hint=call.say(question.hint) if question.hint else "", number=number, count=count, chosen=chosen,
        problem=problem, back_to=back,
    )  # fmt: skip
