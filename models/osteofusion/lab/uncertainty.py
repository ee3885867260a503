"""What the bundle knows of its own errors, measured on people a member has not seen: plain dicts for metadata.yaml.

Three tables: answers that are not ruled out (split conformal), calibrated bounds (Venn-Abers), and how far the 8-bit
weights move a probability. The first two exist where real labels do: osteoporosis without bone density, and falls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

from osteofusion import heads
from osteofusion.encode import standardise
from osteofusion.lab.generator import MEMBERS, Index
from osteofusion.lab.out_of_fold import Member, OutOfFold
from osteofusion.lab.tables import Flags, Rows, Values
from osteofusion.uncertainty import DECADES, LEVEL

FEWEST_CASES = 20  # of a label in a cell; below it older decades of the same sex are added
KNOTS = 257
EDGE_SHARE = 1e-4  # of people beyond the outermost knots on each side
EDGES = (0.03, 0.10, 0.30)  # bands of probability within which the noise of rounding is alike
NOISE_PERCENTILE = 99
NOISE_ROWS = 6000
SEED = 11


@dataclass(frozen=True)
class Seen:
    """People with a real label and the probability of the member that did not see them."""

    probability: Values
    label: Values
    male: Flags
    age: Values
    fold: Index

    def take(self, rows: Flags) -> Seen:
        """The people flagged in `rows`."""
        return Seen(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def tables(answers: OutOfFold) -> dict[str, Any]:
    """The entries `conformal`, `venn_abers` and `noise` of metadata.yaml."""
    seen = seen_people(answers)
    return {
        "conformal": {
            "level": LEVEL,
            "decades": list(DECADES),
            **{name: conformal(people) for name, people in seen.items()},
        },
        "venn_abers": {name: venn_abers(people) for name, people in seen.items()},
        "noise": noise(answers),
    }


def seen_people(answers: OutOfFold) -> dict[str, Seen]:
    """By outcome with real labels: bone density hidden for osteoporosis, all that was measured for falls."""
    cohort = answers.cohort
    bone = answers.hide_groups(standardise(cohort.schema, cohort.bone.values, 1), ["bmd"])
    function = standardise(cohort.schema, cohort.function.values, 1)
    parts = (
        ("osteoporosis", cohort.bone, bone, cohort.bone_fold, cohort.bone.osteoporosis),
        ("falls_12m", cohort.function, function, cohort.function_fold, cohort.function.falls),
    )
    return {name: _seen(answers, name, rows, z, fold, label) for name, rows, z, fold, label in parts}


def _seen(answers: OutOfFold, name: str, rows: Rows, z: Values, fold: Index, label: Values) -> Seen:
    age, sex = (rows.values[:, answers.schema.column[feature]] for feature in ("age", "sex"))
    inside = (fold >= 0) & ~np.isnan(label) & (age >= DECADES[0])
    chance = answers.answer(z[inside], fold[inside]).outcome(name).int8
    return Seen(chance, label[inside], sex[inside] == 1.0, age[inside], fold[inside])


def conformal(people: Seen) -> dict[str, Any]:
    """Limits of both answers by sex and decade, and their coverage when four folds judge the fifth."""
    return {**limits(people), "coverage": coverage(people)}


def limits(people: Seen) -> dict[str, Any]:
    """`no` and `yes`, (2, 5) each: women and men by decade (split conformal, Vovk 2005, by label and cell)."""
    cells = [[_of_cell(people, male, decade) for decade in range(len(DECADES))] for male in (False, True)]
    no, yes = ([[cell[label] for cell in row] for row in cells] for label in (0, 1))
    return {"no": np.round(no, 4).tolist(), "yes": np.round(yes, 4).tolist()}


def _of_cell(people: Seen, male: bool, decade: int) -> tuple[float, float]:
    found = []
    for label, sign in ((0.0, 1.0), (1.0, -1.0)):
        of_label = people.take((people.male == male) & (people.label == label))
        which = decade_of(of_label.age)
        last = decade
        while (np.sum(rows := (which >= decade) & (which <= last))) < FEWEST_CASES and last < len(
            DECADES
        ) - 1:
            last += 1
        if rows.sum() < FEWEST_CASES:
            rows = np.ones(len(which), bool)
        found.append(sign * _quantile(sign * of_label.probability[rows]))
    return found[0], found[1]


def _quantile(scores: Values) -> float:
    """The smallest score that holds LEVEL of one more person like these; of too few people the largest there is."""
    rank = int(np.ceil((len(scores) + 1) * LEVEL))
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else 1.0


def decade_of(age: Values) -> Index:
    """Number of the decade of each age, 0 for 40-49."""
    return np.clip(np.searchsorted(DECADES, age, side="right") - 1, 0, len(DECADES) - 1).astype(np.int64)


def coverage(people: Seen) -> dict[str, Any]:
    """How often the true answer is among those kept, and how often one answer is left: limits from four folds."""
    kept = np.zeros((len(people.label), 2), bool)
    for fold in np.unique(people.fold):
        own = people.fold == fold
        kept[own] = kept_answers(limits(people.take(~own)), people.take(own))
    right = np.where(people.label == 1, kept[:, 1], kept[:, 0])
    decade = decade_of(people.age)
    groups = {"women": ~people.male, "men": people.male} | {
        str(start): decade == number for number, start in enumerate(DECADES)
    }
    return {
        "all": _share(right),
        "with": _share(right[people.label == 1]),
        "without": _share(right[people.label == 0]),
        **{name: _share(right[rows]) for name, rows in groups.items()},
        "one_answer": _share(kept.sum(axis=1) == 1),
        "people": len(right),
    }


def kept_answers(table: dict[str, Any], people: Seen) -> Flags:
    """(n, 2): whether `no` and `yes` are kept; both where neither is."""
    at = people.male.astype(int), decade_of(people.age)
    no, yes = (np.array(table[label])[at] for label in ("no", "yes"))
    kept = np.column_stack([people.probability <= no, people.probability >= yes])
    kept[~kept.any(axis=1)] = True
    return kept


def _share(flags: Flags) -> float | None:
    return round(float(flags.mean()), 4) if len(flags) else None


def venn_abers(people: Seen) -> dict[str, Any]:
    """Lower and upper calibrated probability at 257 logits (inductive Venn-Abers, Vovk and Petej 2014).

    Notes
    -----
    At each knot one person is added, once without and once with the outcome, and isotonic regression on all of them
    gives the two bounds. Written as ten-thousandths in one string a bound.
    """
    score, weight, mean = _pooled(heads.logit(people.probability), people.label)
    low, high = np.quantile(heads.logit(people.probability), (EDGE_SHARE, 1 - EDGE_SHARE))
    grid = np.linspace(low, high, KNOTS)
    bounds = [[_with_one_more(score, weight, mean, knot, label) for knot in grid] for label in (0.0, 1.0)]
    lower, upper = np.maximum.accumulate(np.array(bounds), axis=1)
    return {
        "low_logit": round(float(low), 6),
        "high_logit": round(float(high), 6),
        "lower": " ".join(str(round(1e4 * p)) for p in lower),
        "upper": " ".join(str(round(1e4 * p)) for p in upper),
        "mean_width": round(float(np.interp(heads.logit(people.probability), grid, upper - lower).mean()), 4),
    }


def _pooled(score: Values, label: Values) -> tuple[Values, Values, Values]:
    """Distinct scores in order, how many people have each, and the share of them with the outcome."""
    order = np.argsort(score, kind="stable")
    score, label = score[order], label[order]
    values, start = np.unique(score, return_index=True)
    weight = np.diff(np.r_[start, len(score)]).astype(float)
    return values, weight, np.add.reduceat(label, start) / weight


def _with_one_more(score: Values, weight: Values, mean: Values, knot: float, label: float) -> float:
    """Isotonic regression at `knot` after one person with this score and label has been added."""
    place = int(np.searchsorted(score, knot))
    fitted = isotonic_regression(
        np.insert(mean, place, label), sample_weight=np.insert(weight, place, 1.0), y_min=0.0, y_max=1.0
    )
    return float(fitted[place])


def noise(answers: OutOfFold) -> dict[str, Any]:
    """Noise bands of the ensemble over completed people with groups and values hidden as in use."""
    rows = _in_use(answers)
    whole, exact = (_ensemble(member, rows) for member in (answers.integers, answers.floats))
    return noise_bands(whole, exact)


def noise_bands(whole: Values, exact: Values) -> dict[str, Any]:
    """99th percentile of |dp| by outcome and band: probabilities (n, 4) of the integers and of the float weights."""
    found: dict[str, Any] = {"edges": list(EDGES), "percentile": NOISE_PERCENTILE, "rows": len(whole)}
    for column, name in enumerate(heads.OUTCOMES):
        band = np.searchsorted(EDGES, whole[:, column], side="right")
        found[name] = list(_by_band(band, np.abs(whole[:, column] - exact[:, column])))
    return found


def _by_band(band: NDArray[np.integer[Any]], moved: Values) -> Iterator[float]:
    """The percentile of each band; in a band with too few people for one, the largest of theirs and of everybody's."""
    everybody = float(np.percentile(moved, NOISE_PERCENTILE))
    for number in range(len(EDGES) + 1):
        own = moved[band == number]
        enough = len(own) >= 100 / (100 - NOISE_PERCENTILE)
        yield round(float(np.percentile(own, NOISE_PERCENTILE) if enough else own.max(initial=everybody)), 5)


def _ensemble(member: Member, z: Values) -> Values:
    chances = [heads.probabilities(member(number, z)) for number in range(MEMBERS)]
    mean: Values = np.mean(chances, axis=0)
    return mean


def _in_use(answers: OutOfFold) -> Values:
    """Completed people with whole groups and single values hidden, so that every band has people."""
    rng = np.random.default_rng(SEED)
    z = standardise(answers.schema, answers.cohort.reference[0], 1)
    z = z[rng.choice(len(z), min(NOISE_ROWS, len(z)), replace=False)]
    for columns in answers.schema.group_columns.values():
        hidden = np.zeros(z.shape, bool)
        hidden[:, list(columns)] = rng.random((len(z), 1)) < 0.4
        z[hidden] = np.nan
    z[rng.random(z.shape) < rng.choice([0.0, 0.2], size=(len(z), 1))] = np.nan
    return z
