"""The assessment of one visit of a person at the station: what is kept of them becomes a case, the case a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from osteogait.assessment.kept_values import GENOTYPE, entries_of, frax_of, newest_values, taken
from osteogait.assessment.remarks import Remark
from osteogait.clinic.case import RULE_SETS, SEXES, Case, Person
from osteogait.clinic.values import Entry, read_entry
from osteogait.errors import OsteogaitError, Rejected

if TYPE_CHECKING:
    from osteofusion.schema import Schema
    from osteogait.assessment.inputs import MeasuredRecording
    from osteogait.assessment.model import Model
    from osteogait.storage.consents import Consents
    from osteogait.storage.records import Recording, Value, Visit
    from osteogait.storage.settings import Settings
    from osteogait.storage.store import Store
    from osteogait.storage.trials import Trial, Trials

BESIDE = ("side", "brand", "model", "reference_db", "fasting", "ref_low", "ref_high", "lab", "day_only")
"""Notes of a value without which a reader cannot judge it."""
ACCEPTED, GENETICS = "accepted", "genetics"


class Audit(Protocol):
    """The audit as this module needs it."""

    def add(self, actor: str, action: str, object_: str, **details: object) -> None:
        """One row more."""


class Box(Protocol):
    """What an assessment needs of the station."""

    @property
    def store(self) -> Store:
        """People, visits, values, results."""

    @property
    def trials(self) -> Trials:
        """Tests done."""

    @property
    def consents(self) -> Consents:
        """What people agreed to."""

    @property
    def settings(self) -> Settings:
        """Rule set and country."""

    @property
    def audit(self) -> Audit:
        """What was done by whom."""

    @property
    def recordings(self) -> Path:
        """Where recordings lie."""

    def model(self) -> Model:
        """The model in use."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is kept of a person as a case, where each value and recording came from, and what has to be remarked."""

    case: Case
    values: Mapping[str, Value]
    recordings: tuple[tuple[MeasuredRecording, Trial], ...]
    remarks: tuple[Remark, ...]


def assess_visit(box: Box, person: str, visit: str, *, lang: str) -> dict[str, Any]:
    """The document of the assessment of `visit`, in `lang` with its translation; nothing is kept.

    Raises CaseError when nothing may be concluded at all, Rejected when the visit is not of `person`, NotPermitted
    without the person's consent.
    """
    from osteogait.assessment.assess import assess
    from osteogait.assessment.document import to_document
    from osteogait.assessment.translation import with_translation

    box.consents.require(person, "test")
    model = box.model()
    found = gather(box, person, visit, model)
    assessment = assess(found.case, model, tuple(measured for measured, _ in found.recordings))
    remarks = (*assessment.inputs.remarks, *found.remarks)
    assessment = replace(assessment, inputs=replace(assessment.inputs, remarks=remarks))
    documents = {code: _with_origin(to_document(assessment, model, code), found) for code in ("en", "zh")}
    return with_translation(documents, lang)


def assess_and_keep(
    box: Box, person: str, visit: str, *, lang: str, actor: str, supersedes: str | None = None
) -> str:
    """The id of the result of `visit`, kept with its row of audit; it takes the place of the visit's last one.

    The earlier result stays as it was; the new one names it. `supersedes`: the one that the caller saw as the last;
    Rejected when somebody was quicker.
    """
    document = assess_visit(box, person, visit, lang=lang)
    with box.store.transaction():
        earlier = [result.id for result in box.store.results_of(person) if result.visit_id == visit]
        last = earlier[-1] if earlier else None
        if supersedes not in (None, last):
            raise Rejected("report_replaced")
        result = box.store.add_result(visit, document, supersedes=last)
        box.audit.add(actor, "create", f"result:{result}", person=person, supersedes=last)
    return result


