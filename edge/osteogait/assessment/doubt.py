"""How sure an estimate is and where its doubt comes from, as the document of the contract holds it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osteofusion.predict import Predictor
    from osteofusion.prediction import Prediction
    from osteogait.clinic.case import Person

DIGITS = 6  # of a probability or a log-odds; the engine's own noise is larger


def doubt_part(prediction: Prediction, predictor: Predictor, outcome: str, person: Person) -> dict[str, Any]:
    """Range by each source alone (`interval` beside it is all of them together), what the rounding of the weights may
    have moved, and what people with such an estimate turned out to have."""
    bounds = prediction.venn_abers.get(outcome)
    return {
        "sources": {name: rounded(reach) for name, reach in asdict(prediction.sources[outcome]).items()},
        "rounding": round(prediction.noise[outcome], DIGITS),
        "judgement": _judgement(prediction, predictor, outcome, person),
        "observed_share": None if bounds is None else rounded(bounds),
    }


def rounded(reach: tuple[float, float]) -> list[float]:
    """Both ends of a range with the digits of the document."""
    return [round(end, DIGITS) for end in reach]


def _judgement(
    prediction: Prediction, predictor: Predictor, outcome: str, person: Person
) -> dict[str, Any] | None:
    """Answers that are not ruled out, and whether the rounding of the weights alone could change that."""
    labels = prediction.conformal.get(outcome)
    if labels is None:
        return None
    limits = predictor.tables.conformal[outcome]
    probability, noise = prediction.probabilities[outcome], prediction.noise[outcome]
    beside = [limits.labels(probability + move, person.sex == "male", person.age) for move in (-noise, noise)]
    return {"not_ruled_out": list(labels), "at_threshold": any(other != labels for other in beside)}
