"""What the model saw of values that its training did not hold, as parts and remarks of an assessment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from osteogait.assessment.remarks import ModelRemark, Remark

if TYPE_CHECKING:
    from osteofusion.prediction import Prediction
    from osteogait.clinic.values import Entry


def outside_part(prediction: Prediction | None) -> dict[str, Any]:
    """Features beyond the training range, outside the usual one, and those that do not go together."""
    if prediction is None:
        return {"training_range": [], "usual_range": [], "unusual_combination": []}
    return {
        "training_range": list(prediction.outside_training_range),
        "usual_range": list(prediction.outside_usual_range),
        "unusual_combination": list(prediction.unusual_combination),
    }


def outside_remarks(prediction: Prediction, entries: Mapping[str, Entry]) -> Iterable[Remark | ModelRemark]:
    """One remark a feature, and one on the combination; a typed value was remarked when it was read."""
    for name in prediction.outside_training_range:
        yield Remark("outside_training_range", "warn", {"feature": name})
    for name in prediction.outside_usual_range:
        if name not in entries:
            yield ModelRemark("outside_usual_range", "warn", (name,))
    if prediction.unusual_combination:
        yield ModelRemark("unusual_combination", "warn", prediction.unusual_combination)
