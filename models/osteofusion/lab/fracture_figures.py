"""Ten-year fracture on generated outcomes (tier S): every figure here is a property of the generator.

What they can show: that the network learned what it was taught, keeps its shape, and is not beaten by age with
one T-score. What they cannot: that anybody breaks a bone as predicted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from osteofusion.heads import logit
from osteofusion.lab import survival
from osteofusion.lab.comparators import Surrogate
from osteofusion.lab.generator import Index
from osteofusion.lab.hazards import incidence
from osteofusion.lab.metrics import FEWEST_CASES, SMALLEST_P
from osteofusion.lab.out_of_fold import Answer, OutOfFold
from osteofusion.lab.rivals import few_inputs
from osteofusion.lab.survival import Followed
from osteofusion.lab.tables import ANCESTRIES, Flags, Values

OUTCOMES = ("mof_10y", "hip_10y")
AGES = (50, 60, 70, 80, 200)
THRESHOLDS = {"mof_10y": np.arange(0.02, 0.41, 0.02), "hip_10y": np.arange(0.005, 0.1001, 0.005)}
SEED = 11


@dataclass(frozen=True)
class SimulatedPeople:
    """Completed people of 50 and over, in the order of the folds, with one simulated follow-up each."""

    z: Values
    values: Mapping[str, Values]
    rows: Index
    fold: Index
    label: Values
    seen: Mapping[str, Followed]
    hazards: Mapping[str, Values]
    truth: Mapping[str, Values]
    answer: Answer


def simulate(oof: OutOfFold) -> SimulatedPeople:
    """Simulate the follow-up of the unseen completed people and answer for them with everything known."""
    cohort, at = oof.cohort, oof.schema.column
    parts = cohort.unseen_parts
    z = np.concatenate([part.z for part in parts])
    fold = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    rows = np.concatenate([np.flatnonzero(cohort.bone_fold == number) for number in range(len(parts))])
    hazards = {c: np.concatenate([part.hazards[c] for part in parts]) for c in ("hip", "other", "death")}
    known = {name: cohort.bone.values[rows, column] for name, column in at.items()}
    old = known["age"] >= AGES[0]
    hazards = {cause: table[old] for cause, table in hazards.items()}
    return SimulatedPeople(
        z=z[old],
        values={name: column[old] for name, column in known.items()},
        rows=rows[old],
        fold=fold[old],
        label=np.concatenate([part.label for part in parts])[old],
        hazards=hazards,
        seen=survival.draw(hazards, np.random.default_rng(SEED)),
        truth={
            "mof_10y": incidence(hazards["hip"] + hazards["other"], hazards["death"])[0],
            "hip_10y": incidence(hazards["hip"], hazards["death"])[0],
        },
        answer=oof.answer(z[old], fold[old]),
    )


def ten_year_figure(p: Values, seen: Followed) -> dict[str, Any]:
    """n, events, weighted incidence, dynamic AUC, Brier and skill over the incidence, all by ten years."""
    outcome, weight = survival.weights(seen)
    found: dict[str, Any] = {"n": len(p), "events": int(outcome.sum())}
    if found["events"] < FEWEST_CASES:
        return found
    share = survival.incidence_seen(seen)
    brier = survival.ipcw_brier(p, seen)
    constant = survival.ipcw_brier(np.full_like(p, share), seen)
    return found | {
        "auc": round(survival.ipcw_auc(p, seen), 4),
        "mean_predicted": round(float(p.mean()), 4),
        "incidence": round(share, 4),
        "brier": round(brier, 5),
        "skill": round(1 - brier / constant, 4),
        "followed": int((weight > 0).sum()),
    }


def both(answer: Answer, seen: Followed) -> dict[str, Any]:
    """`ten_year_figure` of the integers and, beside it, of the float weights."""
    found = ten_year_figure(answer.int8, seen)
    if "auc" in found:
        other = ten_year_figure(answer.float, seen)
        found["float"] = {name: other[name] for name in ("auc", "brier")}
        found["p99_change"] = round(float(np.quantile(np.abs(answer.int8 - answer.float), 0.99)), 4)
    return found


def tables(oof: OutOfFold, simulated: SimulatedPeople, surrogate: Surrogate | None) -> dict[str, Any]:
    """All figures of both outcomes."""
    found: dict[str, Any] = {}
    for outcome in OUTCOMES:
        answer, seen = simulated.answer.outcome(outcome), simulated.seen[outcome]
        found[outcome] = {
            "by_group": {
                name: both(answer.take(rows), seen.take(rows))
                for name, rows in _groups(simulated, oof).items()
            },
            "agreement": _agreement(answer.int8, simulated.truth[outcome]),
            "by_age_and_sex": _by_age(answer, simulated, outcome),
            "by_tenth": _by_tenth(answer, simulated.truth[outcome]),
            "comparators": _comparators(oof, simulated, outcome, surrogate),
            "decision": _decisions(answer, simulated, outcome),
        }
    return found


def _groups(simulated: SimulatedPeople, oof: OutOfFold) -> dict[str, Flags]:
    age, male = simulated.values["age"], simulated.values["sex"] == 1
    asian = oof.cohort.bone.ancestry[simulated.rows] == ANCESTRIES.index("nh_asian")
    return {
        "everybody 50+": age >= AGES[0],
        "women": ~male,
        "men": male,
        "50-64": age < 65,
        "65+": age >= 65,
        "Asian, not Hispanic": asian,
    }


def _agreement(p: Values, truth: Values) -> dict[str, float]:
    """Against the generated probability itself: squared correlation, slope and shift of the logits."""
    x, y = logit(np.clip(p, SMALLEST_P, 1 - SMALLEST_P)), logit(np.clip(truth, SMALLEST_P, 1 - SMALLEST_P))
    slope, shift = np.polyfit(x, y, 1)
    return {
        "r2_of_logit": round(float(np.corrcoef(x, y)[0, 1] ** 2), 4),
        "slope": round(float(slope), 3),
        "intercept": round(float(shift), 3),
        "mean_predicted": round(float(p.mean()), 4),
        "mean_generated": round(float(truth.mean()), 4),
        "largest_generated": round(float(truth.max()), 4),
        "largest_predicted": round(float(p.max()), 4),
    }


def _by_age(answer: Answer, simulated: SimulatedPeople, outcome: str) -> dict[str, Any]:
    """Mean predicted over mean generated probability by sex and decade."""
    found: dict[str, Any] = {}
    for sex, name in ((0, "women"), (1, "men")):
        for low, high in pairwise(AGES):
            age = simulated.values["age"]
            rows = (simulated.values["sex"] == sex) & (age >= low) & (age < high)
            if rows.any():
                truth = float(simulated.truth[outcome][rows].mean())
                found[f"{name} {low}{'+' if high > 100 else f'-{high - 1}'}"] = {
                    "n": int(rows.sum()),
                    "generated": round(truth, 4),
                    "int8": round(float(answer.int8[rows].mean()) / truth, 3),
                    "float": round(float(answer.float[rows].mean()) / truth, 3),
                }
    return found


def _by_tenth(answer: Answer, truth: Values) -> list[dict[str, float]]:
    parts = np.array_split(np.argsort(answer.int8, kind="stable"), 10)
    return [
        {
            "predicted": round(float(answer.int8[part].mean()), 4),
            "float": round(float(answer.float[part].mean()), 4),
            "generated": round(float(truth[part].mean()), 4),
        }
        for part in parts
    ]


def _comparators(
    oof: OutOfFold, simulated: SimulatedPeople, outcome: str, surrogate: Surrogate | None
) -> dict[str, Any]:
    """Age alone, age with the femoral neck, the published-probability surrogate, and the generator's own best."""
    seen = simulated.seen[outcome]
    label, weight = survival.weights(seen)
    age, neck = simulated.values["age"], simulated.values["fn_t"]
    male = simulated.values["sex"]
    scores = {
        "network": simulated.answer.outcome(outcome).int8,
        "network without bone density": oof.answer(oof.hide_groups(simulated.z, ["bmd"]), simulated.fold)
        .outcome(outcome)
        .int8,
        "age and sex": few_inputs([age, male], label, simulated.fold, weight),
        "age, sex, femoral neck": few_inputs(
            [age, male, neck, (age - 65) * neck], label, simulated.fold, weight
        ),
        "the generator itself (ceiling)": simulated.truth[outcome],
    }
    found = {name: ten_year_figure(p, seen) for name, p in scores.items()}
    if surrogate is not None:
        found["surrogate of published US probabilities"] = _surrogate(oof, simulated, outcome, surrogate)
    return found


