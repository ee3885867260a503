"""Values typed in by the clinician: checked beside their fields, kept as written, withdrawn with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from osteogait.clinic.kept import plain_number, typed_value
from osteogait.errors import CaseError
from osteogait.web.access import Unknown
from osteogait.web.clinician.subject import person_page
from osteogait.web.clinician.value_fields import SCANNED, TWICE, Group, wanted
from osteogait.web.clinician.value_fields import field as field_of
from osteogait.web.clinician.value_list import kept_lines, now_texts
from osteogait.web.clinician.visit_today import visit_today
from osteogait.words import sentence

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteofusion.schema import Feature
    from osteogait.storage.records import Value
    from osteogait.web.call import Call

REFUSED = 422
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


def show(call: Call) -> Response:
    """The form, empty, with what is kept now beside each field."""
    call.audit("view", f"person:{call.params['person']}", part="values")
    return _page(
        call, Read(), saved=int(call.query.get("saved", "0")) if call.query.get("saved", "0").isdigit() else 0
    )


def save(call: Call) -> Response:
    """Keeps what was typed, all of it or nothing; unusual values ask once whether they are meant."""
    person, station = call.params["person"], call.station
    station.consents.require(person, "test")
    read = _read(call)
    if read.errors or (read.warnings and not call.form.has("meant")):
        return _page(call, read, status=REFUSED)
    if read.values:
        with station.store.transaction():
            visit = visit_today(call, person)
            station.store.add_values(visit, read.values)
            call.audit("create", f"person:{person}", values=[value.variable for value in read.values])
    return call.go("clinician.values", person=person, saved=len(read.values))


def withdraw(call: Call) -> Response:
    """A value no longer counts; it stays readable with the reason."""
    person, station = call.params["person"], call.station
    wanted_id, reason = call.form.text("value"), call.form.text("reason")
    if wanted_id not in {value.id for value in station.store.values_of(person)}:
        raise Unknown
    if not reason:
        return _page(call, Read(), status=REFUSED, problem=call.say("Please say why the value is withdrawn."))
    with station.store.transaction():
        station.store.withdraw_value(wanted_id, by=call.actor, reason=reason)
        call.audit("change", f"value:{wanted_id}", person=person, act="withdraw")
    return call.go_to(call.url("clinician.values", person=person) + "#kept")


def _page(
    call: Call, read: Read, *, status: int = 200, saved: int = 0, problem: str | None = None
) -> Response:
    person = call.params["person"]
    values = call.station.store.values_of(person)
    return call.page(
        "clinician/values.html.j2",
        status=status,
        here_tab="clinician.values",
        groups=_groups(call, read, values),
        genetics=_genetics(call),
        errors=len(read.errors),
        warnings=len(read.warnings),
        today=date.today().isoformat(),
        frax=_frax_fields(call, read),
        kept=kept_lines(call, values),
        saved=saved,
        problem=problem,
        form=call.form,
        **person_page(call, person),
    )


def _groups(call: Call, read: Read, values: tuple[Value, ...]) -> list[dict[str, Any]]:
    schema, now = call.station.model().schema, now_texts(call, values)
    made = []
    for group, features in wanted(schema, _person(call), _genetics(call)):
        fields = [field_of(call, feature, now.get(feature.id, ""), read.said) for feature in features]
        made.append(
            {
                "id": group.id,
                "title": call.say(group.title),
                "hint": call.say(group.hint) if group.hint else "",
                "fields": fields,
                "twice": group.id == TWICE,
                "scanned": group.id == SCANNED,
                "day": call.form.text(f"d.{group.id}"),
                "day_error": read.errors.get(f"d.{group.id}", ""),
            }
        )
    return made


def _genetics(call: Call) -> bool:
    return "genetics" in call.station.consents.held(call.params["person"])


def _person(call: Call) -> Any:
    found = call.station.store.person(call.params["person"])
    if found is None:
        raise Unknown
    return found


def _read(call: Call) -> Read:
    read = Read()
    for group, features in wanted(call.station.model().schema, _person(call), _genetics(call)):
        typed = [feature for feature in features if any(call.form.all(f"v.{feature.id}"))]
        if not typed:
            continue
        day = _day(call, group, read)
        for feature in typed:
            if day is not None:
                _read_one(call, group, feature, day, read)
    _read_frax(call, read)
    return read


def _day(call: Call, group: Group, read: Read) -> datetime | None:
    """The moment of a day in the zone of this box: noon, or now when it is today."""
    name = f"d.{group.id}"
    now = datetime.now().astimezone()
    try:
        day = date.fromisoformat(call.form.text(name)) if call.form.text(name) else now.date()
    except ValueError:
        read.errors[name] = call.say("This is no day of the calendar.")
        return None
    if day > now.date():
        read.errors[name] = call.say("The day lies in the future.")
        return None
    if day.year < _person(call).birth_year:
        read.errors[name] = call.say("The day lies before the birth of the person.")
        return None
    return now if day == now.date() else datetime.combine(day, time(12)).astimezone()


def _read_one(call: Call, group: Group, feature: Feature, day: datetime, read: Read) -> None:
    form, name = call.form, feature.id
    text = ",".join(form.all(f"v.{name}")) if feature.kind == "sites" else form.text(f"v.{name}")
    try:
        if group.id == TWICE and plain_number(name, text) != plain_number(
            name, form.text(f"r.{name}") or "-"
        ):
            read.errors[name] = call.say("The two entries differ. Please look at the report again.")
            return
        scanner = _scanner(call) if feature.requires == "scanner_generation" else None
        value, entry = typed_value(
            feature, text, unit=_unit(call, feature), scanner=scanner, by=call.actor, taken_at=day
        )
    except CaseError as error:
        read.errors[name] = sentence(error.code, call.lang, _labelled(call, feature, error.fields))
        return
    if feature.requires == "scanner_generation" and scanner is None:
        read.errors[name] = call.say("Please choose the scanner generation above.")
        return
    read.values.append(value)
    warnings = (
        []
        if entry is None
        else [sentence(code, call.lang, _labelled(call, feature, fields)) for code, fields in entry.warnings]
    )
    if warnings:
        read.warnings[name] = " ".join(warnings)


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


def _frax_fields(call: Call, read: Read) -> dict[str, str]:
    names = (*FRAX_FIELDS, "frax_country", "frax_bmd")
    typed = {
        name: call.form.text(name if name.startswith("frax_c") or name.endswith("bmd") else f"v.{name}")
        for name in names
    }
    return {**typed, "error": read.errors.get("frax", "")}
