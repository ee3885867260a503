"""What the model can do, on people each member has not seen; generated outcomes are named as such."""

from __future__ import annotations

from typing import Any

import numpy as np

from osteofusion import heads
from osteofusion.encode import layout, network_input
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.hazards import anchors, cells, incidence, regenerated
from osteofusion.lab.metrics import auc, describe
from osteofusion.lab.network import on_grid
from osteofusion.lab.quantize import IntegerMember, oracle
from osteofusion.lab.tables import Values
from osteofusion.lab.train import Part
from osteofusion.partial_dxa import p_missing_site

OLD = 50.0
SITES = ("fn_t", "th_t", "ls_t")
PATTERNS = {"neck only": ("fn_t",), "hip only": ("fn_t", "th_t"), "spine only": ("ls_t",)}


class OutOfFold:
    """Every person answered by the one int8 member that was trained without that person's fold."""

    def __init__(self, cohort: Cohort, members: list[IntegerMember]) -> None:
        self.cohort, self.members, self.at = cohort, members, layout(cohort.schema)

    def logits(self, z: Values, fold: np.ndarray) -> Values:
        """Logits (n, 32) of z-scores (n, F) with NaN where absent."""
        result = np.zeros((len(z), heads.WIDTH))
        for number, member in enumerate(self.members):
            rows = fold == number
            result[rows] = oracle(member, on_grid(network_input(z[rows], self.at)))[0]
        return result

    def hide(self, z: Values, features: tuple[str, ...]) -> Values:
        """A copy of `z` without `features`."""
        hidden = z.copy()
        hidden[:, [self.cohort.schema.column[name] for name in features]] = np.nan
        return hidden

    def only(self, z: Values, features: tuple[str, ...]) -> Values:
        """A copy of `z` with nothing but `features`."""
        kept = np.full_like(z, np.nan)
        columns = [self.cohort.schema.column[name] for name in features]
        kept[:, columns] = z[:, columns]
        return kept


def osteoporosis_without_dxa(oof: OutOfFold, z: Values) -> dict[str, Any]:
    """P(lowest T <= -2.5) from everything the survey measured but bone density, against OST; tier R."""
    rows, at = oof.cohort.bone, oof.cohort.schema.column
    p = heads.sigmoid(oof.logits(oof.hide(z, SITES), oof.cohort.bone_fold)[:, heads.OSTEOPOROSIS])
    age, male, weight = (rows.values[:, at[name]] for name in ("age", "sex", "weight"))
    old, label = age >= OLD, rows.osteoporosis
    groups = {
        "50+": old,
        "40+": age > 0,
        "women 50+": old & (male == 0),
        "men 50+": old & (male == 1),
        "50-64": old & (age < 65),
        "65+": age >= 65,
        "Asian 50+": old & rows.asian,
    }
    result: dict[str, Any] = {}
    for name, group in groups.items():
        result[name] = describe(p[group], label[group])
        weighed = group & ~np.isnan(weight)
        if result[name]["cases"] >= 20:
            result[name]["auc_ost"] = round(auc(0.2 * (age - weight)[weighed], label[weighed]), 4)
    return result


def partial_dxa(oof: OutOfFold, z: Values) -> dict[str, Any]:
    """Sites hidden from people with all three, undecided by those left: network and equations; tier R."""
    rows, at = oof.cohort.bone, oof.cohort.schema.column
    t = rows.values[:, [at[name] for name in SITES]]
    weight = rows.values[:, at["weight"]]
    full = ~np.isnan(t).any(axis=1) & (rows.values[:, at["age"]] >= OLD) & ~np.isnan(weight)
    result: dict[str, Any] = {}
    for name, known in PATTERNS.items():
        seen = [SITES.index(site) for site in known]
        chosen = full & (t[:, seen].min(axis=1) > -2.5)
        label = (t[chosen].min(axis=1) <= -2.5).astype(float)
        hidden = oof.hide(z[chosen], tuple(site for site in SITES if site not in known))
        network = oof.logits(hidden, oof.cohort.bone_fold[chosen])[:, heads.OSTEOPOROSIS]
        people = rows.values[chosen]
        equation = [
            p_missing_site(
                dict(zip(known, row[seen_at], strict=True)),
                row[at["age"]],
                bool(row[at["sex"]]),
                row[at["weight"]],
            )
            for row in people
            for seen_at in ([at[site] for site in known],)
        ]
        result[name] = {
            "network": describe(heads.sigmoid(network), label),
            "equations": describe(np.array(equation), label),
        }
    return result