def _surrogate(
    oof: OutOfFold, simulated: SimulatedPeople, outcome: str, surrogate: Surrogate
) -> dict[str, Any]:
    """People of 50 to 79, the range the surrogate was fitted on; rank agreement with the network too."""
    rows = simulated.values["age"] < 80
    names = {"prior": "prior_fracture", "parent_hip": "parent_hip_fracture", "smoke": "current_smoking"}
    names |= {"gc": "glucocorticoids", "ra": "rheumatoid_arthritis", "alc3": "alcohol_3_units"}
    people = {short: np.nan_to_num(simulated.values[name][rows]) for short, name in names.items()}
    ancestry = oof.cohort.bone.ancestry[simulated.rows][rows]
    people |= {name: (ancestry == ANCESTRIES.index(name)).astype(float) for name in ("nh_black", "nh_asian")}
    people["hisp"] = np.isin(
        ancestry, [ANCESTRIES.index("mexican_american"), ANCESTRIES.index("other_hispanic")]
    ).astype(float)
    people |= {"age": simulated.values["age"][rows], "male": simulated.values["sex"][rows]}
    people["t_fn"] = simulated.values["fn_t"][rows]
    body = simulated.values["weight"][rows] / (simulated.values["height"][rows] / 100) ** 2
    people["bmi"] = np.where(np.isnan(body), 25.0, body)
    p = surrogate.probability("hip" if outcome == "hip_10y" else "mof", people)
    own = simulated.answer.outcome(outcome).int8[rows]
    found = ten_year_figure(p, simulated.seen[outcome].take(rows))
    network = ten_year_figure(own, simulated.seen[outcome].take(rows))
    ranks = [np.argsort(np.argsort(column, kind="stable"), kind="stable") for column in (p, own)]
    return found | {
        "network_on_the_same_people": network.get("auc"),
        "rank_correlation_with_network": round(float(np.corrcoef(np.stack(ranks).astype(float))[0, 1]), 4),
        "mean_network": round(float(own.mean()), 4),
    }


def _decisions(answer: Answer, simulated: SimulatedPeople, outcome: str) -> dict[str, Any]:
    """Net benefit at ten years, weighted for censoring, against age with sex alone, everybody, nobody."""
    label, weight = survival.weights(simulated.seen[outcome])
    by_age = few_inputs([simulated.values["age"], simulated.values["sex"]], label, simulated.fold, weight)
    thresholds = THRESHOLDS[outcome]
    share = survival.incidence_seen(simulated.seen[outcome])

    def benefit(p: Values) -> list[float]:
        found = []
        for threshold in thresholds:
            acted = weight * (p >= threshold)
            gain, harm = (acted * label).mean(), (acted * (1 - label)).mean()
            found.append(round(float(gain - harm * threshold / (1 - threshold)), 5))
        return found

    table = {"network": answer.int8, "network, float": answer.float, "age and sex": by_age}
    return {
        "threshold": np.round(thresholds, 4).tolist(),
        "net_benefit": {name: benefit(p) for name, p in table.items()}
        | {"everybody": np.round(share - (1 - share) * thresholds / (1 - thresholds), 5).tolist()},
    }
