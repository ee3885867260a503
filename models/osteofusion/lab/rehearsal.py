"""The whole training again without some people, who are then answered: what the ensemble is worth on strangers.

Out-of-fold figures judge one member at a time; here five average, as in use. Two rehearsals: without a random sixth of
the people, and without the later survey years. The cohort is drawn anew without them: they lend no value, fit no
imputer and calibrate nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion import heads
from osteofusion.encode import columns_of_groups, layout, network_input, standardise
from osteofusion.lab.build import float_members
from osteofusion.lab.cohort import Cohort, read_cohort
from osteofusion.lab.metrics import auc
from osteofusion.lab.network import on_grid
from osteofusion.lab.oracle import oracle_a
from osteofusion.lab.quantize import IntegerMember, quantize
from osteofusion.lab.tables import Flags, Rows, Values
from osteofusion.lab.train import Plan
from osteofusion.schema import Schema, load_schema

ANSWERS_FILE, FIGURES_FILE = "rehearsal.npz", "rehearsal.json"
SHARE = 6  # one person in six is held out
LAST_BONE_CYCLE, LAST_FUNCTION_CYCLE = (
    2007,
    1999,
)  # first years of the last survey cycles that train in "later"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Which people of each table are held out."""

    name: str
    bone: Flags
    function: Flags


def rehearse_stage(work: Path, plan: Plan, say: Say) -> None:
    """Train without the held-out people and answer them; writes rehearsal.npz and rehearsal.json into `work`.

    Notes
    -----
    Arrays by rehearsal (`sixth`, `later`): `NAME/bone` and `NAME/function` are rows of the cohort's tables, `.../p`
    their probabilities (n, 4) by the int8 ensemble, from what was measured; bone density is hidden.
    """
    cohort = read_cohort(work, load_schema())
    arrays: dict[str, NDArray[Any]] = {}
    figures: dict[str, Any] = {}
    for rehearsal in rehearsals(cohort):
        kept = cohort.without(rehearsal.bone, rehearsal.function)
        say(f"{rehearsal.name}: {len(kept.bone)} + {len(kept.function)} people train")
        members = [quantize(member) for member in float_members(kept, plan, say)[0]]
        for table, rows, out in (
            ("bone", cohort.bone, rehearsal.bone),
            ("function", cohort.function, rehearsal.function),
        ):
            held = np.flatnonzero(out)
            answers = ensemble(cohort.schema, members, rows.take(held))
            arrays[f"{rehearsal.name}/{table}"] = held
            arrays[f"{rehearsal.name}/{table}/p"] = answers
        figures[rehearsal.name] = facts(cohort, rehearsal, arrays)
        say(json.dumps(figures[rehearsal.name]))
    np.savez(work / ANSWERS_FILE, **arrays)  # type: ignore[arg-type]
    (work / FIGURES_FILE).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def rehearsals(cohort: Cohort) -> tuple[Rehearsal, Rehearsal]:
    """A random sixth of the people, and those of the later survey cycles."""
    bone, function = cohort.bone, cohort.function
    return (
        Rehearsal("sixth", _one_in(SHARE, bone, cohort.seed), _one_in(SHARE, function, cohort.seed + 1)),
        Rehearsal("later", bone.cycle > LAST_BONE_CYCLE, function.cycle > LAST_FUNCTION_CYCLE),
    )


def _one_in(share: int, rows: Rows, seed: int) -> Flags:
    people, place = np.unique(rows.seqn, return_inverse=True)
    chosen: Flags = np.random.default_rng([seed, 60]).permutation(len(people)) % share == 0
    return chosen[place]


def ensemble(schema: Schema, members: list[IntegerMember], rows: Rows) -> Values:
    """Mean probability (n, 4) over the int8 members for what was measured on `rows` but bone density."""
    z = standardise(schema, rows.values, 1)
    z[:, columns_of_groups(schema, ["bmd"])] = np.nan
    x = on_grid(network_input(z, layout(schema)))
    logits = [oracle_a(member, x)[0].astype(np.float64) for member in members]
    mean: Values = np.mean([heads.probabilities(member) for member in logits], axis=0)
    return mean


def facts(cohort: Cohort, rehearsal: Rehearsal, arrays: dict[str, Any]) -> dict[str, Any]:
    """AUC on the held-out people: osteoporosis without bone density at 50 and over, a falling problem."""
    at = cohort.schema.column
    found: dict[str, Any] = {}
    held, p = arrays[f"{rehearsal.name}/bone"], arrays[f"{rehearsal.name}/bone/p"]
    label, values = cohort.bone.osteoporosis[held], cohort.bone.values[held]
    old, male = values[:, at["age"]] >= 50.0, values[:, at["sex"]] == 1.0
    for name, group in (("50+", old), ("women 50+", old & ~male), ("men 50+", old & male)):
        found[f"osteoporosis {name}"] = _figure(p[group, 0], label[group])
    held, p = arrays[f"{rehearsal.name}/function"], arrays[f"{rehearsal.name}/function/p"]
    label = cohort.function.falls[held]
    timed = ~np.isnan(cohort.function.values[held, at["gait_speed"]])
    for name, group in (("all", np.ones(len(held), bool)), ("walk timed", timed)):
        found[f"falls {name}"] = _figure(p[group, 3], label[group])
    return found


def _figure(p: Values, label: Values) -> dict[str, Any]:
    if not 0 < label.sum() < len(label):
        return {"n": len(label), "cases": int(label.sum())}
    return {"n": len(label), "cases": int(label.sum()), "auc": round(auc(p, label), 4)}
