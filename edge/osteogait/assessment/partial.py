"""Some hip or spine sites measured, none at -2.5: who answers for the missing ones, and with which interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteofusion.predict import Prediction, Predictor

SITES = ("fn_t", "th_t", "ls_t")


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
    """
    network = prediction.probabilities["osteoporosis"], prediction.intervals["osteoporosis"]
    known = {site: values[site] for site in SITES if site in values}
    if not known or predictor.bundle.metadata["partial_dxa"] != "equations" or "weight" not in values:
        return Estimate(*network, "network")
    from osteofusion.partial_dxa import equation_for, p_missing_site

    if equation_for(frozenset(known)) is None:
        return Estimate(*network, "network")
    probability = p_missing_site(known, values["age"], values["sex"] == 1.0, values["weight"])
    low, high = network[1]
    return Estimate(probability, (min(low, probability), max(high, probability)), "equations")
