"""Osteoporosis status by rule where a rule decides; where none does, who may answer.

Rules: WHO T-score classes (WHO 1994, Technical Report Series 843); ISCD positions for people before
menopause and men under 50 (Z-score); fragility-fracture route and distal third of the radius of the Chinese
guideline (2017 edition, kept in 2022). T-scores are compared as printed, never rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CENTRAL_SITES = ("fn_t", "th_t", "ls_t")  # ISCD: femoral neck, total hip, lumbar spine L1-L4
SITE_NAMES = {"fn_t": "fn", "th_t": "th", "ls_t": "ls", "radius33_t": "radius33"}
Z_SCORES = ("fn_z", "th_z", "ls_z")

T_OSTEOPOROSIS = -2.5  # WHO 1994
T_NORMAL = -1.0  # WHO 1994: normal is T >= -1.0
Z_BELOW_EXPECTED = -2.0  # ISCD: Z <= -2.0 is below the expected range for age
RULE_AGE = 50.0  # WHO classes hold for women after menopause and men from 50 (ISCD)

ALWAYS_SITES = frozenset({"hip", "vertebra"})  # Chinese guideline: at any T-score
LOW_MASS_SITES = frozenset({"humerus", "pelvis", "forearm"})  # Chinese guideline: with -2.5 < T < -1.0


@dataclass(frozen=True, slots=True)
class BoneEvidence:
    """What the rules look at; `scores` holds T- and Z-scores by variable id."""

    age: float
    male: bool
    postmenopausal: bool | None
    scores: Mapping[str, float]
    fragility_sites: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Status:
    """The answer of the rules.

    basis   `dxa_rule`, `fracture_rule`, `model` (no rule decides, the model may answer) or `none`
    status  WHO class or its replacement; for basis `model` the class of the measured sites, or `estimate`
    """

    basis: str
    status: str
    rule_set: str
    site: str | None = None
    t_score: float | None = None
    sites_measured: tuple[str, ...] = ()
    measured_status: str | None = None
    flags: tuple[str, ...] = ()


def who_class(t_score: float) -> str:
    """WHO 1994 class of one T-score."""
    if t_score <= T_OSTEOPOROSIS:
        return "osteoporosis"
    return "low_bone_mass" if t_score < T_NORMAL else "normal"


def decide(evidence: BoneEvidence, rule_set: str) -> Status:
    """The status of `evidence` under `rule_set` (`china2022` or `who1994`)."""
    flags = _menopause_flags(evidence)
    if not _who_applies(evidence):
        if rule_set == "china2022" and evidence.fragility_sites & ALWAYS_SITES:
            return Status(
                "fracture_rule", "fracture_criterion", rule_set, flags=(*flags, "fracture_at_young_age")
            )
        return _by_z_score(evidence, flags)
    central = {site: evidence.scores[site] for site in CENTRAL_SITES if site in evidence.scores}
    counted = dict(central)
    if rule_set == "china2022" and "radius33_t" in evidence.scores:
        counted["radius33_t"] = evidence.scores["radius33_t"]
    measured = tuple(SITE_NAMES[site] for site in counted)
    lowest = min(counted, key=lambda site: counted[site]) if counted else None
    t_score = counted[lowest] if lowest else None
    found = (SITE_NAMES[lowest] if lowest else None, t_score, measured)

    if t_score is not None and t_score <= T_OSTEOPOROSIS:
        name = "severe_osteoporosis" if evidence.fragility_sites else "osteoporosis"
        return Status("dxa_rule", name, rule_set, *found, flags=flags)
    if rule_set == "china2022" and _fracture_route(evidence.fragility_sites, t_score):
        return Status("fracture_rule", "fracture_criterion", rule_set, *found, flags=flags)
    if len(central) == len(CENTRAL_SITES) and t_score is not None:
        return Status("dxa_rule", who_class(min(central.values())), rule_set, *found, flags=flags)
    if central:
        low = min(central, key=lambda site: central[site])
        part = (SITE_NAMES[low], central[low], tuple(SITE_NAMES[site] for site in central))
        return Status("model", "partial", rule_set, *part, who_class(central[low]), flags)
    return Status("model", "estimate", rule_set, flags=flags)


def _fracture_route(sites: frozenset[str], t_score: float | None) -> bool:
    if sites & ALWAYS_SITES:
        return True
    low_mass = t_score is not None and T_OSTEOPOROSIS < t_score < T_NORMAL
    return low_mass and bool(sites & LOW_MASS_SITES)


def _who_applies(evidence: BoneEvidence) -> bool:
    if evidence.male:
        return evidence.age >= RULE_AGE
    if evidence.postmenopausal is None:
        return evidence.age >= RULE_AGE
    return evidence.postmenopausal


def _menopause_flags(evidence: BoneEvidence) -> tuple[str, ...]:
    if evidence.male or evidence.postmenopausal is not None:
        return ()
    return ("menopause_assumed",) if evidence.age >= RULE_AGE else ("menopause_unknown",)


def _by_z_score(evidence: BoneEvidence, flags: tuple[str, ...]) -> Status:
    z_scores = {name: evidence.scores[name] for name in Z_SCORES if name in evidence.scores}
    if not z_scores:
        return Status("none", "not_assessed", "iscd2019", flags=(*flags, "z_score_needed"))
    lowest = min(z_scores, key=lambda name: z_scores[name])
    below = z_scores[lowest] <= Z_BELOW_EXPECTED
    name = "below_expected_for_age" if below else "within_expected_for_age"
    return Status("none", name, "iscd2019", site=lowest.removesuffix("_z"), flags=flags)
