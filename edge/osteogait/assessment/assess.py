"""The main flow: recordings and values -> measures -> inputs -> prediction -> reasons -> report data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.assessment.inputs import Inputs, MeasuredRecording, make_inputs
from osteogait.assessment.measuring import measure_recording
from osteogait.assessment.model import Model, load_model
from osteogait.assessment.scope import MODEL_AGE
from osteogait.assessment.setting import Setting, setting_of
from osteogait.assessment.status import BoneEvidence, Status, decide
from osteogait.clinic.case import Case, read_case
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.explain import Contributions
    from osteofusion.prediction import Prediction
    from osteofusion.value_of_information import ValueOfInformation


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that was concluded of one case; `prediction` and what follows are None where the model may not
    speak."""

    case: Case
    setting: Setting
    recordings: tuple[MeasuredRecording, ...]
    inputs: Inputs
    status: Status
    prediction: Prediction | None
    contributions: Contributions | None
    information: ValueOfInformation | None


def assess(case: Case, model: Model, measured: tuple[MeasuredRecording, ...] | None = None) -> Assessment:
    """Assess one case; CaseError when a recording or the country is refused. `measured`: its recordings, when
    somebody has measured them already."""
    setting = setting_of(case, model.bundle)
    recordings = measure_recordings(case) if measured is None else measured
    inputs = make_inputs(case.entries, recordings, model.schema)
    status = decide(bone_evidence(case), case.rule_set)
    predictor = model.predictor
    if case.person.age < MODEL_AGE or predictor is None:
        return Assessment(case, setting, recordings, inputs, status, None, None, None)
    known, country = inputs.values, setting.country.id
    prediction = predictor.predict(known, country=country)
    reasons = predictor.explain(known, country=country)
    information = predictor.value_of_information(known, country=country)
    return Assessment(case, setting, recordings, inputs, status, prediction, reasons, information)


def assess_file(path: Path, lang: str) -> dict[str, Any]:
    """The assessment of the case in `path` as the document of the contract, its words in `lang`."""
    from gaitsignal.pipeline import PROTOCOLS
    from osteogait.assessment.document import to_document

    model = load_model()
    case = read_case(path, model.schema, tuple(PROTOCOLS))
    return to_document(assess(case, model), model, lang)


def measure_recordings(case: Case) -> tuple[MeasuredRecording, ...]:
    """Every recording of the case, measured with the person's height."""
    from gaitsignal.errors import RecordingError

    height_m = None if case.person.height is None else case.person.height / 100
    measured = []
    for reference in case.recordings:
        try:
            measures = measure_recording(reference.path, reference.protocol, height_m)
        except RecordingError as error:
            raise CaseError("recording_refused", path=reference.name, reason=error) from error
        measured.append(MeasuredRecording(reference.name, reference.protocol, measures))
    return tuple(measured)


def bone_evidence(case: Case) -> BoneEvidence:
    """What the status rules look at, from the typed values of the case."""

    def number(name: str) -> float | None:
        entry = case.entries.get(name)
        return entry.value if entry is not None and isinstance(entry.value, float) else None

    names = ("fn_t", "th_t", "ls_t", "radius33_t", "fn_z", "th_z", "ls_z")
    scores = {name: score for name in names if (score := number(name)) is not None}
    menopause = number("postmenopausal")
    sites = case.entries.get("fragility_fracture_sites")
    return BoneEvidence(
        age=case.person.age,
        male=case.person.sex == "male",
        postmenopausal=None if menopause is None else bool(menopause),
        scores=scores,
        fragility_sites=frozenset(sites.value)
        if sites is not None and isinstance(sites.value, tuple)
        else frozenset(),
    )
