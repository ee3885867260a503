"""Partial DXA: with some sites measured, all above -2.5, the chance that a missing one is not.

Closed equations fitted on US survey rows aged 50 and over with all three sites measured (NHANES 2005-2010,
Hologic, n about 4,100; five-fold AUC .866, .908, .875, slope .985, .971, .993). Transport to other makers and
to Chinese people is unverified.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from osteofusion.errors import ValuesError


@dataclass(frozen=True, slots=True)
class Equation:
    """logit p = constant + t T + age (age - 65) + male + weight (weight - 70); `missing` names its sites."""

    constant: float
    t: float
    age: float
    male: float
    weight: float
    missing: tuple[str, ...]


HIP_KNOWN = Equation(-4.905, -1.772, -0.003, -0.636, -0.018, ("ls_t",))
SPINE_KNOWN = Equation(-4.459, -0.983, 0.108, -0.589, -0.063, ("fn_t", "th_t"))
NECK_KNOWN = Equation(-4.601, -1.743, 0.005, -0.819, -0.022, ("ls_t", "th_t"))

_BY_SITES = {
    frozenset({"fn_t", "th_t"}): HIP_KNOWN,
    frozenset({"th_t"}): HIP_KNOWN,
    frozenset({"ls_t"}): SPINE_KNOWN,
    frozenset({"fn_t"}): NECK_KNOWN,
}


def equation_for(sites: frozenset[str]) -> Equation | None:
    """The equation for the measured `sites` (fn_t, th_t, ls_t); None for all, none, spine with a hip site."""
    return _BY_SITES.get(sites)


def p_missing_site(t_scores: Mapping[str, float], age: float, male: bool, weight: float) -> float:
    """P(a site that was not measured is <= -2.5) given T-scores by site, age in years and weight in kg.

    Raises ValuesError when no equation covers the measured sites.
    """
    equation = equation_for(frozenset(t_scores))
    if equation is None:
        raise ValuesError("sites_not_covered", sites=", ".join(sorted(t_scores)) or "-")
    t = min(value for site, value in t_scores.items() if site not in equation.missing)
    score = (
        equation.constant
        + equation.t * t
        + equation.age * (age - 65)
        + equation.male * male
        + equation.weight * (weight - 70)
    )
    return 1 / (1 + math.exp(-score))
