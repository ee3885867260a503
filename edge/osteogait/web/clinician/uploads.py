"""Files: chosen, looked at row by row, confirmed, kept byte for byte; the same file twice does nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.errors import OsteogaitError
from osteogait.web.access import Unknown
from osteogait.web.clinician.intake_of import account, read, values_of
from osteogait.web.clinician.pending import WAITING
from osteogait.web.clinician.subject import person_page
from osteogait.web.clinician.value_fields import SPOKEN_UNITS
from osteogait.web.clinician.value_list import own_day
from osteogait.web.clinician.variable_names import variable_name
from osteogait.web.clinician.visit_today import visit_today
from osteogait.web.language import N_
from osteogait.web.therapist.days import day_and_time
from osteogait.web.therapist.names import named

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.clinic.intake.measurement import Intake, Measurement
    from osteogait.web.call import Call

REFUSED = 422
KINDS = {
    "lab_csv": N_("laboratory table (CSV)"),
    "dxa_csv": N_("DXA table (CSV)"),
    "genotype_csv": N_("genotype table (CSV)"),
    "lab_xlsx": N_("laboratory workbook (XLSX)"),
    "dxa_xlsx": N_("DXA workbook (XLSX)"),
    "genotype_xlsx": N_("genotype workbook (XLSX)"),
    "fhir": N_("FHIR R4 bundle"),
    "hl7": N_("HL7 v2 result"),
    "dicom_sr": N_("DXA report (DICOM SR)"),
}
TEMPLATES = (("lab", N_("Laboratory")), ("dxa", N_("Bone density (DXA)")), ("genotype", N_("Genotype")))
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted row as it would be kept."""

    row: int
    who: str
    name: str
    value: str
    day: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file that is kept."""

    id: str
    name: str
    kind: str
    when: str
    size: str
    accepted: int
    refused: int
    sha256: str


def files(call: Call) -> Response:
    """The files of a person."""
    person = call.params["person"]
    call.audit("view", f"person:{person}", part="files")
    kept = [
        File(
            one.id, one.name, call.say(KINDS.get(one.kind, one.kind)), day_and_time(call, one.created),
            _size(one.size), one.report.get("accepted", 0), len(one.report.get("refused", ())), one.sha256,
        )
        for one in reversed(call.station.documents.of(person))
    ]  # fmt: skip
    return call.page(
        "clinician/files.html.j2", here_tab="clinician.files", files=kept, **person_page(call, person)
    )


def original(call: Call) -> Response:
    """The file as it was uploaded, byte for byte."""
    from osteogait.clinic.intake.measurement import suffix_of

    found = call.station.documents.get(call.params["document"])
    if found is None:
        raise Unknown
    content = call.station.documents.read(found)
    call.audit("export", f"document:{found.id}", person=found.person_id)
    return call.file(
        content, f"{found.kind}-{found.sha256[:12]}{suffix_of(found.kind)}", "application/octet-stream"
    )


def choose(call: Call) -> Response:
    """The page where a file is chosen."""
    return _choose(call, None)


def preview(call: Call) -> Response:
    """What the file says, row by row; nothing is kept yet."""
    sent = call.form.files("file")
    if not sent:
        return _choose(call, call.say("Please choose a file first."))
    if len(sent) > 1:
        return _choose(call, call.say("One file at a time, please: each is looked at before it is kept."))
    try:
        found = read(call, sent[0].name, sent[0].content)
    except OsteogaitError as error:
        return _choose(call, error.message(call.lang))
    assert call.session is not None  # noqa: S101 - the place is for signed-in people
    word = WAITING.add(call.session.id, sent[0].name, sent[0].content) if found.accepted else ""
    return call.page(
        "clinician/preview.html.j2", word=word, file=sent[0].name, **_shown(call, found, sent[0].content)
    )


def confirm(call: Call) -> Response:
    """Keeps the file and its accepted rows, all of it or nothing."""
    assert call.session is not None  # noqa: S101 - the place is for signed-in people
    waiting = WAITING.take(call.form.text("word"), call.session.id)
    if waiting is None:
        return _choose(call, call.say("The file is no longer waiting. Please choose it again."))
    found = read(call, waiting.name, waiting.content)
    persons = list(dict.fromkeys(row.person for row in found.accepted))
    kept, again = 0, 0
    with call.station.store.transaction():
        for person in persons:
            rows = [row for row in found.accepted if row.person == person]
            count = _keep(call, found, person, rows, waiting.name, waiting.content)
            kept, again = kept + count, again + (count == 0)
    return call.page(
        "clinician/kept.html.j2",
        kept=kept,
        again=again,
        refused=len(found.refused),
        people=[named(call, person) for person in persons],
    )


def template_file(call: Call) -> Response:
    """An empty table to fill in."""
    from osteogait.clinic.intake.template import KINDS as FORMS
    from osteogait.clinic.intake.template import template

    kind = call.query.get("kind", "")
    if kind not in FORMS:
        raise Unknown
    suffix = kind.rpartition("_")[2]
    return call.file(template(kind), f"osteogait-{kind.replace('_', '.')}", TYPES[suffix])


def _keep(call: Call, found: Intake, person: str, rows: list[Measurement], name: str, content: bytes) -> int:
    """How many values of `person` were kept: of a file that was kept before only rows that did not go in then."""
    station = call.station
    rows = _new(call, person, rows, content)
    if not rows:
        return 0
    visit = visit_today(call, person)
    made = station.documents.keep(
        person, visit, name, found.kind, content, account(found, person), call.actor
    )
    values = values_of(rows, found.kind, made.id, call.actor)
    station.store.add_values(visit, values)
    call.audit("create", f"document:{made.id}", person=person, sha256=made.sha256, values=len(values))
    return len(values)


def _new(call: Call, person: str, rows: list[Measurement], content: bytes) -> list[Measurement]:
    """Rows that this very file has not given yet; those of a consent that came later, for example."""
    before = call.station.documents.known(person, content)
    if before is None:
        return rows
    held = call.station.store.values_of(person)
    given = {(one.document_row, one.variable) for one in held if one.document_id == before.id}
    return [row for row in rows if (row.row, row.variable) not in given]


def _choose(call: Call, problem: str | None) -> Response:
    from osteogait.web.clinician.intake_of import ZONE

    forms = [
        (call.say(text), [(f"{name}_{suffix}", suffix.upper()) for suffix in TYPES])
        for name, text in TEMPLATES
    ]
    return call.page(
        "clinician/uploads.html.j2",
        status=200 if problem is None else REFUSED,
        problem=problem,
        forms=forms,
        zone=call.station.settings.get(ZONE, None),
    )


def _shown(call: Call, found: Intake, content: bytes) -> dict[str, Any]:
    from osteogait.clinic.intake.reason import ignored_message

    lang = call.lang
    persons = {row.person: named(call, row.person).name for row in found.accepted}
    known = [
        name for person, name in persons.items() if call.station.documents.known(person, content) is not None
    ]
    return {
        "kind": call.say(KINDS[found.kind]),
        "encoding": found.encoding,
        "sha256": found.sha256,
        "again": known,
        "of_several": len(found.people) > 1 and bool(found.accepted),
        "accepted": [_row(call, row, persons[row.person]) for row in found.accepted[:MOST_SHOWN]],
        "count": len(found.accepted),
        "warned": len(found.warned),
        "refused": [(row.row, row.text, row.said.message(lang)) for row in found.refused[:MOST_SHOWN]],
        "refused_count": len(found.refused),
        "ignored": [ignored_message(kind, lang, count) for kind, count in found.ignored.items()],
        "remarks": [remark.message(lang) for remark in found.remarks],
    }


def _row(call: Call, row: Measurement, who: str) -> Row:
    spoken = SPOKEN_UNITS[call.lang]
    value = row.notes.get("alleles") or (f"{row.value:g}" if isinstance(row.value, float) else row.value)
    comparator = row.comparator if row.comparator != "=" else ""
    text = f"{comparator}{value} {spoken.get(row.unit, row.unit)}".strip()
    if row.written_unit and row.written_unit != row.unit:
        text = call.say(
            "%(value)s (written %(written)s)", value=text, written=f"{row.written_value} {row.written_unit}"
        )
    said = tuple(one.message(call.lang) for one in row.warnings)
    return Row(
        row.row,
        who,
        variable_name(call, row.variable, row.side),
        text,
        own_day(call, row.taken_at, row.notes),
        said,
    )


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(count / 1000, 0.1):.1f} kB"
