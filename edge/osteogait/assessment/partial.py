"""Some hip or spine sites measured, none at -2.5: who answers for the missing ones, and with which interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteofusion.predict import Predictor
    from osteofusion.prediction import Prediction

SITES = ("fn_t", "th_t", "ls_t")
EQUATIONS = "equations"


@dataclass(frozen=True, slots=True)
class Estimate:
    """P(lowest T-score <= -2.5) with its interval; `method` is `network` or `equations`."""

    probability: float
    interval: tuple[float, float]
    method: str


def estimate(prediction: Prediction, predictor: Predictor, values: Mapping[str, float]) -> Estimate:
    """The answer of the method that calibrated better out of fold (named in the bundle's metadata).

    Notes
    -----
    An equation has no interval of its own: the network's interval is shown, widened where needed so that it holds
    the equation's answer. Where no equation fits (spine with one hip site, or weight unknown) the network answers.

    The equations take no scale of a country, and neither does the interval beside them: how T-scores of one site go
    with those of another is what they state, and the measured T-score already carries the level of bone density of
    the country. Whoever shows the answer says so (remark `equations_home_country`).
    """
    probability = _by_equation(predictor, values)
    if probability is None:
        return Estimate(
            prediction.probabilities["osteoporosis"], prediction.intervals["osteoporosis"], "network"
        )
    low, high = _at_home(prediction, predictor, values)
    return Estimate(probability, (min(low, probability), max(high, probability)), EQUATIONS)


def _by_equation(predictor: Predictor, values: Mapping[str, float]) -> float | None:
    """The equation's answer; None where the network answers."""
    known = {site: values[site] for site in SITES if site in values}
    if not known or predictor.bundle.metadata["partial_dxa"] != EQUATIONS or "weight" not in values:
        return None
    from osteofusion.partial_dxa import equation_for, p_missing_site

    if equation_for(frozenset(known)) is None:
        return None
    return p_missing_site(known, values["age"], values["sex"] == 1.0, values["weight"])


def _at_home(
    prediction: Prediction, predictor: Predictor, values: Mapping[str, float]
) -> tuple[float, float]:
    """The network's interval without the scale of a country."""
    if predictor.countries[prediction.country].osteoporosis:
        prediction = predictor.predict(values)
    return prediction.intervals["osteoporosis"]
