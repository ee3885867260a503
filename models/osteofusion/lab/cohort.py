"""The semi-synthetic cohort: real people and real labels, drawn modalities, generated fracture and death.

Tiers: R real person and real label (osteoporosis, falls); S real person with drawn modalities or generated
outcome. People are split into five folds before anything is drawn, and donors of a hot deck never cross
folds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from osteofusion.encode import standardise
from osteofusion.lab.hazards import Hazards, People, calibrate, members, people_of
from osteofusion.lab.modalities import complete
from osteofusion.lab.tables import Rows, Values, five_folds, read_bone_rows, read_function_rows
from osteofusion.lab.train import Part
from osteofusion.schema import Schema

MEMBERS = 5
OLDEST = 95.0
MEAN_EXTRA_YEARS = 5.0  # of people whose age is hidden by the survey's top code; a judgement

Index = NDArray[np.int64]


def parameters() -> dict[str, Any]:
    """The generator's parameters with their sources (generator.yaml)."""
    text = files("osteofusion.lab").joinpath("generator.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


@dataclass(frozen=True)
class Cohort:
    """Both survey tables, their folds, and the calibrated hazards of the centre and of each member."""

    schema: Schema
    bone: Rows
    function: Rows
    bone_fold: Index
    function_fold: Index
    seed: int
    parameters: dict[str, Any]

    @classmethod
    def read(cls, folder: Path, schema: Schema, seed: int) -> Cohort:
        """The tables in `folder`; rows of the function table without a falls label are left out."""
        bone, function = read_bone_rows(folder, schema), read_function_rows(folder, schema)
        function = function.take(np.flatnonzero(~np.isnan(function.falls)))
        return cls(
            schema,
            bone,
            function,
            five_folds(bone.seqn, seed),
            five_folds(function.seqn, seed + 1),
            seed,
            parameters(),
        )

    @cached_property
    def reference(self) -> tuple[Values, People]:
        """One completed copy of the bone rows, hidden ages drawn, and its risk factors: calibrates the hazards."""
        rng = self._rng(0)
        rows, _ = self._true_ages(self.bone, self.bone.top_coded, rng)
        values = complete(self.schema, self.parameters, rows, self.function, True, rng)
        return values, people_of(self.schema, values, rows.weight)

    @cached_property
    def hazards(self) -> tuple[Hazards, list[Hazards]]:
        """Calibrated hazards, and one draw of their log ratios a member."""
        people = self.reference[1]
        centre = calibrate(people, self.parameters)
        return centre, members(centre, people, self.parameters, MEMBERS, self._rng(1))

    def training_parts(self, fold: int, copies: int) -> tuple[Part, Part]:
        """Bone part and falls part of the people outside `fold`, in `copies` draws, with the hazards of that member."""
        bone = self.bone.take(np.flatnonzero(self.bone_fold != fold))
        function = self.function.take(np.flatnonzero(self.function_fold != fold))
        hazards = self.hazards[1][fold]
        return (
            self._bone_part(bone, function, hazards, copies, self._rng(100 + fold)),
            self._falls_part(function, bone, copies, self._rng(200 + fold)),
        )

    @cached_property
    def unseen_parts(self) -> list[Part]:
        """By fold, one draw of the bone rows inside it, hazards of the centre: what its member has not seen."""
        parts = []
        for fold in range(MEMBERS):
            bone = self.bone.take(np.flatnonzero(self.bone_fold == fold))
            donors = self.function.take(np.flatnonzero(self.function_fold == fold))
            parts.append(self._bone_part(bone, donors, self.hazards[0], 1, self._rng(300 + fold)))
        return parts

    def _bone_part(
        self, rows: Rows, donors: Rows, hazards: Hazards, copies: int, rng: np.random.Generator
    ) -> Part:
        many = rows.take(np.tile(np.arange(len(rows)), copies))
        first = np.arange(len(many)) < len(rows)
        many, older = self._true_ages(many, ~first, rng)
        values = complete(self.schema, self.parameters, many, donors, True, rng)
        people = people_of(self.schema, values, many.weight)
        return Part(
            z=standardise(self.schema, values, 1),
            measured=~np.isnan(many.values),
            label=many.osteoporosis,
            label_weight=np.where(older, 0.0, 1.0),
            hazards=hazards.yearly(people),
        )

    def _falls_part(self, rows: Rows, donors: Rows, copies: int, rng: np.random.Generator) -> Part:
        many = rows.take(np.tile(np.arange(len(rows)), copies))
        values = complete(self.schema, self.parameters, many, donors, False, rng)
        measured = ~np.isnan(many.values)
        sensor = list(self.schema.group_columns["sensor"])
        # who was tested says much about falling (10.7 % against 4.1 %), but differs between years: patterns are
        # shuffled over people, so that the mask of a test carries no information
        measured[:, sensor] = measured[rng.permutation(len(many))][:, sensor]
        return Part(standardise(self.schema, values, 1), measured, many.falls, np.ones(len(many)), {})

    def _true_ages(
        self, rows: Rows, may_change: NDArray[np.bool_], rng: np.random.Generator
    ) -> tuple[Rows, NDArray[np.bool_]]:
        """Ages hidden by the top code drawn anew (exponential, up to 95) in the extra copies."""
        older = rows.top_coded & may_change
        age = self.schema.column["age"]
        values = rows.values.copy()
        extra = rng.exponential(MEAN_EXTRA_YEARS, len(rows))
        values[older, age] = np.minimum(values[older, age] + extra[older], OLDEST)
        changed = Rows(
            rows.seqn, values, rows.osteoporosis, rows.falls, rows.weight, rows.asian, rows.top_coded
        )
        return changed, older

    def _rng(self, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, stream])
