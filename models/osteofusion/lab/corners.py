"""Rows that no survey has: many risk factors at once and very low bone density, with the generator's hazards.

Ten in a thousand real people have three clinical factors and hardly one has six. Without such rows the network carries
its log hazards straight on, where the generator, as the published charts, holds their sum. They teach fracture and
death only, for their status is nobody's, and always with history and bone density in view: what follows from factors
alone is learnt from real people.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteofusion.encode import unstandardise
from osteofusion.lab.hazards import CLINICAL, OTHER_HISTORY, Hazards, bone_factor, people_of
from osteofusion.lab.tables import Rows
from osteofusion.lab.train import Part
from osteofusion.schema import Schema

SHARE = 0.04  # of the part's rows that are added
DEEPEST, FLOOR = 3.0, -4.5  # T-scores taken off at most, and a femoral neck that is not gone below
PRESENT = 0.5  # chance of each factor to be added


def with_corners(schema: Schema, part: Part, rows: Rows, hazards: Hazards, rng: np.random.Generator) -> Part:
    """`part` and SHARE more of its rows, made worse; `rows` are the survey rows behind those of the part."""
    picked = np.sort(rng.choice(len(part), int(SHARE * len(part)), replace=False))
    people = people_of(schema, unstandardise(schema, part.z), rows).take(picked)
    z, factor = part.z[picked], dict(people.factor)
    for name in (*CLINICAL, *OTHER_HISTORY):
        factor[name] = np.maximum(factor[name], rng.random(len(picked)) < PRESENT)
        z[:, schema.column[name]] = factor[name]
    neck = unstandardise(schema, z)[:, schema.column["fn_t"]]
    lower = np.clip(DEEPEST * rng.random(len(picked)), 0.0, np.maximum(neck - FLOOR, 0.0))
    for column in schema.group_columns["bmd"]:
        scaling = schema.inputs[column].scaling
        assert scaling is not None  # noqa: S101 - schema.py refuses an input without scaling
        z[:, column] -= lower / scaling.scale
    factor["fn_t"] = bone_factor(unstandardise(schema, z)[:, schema.column["fn_t"]])
    yearly = hazards.yearly(replace(people, factor=factor))
    return Part(
        z=np.concatenate([part.z, z]),
        measured=np.concatenate([part.measured, part.measured[picked]]),
        label=np.concatenate([part.label, part.label[picked]]),
        label_weight=np.concatenate([part.label_weight, np.zeros(len(picked))]),
        hazards={cause: np.concatenate([part.hazards[cause], yearly[cause]]) for cause in part.hazards},
        corners=len(picked),
    )