def gather(box: Box, person: str, visit: str, model: Model) -> Gathered:
    """The case of `visit`: person, newest values, accepted recordings of this visit."""
    who, when = box.store.person(person), box.store.visit(visit)
    if who is None or when is None or when.person_id != person:
        raise Rejected("visit_of_somebody_else", visit=visit)
    known = _before_the_next(box, when, box.store.values_of(person))
    newest = newest_values(known, allowed=_allowed(box, person, model.schema))
    entries, remarks = entries_of(newest, model.schema, when)
    age = read_entry(model.schema.by_id["age"], when.started.year - who.birth_year)
    assert age is not None  # noqa: S101 - a number is never unknown
    entries = {"sex": Entry("sex", SEXES[who.sex], "1", who.sex, None), "age": age, **entries}
    frax, about_frax = frax_of(newest)
    rule_set = box.settings.get("rule_set", RULE_SETS[0])
    about = Person(
        float(when.started.year - who.birth_year),
        who.sex,
        _number(entries, "height"),
        _number(entries, "weight"),
    )
    case = Case(about, entries, (), rule_set, box.settings.get("country", None), frax)
    recordings, refused = _measured(box, when, about)
    return Gathered(case, newest, recordings, (*remarks, *about_frax, *refused))


def _before_the_next(box: Box, visit: Visit, values: Iterable[Value]) -> list[Value]:
    """Values that belong to this visit or came before or soon after it: none from the next tests on."""
    tested = {trial.visit_id for trial in box.trials.of_person(visit.person_id)}
    others = [one.started for one in box.store.visits_of(visit.person_id) if one.id in tested]
    later = [started for started in others if started > visit.started]
    return [value for value in values if not later or taken(value) < min(later)]


def _allowed(box: Box, person: str, schema: Schema) -> dict[str, bool]:
    """Genotypes count only with their own consent."""
    agreed = GENETICS in box.consents.held(person)
    return {feature.id: agreed for feature in schema.features if feature.group == GENOTYPE}


def _number(entries: Mapping[str, Entry], name: str) -> float | None:
    entry = entries.get(name)
    return entry.value if entry is not None and isinstance(entry.value, float) else None


def _measured(
    box: Box, visit: Visit, about: Person
) -> tuple[tuple[tuple[MeasuredRecording, Trial], ...], list[Remark]]:
    """The accepted recordings of the visit, measured; one that is refused now is told, never silently left out."""
    from gaitsignal.errors import RecordingError
    from osteogait.assessment.inputs import MeasuredRecording
    from osteogait.assessment.measuring import measure_recording

    height_m = None if about.height is None else about.height / 100
    files = {one.id: one for one in box.store.recordings_of(visit.person_id)}
    measured, remarks = [], []
    for trial in box.trials.of_visit(visit.id):
        if trial.state != ACCEPTED or trial.recording_id is None:
            continue
        name = recording_name(trial)
        try:
            measures = measure_recording(
                recording_path(box, files[trial.recording_id]), trial.protocol, height_m
            )
        except (RecordingError, OsteogaitError) as error:
            remarks.append(Remark("recording_refused", "warn", {"path": name, "reason": error}))
            continue
        measured.append((MeasuredRecording(name, trial.protocol, measures), trial))
    return tuple(measured), remarks


def recording_name(trial: Trial) -> str:
    """What the recording of `trial` is called in results: the test and the beginning of its id."""
    return f"{trial.protocol}-{trial.id[:8]}"


def recording_path(box: Box, recording: Recording) -> Path:
    """Where the file of `recording` lies."""
    return box.recordings / recording.path


def _with_origin(document: dict[str, Any], found: Gathered) -> dict[str, Any]:
    """The document with the day and the record behind each value, and the trial behind each recording."""
    for name, shown in document["values"].items():
        value = found.values.get(name)
        if value is None or shown["source"] != "typed":
            continue
        shown["taken_at"], shown["record"] = taken(value).isoformat(), value.id
        shown["origin"] = value.source
        said = {key: value.notes[key] for key in BESIDE if value.notes.get(key)}
        if said:
            shown["beside"] = said
        if "scanner_generation" in value.notes:
            shown["scanner_generation"] = value.notes["scanner_generation"]
    for shown, (_, trial) in zip(document["recordings"], found.recordings, strict=True):
        shown["trial"], shown["test"] = trial.id, trial.test
    return document
