"""Values that are kept of a person, as lines: what, how much, when, from where, and whether it still counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.web.clinician.value_fields import SPOKEN_UNITS
from osteogait.web.clinician.variable_names import FRAX, variable_name
from osteogait.web.language import N_

if TYPE_CHECKING:
    from osteogait.storage.records import Value
    from osteogait.web.call import Call

SARC_F = "sarc_f_"
SOURCES = {
    "typed": N_("typed in"),
    "kiosk": N_("answered at the kiosk"),
    "therapist": N_("typed in by the therapist"),
}


NOT_USED = {
    "unknown": N_("asked, not known: counts as missing"),
    "censored": N_("only a limit is known: shown, not used by the model"),
    "not_counted": N_(
        "shown, not used by the model: which letter goes with lower bone density is not settled"
    ),
    "no_consent": N_("not used: there is no consent to genotypes"),
    "no_input": N_("shown, no input of the model"),
    "beside": N_("shown beside our numbers"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One kept value: `counts`: no later one stands in its place; `not_used`: why the model does without it then."""

    id: str
    name: str
    value: str
    day: str
    source: str
    document: str | None
    counts: bool
    withdrawn: str
    not_used: str


def kept_lines(call: Call, values: Iterable[Value]) -> list[Line]:
    """All values, newest first."""
    from osteogait.assessment.kept_values import newest_values

    values = tuple(values)
    counting = {value.id for value in newest_values(values).values()}
    ordered = sorted(values, key=lambda value: value.created or value.taken_at, reverse=True)  # type: ignore[arg-type,return-value]
    return [_line(call, value, value.id in counting) for value in ordered]


def now_texts(call: Call, values: Iterable[Value]) -> dict[str, str]:
    """By variable, what counts now, with its day."""
    from osteogait.assessment.kept_values import newest_values

    return {
        name: call.say("now: %(value)s, %(day)s", value=shown(call, value), day=_day(call, value))
        for name, value in newest_values(values).items()
    }


def shown(call: Call, value: Value) -> str:
    """The value as it was written, with what it was read as where that is another unit."""
    feature = call.station.model().schema.by_id.get(value.variable)
    kind = "number" if feature is None else feature.kind
    if value.value == "unknown":
        return call.say("unknown")
    if kind == "bool":
        return call.say("yes") if value.value == 1.0 else call.say("no")
    if kind in ("sites", "category"):
        return _choices(call, value.value)
    if value.variable.startswith(SARC_F):
        points = int(float(value.value))
        return call.say("%(points)s of 2 points", points=points)
    if value.notes.get("alleles"):
        return str(value.notes["alleles"])
    spoken = SPOKEN_UNITS[call.lang]
    unit = spoken.get(value.unit, value.unit)
    text = (
        f"{value.comparator or ''}{value.value:g} {unit}".strip()
        if isinstance(value.value, float)
        else value.value
    )
    if value.written_unit and value.written_unit != value.unit:
        written = f"{value.written_value} {spoken.get(value.written_unit, value.written_unit)}"
        return call.say("%(value)s (written %(written)s)", value=text, written=written)
    return text


def _choices(call: Call, held: object) -> str:
    from osteogait.report.language import load_language

    language = load_language(call.lang)
    text = str(held)
    names = json.loads(text) if text.startswith("[") else [text]
    return language.listed([language.either("choices", name) for name in names]) or call.say("none")


def _day(call: Call, value: Value) -> str:
    when = value.taken_at or value.created
    return "" if when is None else own_day(call, when, value.notes)


def own_day(call: Call, when: datetime, notes: Mapping[str, object]) -> str:
    """The date on the clock of the place where a value was taken."""
    from osteogait.clinic.intake.moment import in_its_zone
    from osteogait.report.language import load_language
    from osteogait.report.quantities import date_text

    return date_text(in_its_zone(when, notes).isoformat(), load_language(call.lang))


def _not_used(call: Call, value: Value) -> str:
    """Why the model does without a value that is kept; nothing where it takes it."""
    why = _reason(call, value)
    return "" if why is None else call.say(NOT_USED[why])


def _reason(call: Call, value: Value) -> str | None:
    from osteogait.assessment.kept_values import not_used

    if value.variable in FRAX:
        return "beside"
    feature = call.station.model().schema.by_id.get(value.variable)
    if feature is None:
        return "no_input"
    if feature.kind == "dosage" and "genetics" not in call.station.consents.held(call.params["person"]):
        return "no_consent"
    return not_used(value)


def _line(call: Call, value: Value, counts: bool) -> Line:
    kind = value.source.split(":")[0]
    source = (
        call.say("from a file")
        if kind == "upload"
        else call.say(SOURCES[kind])
        if kind in SOURCES
        else value.source
    )
    if value.document_row is not None:
        source = call.say("from a file, row %(row)s", row=value.document_row)
    return Line(
        value.id,
        variable_name(call, value.variable, str(value.notes.get("side", ""))),
        shown(call, value),
        _day(call, value),
        source,
        value.document_id,
        counts,
        value.withdrawn_reason or "" if value.withdrawn is not None else "",
        _not_used(call, value),
    )
