"""The stage `cohort`: draws it, holds it against its anchors, tells what was found; a drifted one fails the build."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from osteofusion.lab import mice
from osteofusion.lab.anchors import all_anchors
from osteofusion.lab.cohort import FACTS_FILE, Cohort, build_cohort, read_cohort
from osteofusion.lab.cohort_pages import render
from osteofusion.lab.country import HOME, scales
from osteofusion.lab.hazards import CLINICAL, OTHER_HISTORY, Hazards, People, bone_factor, chances
from osteofusion.lab.provenance import origins, unverified
from osteofusion.lab.relations import all_relations
from osteofusion.schema import Schema

Say = Callable[[str], None]
EXTREME_AGES, EXTREME_T = (50, 65, 80, 89), (-1.0, -2.5, -4.0)


def cohort_stage(data: Path, work: Path, report: Path | None, schema: Schema, seed: int, say: Say) -> int:
    """Build the cohort and check it; exit code 1 when an anchor drifted (the report is written all the same)."""
    build_cohort(data, work, schema, seed, say)
    cohort = read_cohort(work, schema)
    found = check(cohort, say)
    facts = cohort.facts | found
    (work / FACTS_FILE).write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if report is not None:
        report.write_text(render(replace(cohort, facts=facts)), encoding="utf-8")
        say(f"report written to {report.name}")
    missed = [item for item in found["anchors"] if not item["met"]]
    for item in missed:
        say(drift_words(item))
    say(f"anchors: {len(found['anchors']) - len(missed)} met, {len(missed)} drifted")
    return 1 if missed else 0


def check(cohort: Cohort, say: Say = lambda _: None) -> dict[str, Any]:
    """Everything that cohort.json says beyond how the rows were drawn."""
    anchors = [*all_anchors(cohort), *all_relations(cohort)]
    say(f"{len(anchors)} anchors of the home country regenerated")
    countries = scales(cohort)
    abroad = [
        {**item, "family": f"{name}: {item['family']}"}
        for name, country in countries.items()
        if name != HOME
        for item in country["anchors"]
    ]
    say("scales of other countries found")
    bone = cohort.bone
    imputation = mice.sensitivity(cohort.schema, bone, cohort.bone_fold, cohort.seed)
    imputation["coefficients"] = _coefficients(mice.coefficients(cohort.schema, bone, cohort.seed))
    say("sensitivity of the imputation measured")
    return {
        "anchors": [anchor.to_json() for anchor in anchors] + abroad,
        "countries": countries,
        "imputation": imputation,
        "extremes": extremes(cohort.hazards[0], cohort.pooled[1]),
        "origins": origins(cohort),
        "unverified": [f"{item.name} ({item.status})" for item in unverified(cohort.parameters)],
    }


def drift_words(item: dict[str, Any]) -> str:
    """One line for a missed anchor: what, where, the two values and what was allowed."""
    return (
        f"drifted: {item['family']}, {item['cell']}: {item['regenerated']:g} regenerated, {item['published']:g} "
        f"published, off by {item['deviation']:+.3f}, allowed {item['tolerance']:g} ({item['measure']})"
    )


def extremes(hazards: Hazards, people: People) -> list[dict[str, Any]]:
    """Ten-year probabilities of women and men without and with every clinical risk factor, average otherwise."""
    result = []
    for age in EXTREME_AGES:
        for t in EXTREME_T:
            row: dict[str, Any] = {"age": age, "t": t}
            for male, sex in enumerate(("women", "men")):
                for words, present in (("none", 0.0), ("all", 1.0)):
                    found = chances(hazards.yearly(_person(people, age, male, t, present)))
                    row[f"{sex} {words}"] = [round(100 * float(found[name][0]), 1) for name in ("hip", "mof")]
            result.append(row)
    return result


def _person(people: People, age: float, male: int, t: float, present: float) -> People:
    one = people.take(np.array([0]))
    factor = {name: np.zeros(1) for name in people.factor}
    factor |= {name: np.array([present]) for name in (*CLINICAL, *OTHER_HISTORY)}
    factor["fn_t"] = bone_factor(np.array([t]))
    return replace(one, age=np.array([float(age)]), male=np.array([float(male)]), factor=factor)


def _coefficients(pooled: mice.Pooled) -> list[dict[str, Any]]:
    columns = zip(
        pooled.names, pooled.estimate, pooled.standard_error, pooled.missing_information, strict=True
    )
    return [
        {
            "name": name,
            "log_odds": round(float(estimate), 3),
            "se": round(float(se), 3),
            "missing": round(float(m), 3),
        }
        for name, estimate, se, m in columns
    ]
