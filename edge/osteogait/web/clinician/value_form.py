"""The typed form as it was sent: each field read into a value of the store, or told what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from osteogait.clinic.kept import plain_number, typed_value
from osteogait.errors import CaseError
from osteogait.web.access import Unknown
from osteogait.web.clinician.bone_source import BONE_SOURCE, read_source
from osteogait.web.clinician.typed_genotype import typed_genotype
from osteogait.web.clinician.value_fields import MORNING, TWICE, Group, wanted
from osteogait.web.language import N_
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteofusion.schema import Feature
    from osteogait.clinic.values import Entry
    from osteogait.storage.records import Person, Value
    from osteogait.web.call import Call

FASTING = ("Y", "N")
FRAX_FIELDS = ("frax_mof", "frax_hip")


@dataclass
class Read:
    """What was read of a form: values to keep, and by field the errors and warnings."""

    values: list[Value] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)

    @property
    def said(self) -> dict[str, tuple[str, str]]:
        """By field, its error and its warning."""
        names = self.errors.keys() | self.warnings.keys()
        return {name: (self.errors.get(name, ""), self.warnings.get(name, "")) for name in names}


def agreed_to_genotypes(call: Call) -> bool:
    """Whether the person of the address agreed to genotypes."""
    return "genetics" in call.station.consents.held(call.params["person"])


def person_of(call: Call) -> Person:
    """The person of the address."""
    found = call.station.store.person(call.params["person"])
    if found is None:
        raise Unknown
    return found


def read_form(call: Call) -> Read:
    """What the form says: values to keep, errors and warnings."""
    read = Read()
    for group, features in wanted(call.station.model().schema, person_of(call), agreed_to_genotypes(call)):
        typed = [feature for feature in features if _is_typed(call, feature)]
        if not typed:
            continue
        when = _when(call, group, read)
        notes: dict[str, object] = {"day_only": True} if when.day_only else {}
        if group.id == BONE_SOURCE:
            notes |= read_source(call, read.errors)
        for feature in typed:
            _read_one(call, group, feature, when.at, notes, read)
    _read_frax(call, read)
    return read


def _is_typed(call: Call, feature: Feature) -> bool:
    """Also where only the repetition was filled in: then the first entry is missing, and that is told."""
    return any(call.form.all(f"v.{feature.id}")) or bool(call.form.text(f"r.{feature.id}"))


@dataclass(frozen=True, slots=True)
class _When:
    """When values were taken; `day_only`: at its noon, because nobody said the time."""

    at: datetime
    day_only: bool


def _when(call: Call, group: Group, read: Read) -> _When:
    """The moment of a day in the zone of this box: now when it is today, else as far as it was written."""
    name, now = f"d.{group.id}", datetime.now().astimezone()
    text, clock = call.form.text(name), call.form.text(f"t.{group.id}")
    if not text and group.printed:
        read.errors[name] = call.say("Please enter the day that stands on the report.")
    try:
        day = date.fromisoformat(text) if text else now.date()
        at = time.fromisoformat(clock) if clock else None
    except ValueError:
        read.errors[name] = call.say("This is no day of the calendar.")
        return _When(now, day_only=True)
    moment = datetime.combine(day, at or time(12)).astimezone()
    if day > now.date() or (at is not None and moment > now):
        read.errors[name] = call.say("The day lies in the future.")
    elif day.year < person_of(call).birth_year:
        read.errors[name] = call.say("The day lies before the birth of the person.")
    is_now = day == now.date() and at is None
    return _When(now if is_now else moment, day_only=at is None and (group.printed or not is_now))


def _read_one(
    call: Call, group: Group, feature: Feature, day: datetime, notes: Mapping[str, object], read: Read
) -> None:
    """One field into `read`: a value with its warnings, or an error."""
    try:
        value, entry = _typed(call, group, feature, day)
    except CaseError as error:
        read.errors[feature.id] = sentence(error.code, call.lang, _labelled(call, feature, error.fields))
        return
    except _Wrong as wrong:
        read.errors[feature.id] = call.say(wrong.text)
        return
    fasting = call.form.text("fasting")
    meals = {"fasting": fasting} if feature.id in MORNING and fasting in FASTING else {}
    read.values.append(replace(value, notes={**value.notes, **notes, **meals}))
    warnings = () if entry is None else entry.warnings
    if warnings:
        said = (sentence(code, call.lang, _labelled(call, feature, fields)) for code, fields in warnings)
        read.warnings[feature.id] = " ".join(said)


class _Wrong(Exception):
    """What a field says is wrong in a way that only the form knows."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def _typed(call: Call, group: Group, feature: Feature, day: datetime) -> tuple[Value, Entry | None]:
    """The value of one field; CaseError or _Wrong where it is none."""
    form, name = call.form, feature.id
    text = ",".join(form.all(f"v.{name}")) if feature.kind == "sites" else form.text(f"v.{name}")
    if feature.kind == "dosage":
        return typed_genotype(name, text, by=call.actor, taken_at=day), None
    again = form.text(f"r.{name}") or "-"
    if group.id == TWICE and plain_number(name, text) != plain_number(name, again):
        raise _Wrong(N_("The two entries differ. Please look at the report again."))
    scanner = _scanner(call) if feature.requires == "scanner_generation" else None
    unit = _unit(call, feature)
    found = typed_value(feature, text, unit=unit, scanner=scanner, by=call.actor, taken_at=day)
    if feature.requires == "scanner_generation" and scanner is None:
        raise _Wrong(N_("Please choose the scanner generation above."))
    return found


def _unit(call: Call, feature: Feature) -> str | None:
    """The unit that was chosen; None where it is the stored one."""
    chosen = call.form.text(f"u.{feature.id}")
    return None if chosen in ("", feature.unit) else chosen


def _labelled(call: Call, feature: Feature, fields: Any) -> dict[str, object]:
    return {**fields, "feature": feature.label[call.lang]}


def _scanner(call: Call) -> int | None:
    text = call.form.text("scanner")
    return int(text) if text in ("1", "2") else None


def _read_frax(call: Call, read: Read) -> None:
    """The FRAX result as it stands on its page: country and BMD belong to it."""
    from osteogait.clinic.frax import read_frax
    from osteogait.storage.records import Value

    texts = {name: call.form.text(f"v.{name}") for name in FRAX_FIELDS}
    if not any(texts.values()):
        return
    try:
        numbers = {name: plain_number("FRAX", text) for name, text in texts.items() if text}
        notes = {"country": call.form.text("frax_country"), "with_bmd": _yes_no(call.form.text("frax_bmd"))}
        read_frax({"mof_percent": numbers.get("frax_mof"), "hip_percent": numbers.get("frax_hip"), **notes})
    except CaseError as error:
        read.errors["frax"] = error.message(call.lang)
        return
    now = datetime.now().astimezone()
    read.values += [
        Value(
            name,
            number,
            "%",
            "typed",
            texts[name],
            "%",
            now,
            code=FRAX_CODES[name],
            notes=notes,
            by=call.actor,
        )
        for name, number in numbers.items()
    ]


FRAX_CODES = {"frax_mof": "90265-0", "frax_hip": "90266-8"}
"""LOINC; only for a FRAX value that somebody brought along."""


def _yes_no(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)
