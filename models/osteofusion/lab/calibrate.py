"""Calibration on people a member has not seen, folded into the last layer: no cost at run time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from osteofusion import heads
from osteofusion.encode import layout, standardise
from osteofusion.lab.hazards import incidence
from osteofusion.lab.members import float_logits
from osteofusion.lab.network import Weights, on_grid
from osteofusion.lab.tables import Values
from osteofusion.schema import Schema

if TYPE_CHECKING:
    from osteofusion.lab.cohort import Cohort

SITES = ("fn_t", "th_t", "ls_t")
LEVELLED = ("sex", "black_ancestry")  # groups of the osteoporosis head whose mean is set to what was seen
FREE = 2  # slope and intercept are never shrunk
RIDGE = 1.0  # of the other moves: as much as one or two people; settles blocks that always come together
BLOCKS = ("size", "history", "laboratory", "ancestry", "hormones")
VIEWS = (  # what is hidden besides bone density, and the weight of that view in the calibration
    ((), 3.0),
    (("laboratory",), 1.0),
    (("laboratory", "ancestry", "hormones"), 1.0),
    (("laboratory", "history", "ancestry", "hormones"), 1.0),
    (("laboratory", "history", "ancestry", "hormones", "size"), 1.0),
)
FALL_VIEWS = (  # groups and single features in view, and the weight of that view in the calibration
    (("turnover", "clinical", "sensor"), (), 4.0),
    (("clinical", "sensor"), (), 1.0),
    (("clinical",), (), 1.0),
    ((), ("age", "sex", "gait_speed"), 1.0),
    ((), ("age", "sex"), 1.0),
)


@dataclass(frozen=True, slots=True)
class Platt:
    """calibrated logit = slope * logit + intercept + sum of moves * z + sum of known * mask, by feature.

    A positive slope keeps order and monotone path.
    """

    slope: float
    intercept: float
    moves: Mapping[str, float] = field(default_factory=dict)
    known: Mapping[str, float] = field(default_factory=dict)


def fit_logistic(design: Values, label: Values, weight: Values | None = None, ridge: float = 0.0) -> Values:
    """Coefficients of a logistic regression (Newton), those after the first two pulled to zero by `ridge`."""
    beta, weight = np.zeros(design.shape[1]), np.ones(len(label)) if weight is None else weight
    pull = ridge * (np.arange(len(beta)) >= FREE)
    for _ in range(25):
        p = heads.sigmoid(design @ beta)
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(pull)
        beta += np.linalg.solve(curvature, design.T @ (weight * (label - p)) - pull * beta)
    return beta


def fit_platt(logits: Values, label: Values) -> Platt:
    """Logistic regression of the label on the logit."""
    slope, intercept = fit_logistic(np.column_stack([logits, np.ones_like(logits)]), label).tolist()
    return Platt(_positive(slope), intercept)


def _positive(slope: float) -> float:
    if slope <= 0:
        raise ValueError(f"calibration slope {slope:.3f}: the head ranks people backwards")
    return slope


def blocks(schema: Schema) -> dict[str, tuple[str, ...]]:
    """What is asked or measured together, by name: features that are known or missing as one."""
    seldom = {"ancestry": ("black_ancestry",), "hormones": ("hormone_therapy",)}
    alone = {name for names in seldom.values() for name in names}
    history = [f.id for f in schema.inputs if f.group == "clinical" and f.kind == "bool"]
    return {
        "size": ("height", "weight"),
        "history": tuple(name for name in history if name not in alone and name != "falls_past_year"),
        "laboratory": ("vit_d25oh", "alp", "calcium", "phosphate", "albumin", "creatinine"),
        **seldom,
    }


def fit_status(cohort: Cohort, members: list[Weights]) -> Platt:
    """Calibration of the osteoporosis head without bone density: slope, level by sex, ancestry and what is known.

    Notes
    -----
    Real rows answered out of fold, each in VIEWS: the level must also be right when little is known of a person.
    """
    at, parts = cohort.schema.column, blocks(cohort.schema)
    plain = standardise(cohort.schema, cohort.bone.values, 1)
    plain[:, [at[name] for name in SITES]] = np.nan
    rows, weights = [], []
    for hidden, people in VIEWS:
        z = plain.copy()
        z[:, [at[name] for block in hidden for name in parts[block]]] = np.nan
        logit = out_of_fold(cohort, members, z, cohort.bone_fold)[:, heads.OSTEOPOROSIS]
        groups = [on_grid(np.nan_to_num(z[:, at[name]])) for name in LEVELLED]
        known = [on_grid(~np.isnan(z[:, [at[n] for n in parts[block]]])).mean(axis=1) for block in BLOCKS]
        rows.append(np.column_stack([logit, np.ones_like(logit), *groups, *known]))
        weights.append(np.full(len(z), people))
    label = np.tile(cohort.bone.osteoporosis, len(VIEWS))
    design, weight = np.concatenate(rows), np.concatenate(weights)
    slope, intercept, *rest = fit_logistic(design, label, weight, RIDGE).tolist()
    moves = dict(zip(LEVELLED, rest, strict=False))
    shares = dict(zip(BLOCKS, rest[len(LEVELLED) :], strict=True))
    known_by = {name: shares[block] / len(parts[block]) for block in BLOCKS for name in parts[block]}
    return Platt(_positive(slope), intercept, moves, known_by)


def fit_falls(cohort: Cohort, members: list[Weights]) -> Platt:
    """Calibration of the falls head: slope, and level with and without a timed walk.

    Notes
    -----
    Training shows borrowed walks too, so that the mask of the walk says nothing there. But people who could be timed
    had a falling problem less often, at any speed: that level is set here, on real people in FALL_VIEWS.
    """
    schema = cohort.schema
    plain, gait = standardise(schema, cohort.function.values, 1), schema.column["gait_speed"]
    rows, weights = [], []
    for groups, names, people in FALL_VIEWS:
        columns = [n for n, f in enumerate(schema.inputs) if f.group in groups or f.id in names]
        z = np.full_like(plain, np.nan)
        z[:, columns] = plain[:, columns]
        logit = out_of_fold(cohort, members, z, cohort.function_fold)[:, heads.FALLS]
        rows.append(np.column_stack([logit, np.ones_like(logit), on_grid(~np.isnan(z[:, gait]))]))
        weights.append(np.full(len(z), people))
    label = np.tile(cohort.function.falls, len(FALL_VIEWS))
    slope, intercept, known = fit_logistic(np.concatenate(rows), label, np.concatenate(weights)).tolist()
    return Platt(_positive(slope), intercept, known={"gait_speed": known})


def fit_event_shifts(logits: Values, hip: Values, mof: Values) -> tuple[float, float]:
    """Shifts of hip and other logits that give the wanted mean ten-year incidences (hip, MOF)."""
    shift_hip, shift_other = 0.0, 0.0
    for _ in range(6):
        moved = logits.astype(np.float64).copy()
        moved[:, heads.HIP] += shift_hip
        moved[:, heads.OTHER] += shift_other
        found = heads.probabilities(moved).mean(axis=0)
        found_mof, found_hip = found[heads.OUTCOMES.index("mof_10y")], found[heads.OUTCOMES.index("hip_10y")]
        shift_hip += float(np.log(hip.mean() / found_hip))
        shift_other += float(np.log((mof.mean() - hip.mean()) / (found_mof - found_hip)))
    return shift_hip, shift_other


def fold_in(
    schema: Schema, weights: Weights, osteoporosis: Platt, falls: Platt, shifts: tuple[float, float]
) -> Weights:
    """The same member with its calibration inside the last layer."""
    at = layout(schema)
    result = {name: value.copy() for name, value in weights.items()}
    for head, platt in ((heads.OSTEOPOROSIS, osteoporosis), (heads.FALLS, falls)):
        for name in ("out_u", "out_c", "out_x"):
            result[name][:, head] *= platt.slope
        result["out_b"][head] = platt.slope * result["out_b"][head] + platt.intercept
        for name, move in platt.moves.items():
            result["out_x"][at.value[schema.column[name]], head] += move
        for name, move in platt.known.items():
            result["out_x"][at.mask[schema.column[name]], head] += move
    result["out_b"][heads.HIP] += shifts[0]
    result["out_b"][heads.OTHER] += shifts[1]
    return result


def calibrate_members(cohort: Cohort, members: list[Weights]) -> tuple[list[Weights], dict[str, Any]]:
    """The members with one common calibration folded in, and what it was."""
    schema = cohort.schema
    status, fall = fit_status(cohort, members), fit_falls(cohort, members)
    shifts = _shifts(cohort, members)
    calibration = {
        "osteoporosis": asdict(status),
        "falls_12m": asdict(fall),
        "event_shift": {"hip": shifts[0], "other": shifts[1]},
        "how": "logistic regression on out-of-fold real rows without bone density, level by sex, ancestry and what is "
        "known; shift of event logits on generated rows",
    }
    return [fold_in(schema, member, status, fall, shifts) for member in members], calibration


def out_of_fold(cohort: Cohort, members: list[Weights], z: Values, fold: np.ndarray) -> Values:
    """Logits (n, 32) of z-scores (n, F), each row answered by the member that was trained without it."""
    at = layout(cohort.schema)
    result = np.zeros((len(z), heads.WIDTH))
    for number, member in enumerate(members):
        result[fold == number] = float_logits(member, z[fold == number], at)
    return result


def _shifts(cohort: Cohort, members: list[Weights]) -> tuple[float, float]:
    from osteofusion.lab.hider import Hider

    logits, hip, mof = [], [], []
    for fold, (member, part) in enumerate(zip(members, cohort.unseen_parts, strict=True)):
        hider = Hider(cohort.schema, np.random.default_rng([cohort.seed, 50 + fold]))
        z = np.where(hider.keep(part.measured), part.z, np.nan)
        logits.append(float_logits(member, z, layout(cohort.schema)))
        h = part.hazards
        hip.append(incidence(h["hip"], h["death"])[0])
        mof.append(incidence(h["hip"] + h["other"], h["death"])[0])
    return fit_event_shifts(np.concatenate(logits), np.concatenate(hip), np.concatenate(mof))
