"""Values typed in by the clinician: checked beside their fields, kept as written, withdrawn with a reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from osteogait.web.access import Unknown
from osteogait.web.clinician.bone_source import BONE_SOURCE, source_fields
from osteogait.web.clinician.subject import person_page
from osteogait.web.clinician.value_fields import BLOOD, SCANNED, TWICE, wanted
from osteogait.web.clinician.value_fields import field as field_of
from osteogait.web.clinician.value_form import FRAX_FIELDS, Read, agreed_to_genotypes, person_of, read_form
from osteogait.web.clinician.value_list import kept_lines, now_texts
from osteogait.web.clinician.visit_today import visit_today

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.records import Value
    from osteogait.web.call import Call

REFUSED = 422


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
    read = read_form(call)
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
        genetics=agreed_to_genotypes(call),
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
    for group, features in wanted(schema, person_of(call), agreed_to_genotypes(call)):
        fields = [field_of(call, feature, now.get(feature.id, ""), read.said) for feature in features]
        made.append(
            {
                "id": group.id,
                "title": call.say(group.title),
                "hint": call.say(group.hint) if group.hint else "",
                "fields": fields,
                "twice": group.id == TWICE,
                "scanned": group.id == SCANNED,
                "source": source_fields(call, read.errors) if group.id == BONE_SOURCE else (),
                "printed": group.printed,
                "blood": group.id == BLOOD,
                "day": call.form.text(f"d.{group.id}"),
                "day_error": read.errors.get(f"d.{group.id}", ""),
            }
        )
    return made


def _frax_fields(call: Call, read: Read) -> dict[str, str]:
    names = (*FRAX_FIELDS, "frax_country", "frax_bmd")
    typed = {
        name: call.form.text(name if name.startswith("frax_c") or name.endswith("bmd") else f"v.{name}")
        for name in names
    }
    return {**typed, "error": read.errors.get("frax", "")}
