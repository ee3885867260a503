"""Somebody new, and what is known of somebody: checked field by field, nothing guessed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from osteogait.errors import CaseError
from osteogait.storage.identity import Identity
from osteogait.web.therapist.names import named

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.records import Value
    from osteogait.web.call import Call

OLDEST = 110
"""Years: the end of the ages that the model knows."""
YOUNGEST = 18
BODY = {"height": "cm", "weight": "kg"}
TEXTS = ("birth_year", "sex", "name", "clinic_id", *BODY)


@dataclass
class Filled:
    """What was typed, and what is wrong with it by field; `other` is who has the clinic number already."""

    texts: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    other: str | None = None


def new_page(call: Call) -> Response:
    """An empty form; a name that was searched in vain is carried over."""
    texts = dict.fromkeys(TEXTS, "") | {"name": call.query.get("name", "")}
    return call.page("therapist/new_person.html.j2", filled=Filled(texts))


def make(call: Call) -> Response:
    """A new pseudonym with what was typed; back to the form, filled, when a field is wrong."""
    filled = _read(call)
    year = _birth_year(call, filled)
    if filled.texts["sex"] not in ("female", "male"):
        filled.wrong["sex"] = call.say("Please choose one. Norms differ between women and men.")
    values = _body(call, filled)
    if filled.wrong or year is None:
        return call.page("therapist/new_person.html.j2", status=422, filled=filled)
    station = call.station
    try:
        with station.store.transaction():
            person = station.store.add_person(birth_year=year, sex=filled.texts["sex"])
            _put_identity(call, person, filled)
            _put_body(call, person, values)
            call.audit("create", f"person:{person}")
    except CaseError as error:
        _blame_number(call, filled, error)
        return call.page("therapist/new_person.html.j2", status=422, filled=filled)
    return call.go("therapist.consent", person=person)


def details_page(call: Call) -> Response:
    """Name, clinic number, height and weight as they are known."""
    call.audit("view", f"person:{call.params['person']}", what="details")
    return _details(call, Filled(_known(call)))


def change(call: Call) -> Response:
    """What was typed holds from now on; earlier heights and weights stay readable."""
    person, filled = call.params["person"], _read(call)
    known = _known(call)
    values = [value for value in _body(call, filled) if filled.texts[value.variable] != known[value.variable]]
    if filled.wrong:
        return _details(call, filled, 422)
    try:
        with call.station.store.transaction():
            _put_identity(call, person, filled)
            _put_body(call, person, values)
            call.audit("change", f"person:{person}", what="details")
    except CaseError as error:
        _blame_number(call, filled, error)
        return _details(call, filled, 422)
    return call.go("therapist.person", person=person)


def newest(call: Call, person: str, variable: str) -> Value | None:
    """The value of `variable` that was typed last and holds."""
    found = [one for one in call.station.store.values_of(person, variable) if one.withdrawn is None]
    return found[-1] if found else None


def plain(value: Value) -> str:
    """A number without needless zeros, any other value as it is."""
    return f"{value.value:g}" if isinstance(value.value, float) else value.value


def _details(call: Call, filled: Filled, status: int = 200) -> Response:
    who = named(call, call.params["person"])
    return call.page("therapist/details.html.j2", status=status, who=who, filled=filled)


def _known(call: Call) -> dict[str, str]:
    person = call.params["person"]
    identity = call.station.identities.get(person) or Identity()
    texts = {"name": identity.name, "clinic_id": identity.clinic_id or ""}
    for variable in BODY:
        value = newest(call, person, variable)
        texts[variable] = "" if value is None else plain(value)
    return texts


def _read(call: Call) -> Filled:
    return Filled({name: call.form.text(name) for name in TEXTS})


def _birth_year(call: Call, filled: Filled) -> int | None:
    text = unicodedata.normalize("NFKC", filled.texts["birth_year"])
    now = datetime.now().astimezone().year
    if text.isascii() and text.isdigit() and now - OLDEST <= int(text) <= now - YOUNGEST:
        return int(text)
    filled.wrong["birth_year"] = call.say(
        "Please enter the year of birth with four digits, %(first)s to %(last)s.",
        first=now - OLDEST,
        last=now - YOUNGEST,
    )
    return None


def _body(call: Call, filled: Filled) -> list[Value]:
    """Height and weight where they were typed; what is impossible is said at its field."""
    from osteogait.clinic.kept import typed_value

    schema, now = call.station.model().schema, datetime.now(UTC)
    values = []
    for variable, unit in BODY.items():
        text = filled.texts[variable]
        if not text:
            continue
        try:
            value, _ = typed_value(schema.by_id[variable], text, unit=unit, by=call.actor, taken_at=now)
            values.append(value)
        except CaseError as error:
            filled.wrong[variable] = _refused(call, error)
    return values


def _refused(call: Call, error: CaseError) -> str:
    """What is wrong with a number, for somebody who has just typed it."""
    if error.code == "outside_hard_range":
        return call.say("Please check: only %(low)s to %(high)s %(unit)s is possible.", **_limits(error))
    if error.code == "not_a_number":
        return call.say("Please enter digits, with a point for decimals.")
    return error.message(call.lang)


def _limits(error: CaseError) -> dict[str, object]:
    low, high = (f"{float(str(error.fields[name])):g}" for name in ("low", "high"))
    return {"low": low, "high": high, "unit": error.fields["unit"]}


def _put_identity(call: Call, person: str, filled: Filled) -> None:
    old = call.station.identities.get(person)
    identity = Identity(
        filled.texts["name"], filled.texts["clinic_id"] or None, None if old is None else old.contact
    )
    if old is not None or identity != Identity():
        call.station.identities.put(person, identity)


def _put_body(call: Call, person: str, values: list[Value]) -> None:
    """Values belong to a visit: one without tests, closed at once."""
    if not values:
        return
    store = call.station.store
    visit = store.add_visit(person, by=call.actor)
    store.add_values(visit, values)
    store.close_visit(visit)


def _blame_number(call: Call, filled: Filled, error: CaseError) -> None:
    """The clinic number is somebody else's, or a text is too long."""
    if error.code == "clinic_id_taken":
        filled.other = call.station.identities.by_clinic_id(filled.texts["clinic_id"])
        filled.wrong["clinic_id"] = error.message(call.lang)
        return
    key = str(error.fields.get("key", "name"))
    filled.wrong[key if key in TEXTS else "name"] = error.message(call.lang)