def falls(oof: OutOfFold, z: Values) -> dict[str, Any]:
    """A falling problem in twelve months; people whose walk was timed, and everybody; tier R."""
    rows, at = oof.cohort.function, oof.cohort.schema.column
    timed = ~np.isnan(z[:, at["gait_speed"]])
    views = {
        "age and sex": oof.only(z, ("age", "sex")),
        "age, sex, gait speed": oof.only(z, ("age", "sex", "gait_speed")),
        "everything measured": z,
        "clinical alone": oof.hide(z, tuple(f.id for f in oof.cohort.schema.inputs if f.group == "sensor")),
    }
    result: dict[str, Any] = {}
    for name, view in views.items():
        p = heads.sigmoid(oof.logits(view, oof.cohort.function_fold)[:, heads.FALLS])
        result[name] = {"timed": describe(p[timed], rows.falls[timed]), "all": describe(p, rows.falls)}
    return result


def fracture(oof: OutOfFold, parts: list[Part]) -> dict[str, Any]:
    """Agreement with the generator on complete and half-known people: a property of it; tier S."""
    rng, result = np.random.default_rng(5), {}
    for name, hidden in (("all values known", 0.0), ("half the values known", 0.5)):
        found, wanted = [], []
        for number, part in enumerate(parts):
            z = part.z.copy()
            z[rng.random(z.shape) < hidden] = np.nan
            z[:, [oof.cohort.schema.column[n] for n in ("age", "sex")]] = part.z[
                :, [oof.cohort.schema.column[n] for n in ("age", "sex")]
            ]
            found.append(heads.probabilities(oof.logits(z, np.full(len(z), number)))[:, 1:3])
            h = part.hazards
            wanted.append(
                np.column_stack(
                    [incidence(h["hip"] + h["other"], h["death"])[0], incidence(h["hip"], h["death"])[0]]
                )
            )
        p, truth = np.concatenate(found), np.concatenate(wanted)
        result[name] = {
            outcome: {
                "r2_of_logit": round(
                    float(np.corrcoef(heads.logit(p[:, n]), heads.logit(truth[:, n]))[0, 1] ** 2), 3
                ),
                "mean_predicted": round(float(p[:, n].mean()), 4),
                "mean_generated": round(float(truth[:, n].mean()), 4),
            }
            for n, outcome in enumerate(("mof_10y", "hip_10y"))
        }
    return result


def generator(cohort: Cohort) -> dict[str, Any]:
    """How far the generator meets its published targets: marginal hazard ratios and ten-year incidences."""
    people, centre = cohort.reference[1], cohort.hazards[0]
    targets = cohort.parameters["target_hazard_ratio"]
    found = regenerated(centre, people)
    ratio = {o: {n: round(found[o][n] / targets[o][n], 3) for n in targets[o]} for o in ("hip", "mof")}
    have, want = cells(centre, people), anchors(cohort.parameters)
    return {
        "regenerated_over_published_hazard_ratio": ratio,
        "ten_year_incidence_over_anchor": {
            n: np.round(have[n] / want[n], 3).tolist() for n in ("hip", "mof", "death")
        },
    }


def int8_against_float(oof: OutOfFold, float_logits: list[Values], z: Values) -> dict[str, Any]:
    """Largest and 99th-percentile change of a probability by the integers, one member."""
    result: dict[str, Any] = {}
    changes = []
    for member, logits in zip(oof.members, float_logits, strict=True):
        integer = oracle(member, on_grid(network_input(z, oof.at)))[0].astype(np.float64)
        changes.append(np.abs(heads.probabilities(integer) - heads.probabilities(logits)))
    change = np.stack(changes)
    for n, outcome in enumerate(heads.OUTCOMES):
        result[outcome] = {
            "p99": round(float(np.quantile(change[..., n], 0.99)), 4),
            "max": round(float(change[..., n].max()), 4),
        }
    return result
