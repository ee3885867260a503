"""From survey tables to the semi-synthetic cohort: what is drawn, for whom, and from which donors.

People are split into folds before anything is drawn; donors and imputers of a member come from the people outside
its fold, so no copy of a person and nothing learnt from him crosses folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.encode import standardise
from osteofusion.lab.hazard_fit import calibrate, members
from osteofusion.lab.hazards import Hazards, People, people_of
from osteofusion.lab.mice import DRAWS, Imputer
from osteofusion.lab.modalities import complete
from osteofusion.lab.tables import Rows, Values, five_folds, read_bone_rows, read_function_rows
from osteofusion.schema import Schema

MEMBERS = 5
COPIES = DRAWS  # of a person in the training rows of a member: one an imputation
OLDEST = 95.0
MEAN_EXTRA_YEARS = 5.0  # of people whose age is hidden by the survey's top code; a judgement

Index = NDArray[np.int64]
Arrays = dict[str, NDArray[Any]]


def pooled_people(schema: Schema, copies: Sequence[Values], rows: Rows) -> People:
    """The people of `rows` once a copy, each copy with its share of their weight."""
    many = rows.take(np.tile(np.arange(len(rows)), len(copies)))
    people = people_of(schema, np.concatenate(copies), many)
    return replace(people, weight=people.weight / len(copies))


@dataclass(frozen=True)
class Generator:
    """Both survey tables with their folds, and everything that is drawn on top of them; same seed, same draws."""

    schema: Schema
    bone: Rows
    function: Rows
    bone_fold: Index
    function_fold: Index
    seed: int
    parameters: dict[str, Any]

    @classmethod
    def read(cls, folder: Path, schema: Schema, seed: int, parameters: dict[str, Any]) -> Generator:
        """The tables in `folder`; rows of the function table without a falls label are left out."""
        bone, function = read_bone_rows(folder, schema), read_function_rows(folder, schema)
        function = function.take(np.flatnonzero(~np.isnan(function.falls)))
        folds = five_folds(bone.seqn, seed), five_folds(function.seqn, seed + 1)
        return cls(schema, bone, function, *folds, seed, parameters)

    @cached_property
    def references(self) -> list[Values]:
        """Completed copies of all bone rows, hidden ages drawn: what calibrates the hazards and is held to anchors."""
        imputer = Imputer.fit(self.schema, self.bone, self.seed)
        found = []
        for copy in range(COPIES):
            rng = self._rng(copy)
            rows, _ = self._true_ages(self.bone, self.bone.top_coded, rng)
            found.append(complete(self.schema, self.parameters, rows, self.function, imputer, rng).values)
        return found

    @cached_property
    def hazards(self) -> tuple[Hazards, list[Hazards]]:
        """Calibrated hazards, and one draw of their log ratios a member."""
        people = pooled_people(self.schema, self.references, self.bone)
        centre = calibrate(people, self.parameters)
        return centre, members(centre, people, self.parameters, MEMBERS, self._rng(50))

    def bone_part(self, fold: int) -> Arrays:
        """Training rows of the member that must not see `fold`: COPIES draws of the bone people outside it."""
        inside = np.flatnonzero(self.bone_fold != fold)
        donors = self.function.take(np.flatnonzero(self.function_fold != fold))
        return self._bone(inside, donors, fold, self.hazards[1][fold], COPIES, self._rng(100 + fold))

    def unseen_part(self, fold: int) -> Arrays:
        """One draw of the bone people inside `fold`, with the hazards of the centre."""
        inside = np.flatnonzero(self.bone_fold == fold)
        donors = self.function.take(np.flatnonzero(self.function_fold == fold))
        return self._bone(inside, donors, fold, self.hazards[0], 1, self._rng(300 + fold))

    def falls_part(self, fold: int) -> Arrays:
        """Training rows of the falls head: COPIES draws of the function people outside `fold`."""
        rng = self._rng(200 + fold)
        outside = np.flatnonzero(self.function_fold != fold)
        index = np.tile(outside, COPIES)
        rows = self.function.take(index)
        donors = self.bone.take(np.flatnonzero(self.bone_fold != fold))
        imputer = Imputer.fit(self.schema, self.function.take(outside), self.seed + fold)
        filler = complete(self.schema, self.parameters, rows, donors, imputer, rng)
        measured = ~np.isnan(rows.values)
        sensor = list(self.schema.group_columns["sensor"])
        # who was tested says much about falling (10.7 % against 4.1 %), but differs between years: patterns are
        # shuffled over people, so that the mask of a test carries no information
        measured[:, sensor] = measured[rng.permutation(len(rows))][:, sensor]
        return {
            "index": index,
            "z": standardise(self.schema, filler.values, 1).astype(np.float32),
            "measured": measured,
            "origin": filler.origin,
        }

    def _bone(
        self,
        people: Index,
        donors: Rows,
        fold: int,
        hazards: Hazards,
        copies: int,
        rng: np.random.Generator,
    ) -> Arrays:
        index = np.tile(people, copies)
        rows = self.bone.take(index)
        rows, older = self._true_ages(rows, np.arange(len(rows)) >= len(people), rng)
        filler = complete(self.schema, self.parameters, rows, donors, self._imputers[fold], rng)
        yearly = hazards.yearly(people_of(self.schema, filler.values, rows))
        return {
            "index": index,
            "z": standardise(self.schema, filler.values, 1).astype(np.float32),
            "measured": ~np.isnan(rows.values),
            "origin": filler.origin,
            "label_weight": np.where(older, 0.0, 1.0),
            **{cause: table.astype(np.float32) for cause, table in yearly.items()},
        }

    @cached_property
    def _imputers(self) -> list[Imputer]:
        """By fold, chained equations fitted on the bone people outside it."""
        return [
            Imputer.fit(self.schema, self.bone.take(np.flatnonzero(self.bone_fold != fold)), self.seed + fold)
            for fold in range(MEMBERS)
        ]

    def _true_ages(
        self, rows: Rows, may_change: NDArray[np.bool_], rng: np.random.Generator
    ) -> tuple[Rows, NDArray[np.bool_]]:
        """Ages hidden by the top code drawn anew (exponential, up to 95) in the extra copies."""
        older = rows.top_coded & may_change
        age = self.schema.column["age"]
        values = rows.values.copy()
        extra = rng.exponential(MEAN_EXTRA_YEARS, len(rows))
        values[older, age] = np.minimum(values[older, age] + extra[older], OLDEST)
        return rows.with_values(values), older

    def _rng(self, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, stream])
