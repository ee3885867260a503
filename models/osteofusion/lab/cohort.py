"""The semi-synthetic cohort: real people and real labels, drawn modalities, generated fracture and death.

Tiers: R real person and real label (osteoporosis, falls); S real person with drawn modalities or generated
outcome. `build_cohort` writes it once into a work folder, every later stage reads it there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from osteofusion.lab.generator import COPIES, MEMBERS, Generator, Index, pooled_people
from osteofusion.lab.hazards import Hazards, People, people_of
from osteofusion.lab.tables import Rows, Values
from osteofusion.lab.train import Part
from osteofusion.schema import Schema

ARRAYS_FILE, FACTS_FILE = "cohort.npz", "cohort.json"
CAUSES = ("hip", "other", "death")

Say = Callable[[str], None]


def parameters() -> dict[str, Any]:
    """The generator's parameters with their sources (generator.yaml)."""
    text = files("osteofusion.lab").joinpath("generator.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


@dataclass(frozen=True)
class Cohort:
    """Both survey tables, their folds, the drawn rows of each member and the calibrated hazards.

    `arrays` holds what the stage wrote (cohort.npz, read entry by entry), `facts` cohort.json.
    """

    schema: Schema
    bone: Rows
    function: Rows
    bone_fold: Index
    function_fold: Index
    seed: int
    parameters: dict[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    facts: dict[str, Any]

    @classmethod
    def read(cls, folder: Path, schema: Schema, seed: int, members: int = MEMBERS) -> Cohort:
        """The cohort drawn from the tables in `folder`, kept in memory; rows of the first `members` only."""
        generator = Generator.read(folder, schema, seed, parameters())
        return _cohort(schema, *_draw(generator, lambda _: None, members))

    def without(self, bone: NDArray[np.bool_], function: NDArray[np.bool_]) -> Cohort:
        """The cohort drawn anew from the people not flagged; folds stay, those flagged lend nothing."""
        kept, tested = np.flatnonzero(~bone), np.flatnonzero(~function)
        generator = Generator(
            self.schema,
            self.bone.take(kept),
            self.function.take(tested),
            self.bone_fold[kept],
            self.function_fold[tested],
            self.seed,
            self.parameters,
        )
        return _cohort(self.schema, *_draw(generator, lambda _: None))

    @cached_property
    def reference(self) -> tuple[Values, People]:
        """One completed copy of the bone rows, hidden ages drawn, and its risk factors."""
        values = self.arrays[_reference(0)]
        return values, people_of(self.schema, values, self.bone)

    @cached_property
    def pooled(self) -> tuple[Values, People]:
        """COPIES such copies together: what calibrated the hazards and is held to the anchors."""
        copies = [self.arrays[_reference(copy)] for copy in range(COPIES)]
        return np.concatenate(copies), pooled_people(self.schema, copies, self.bone)

    @cached_property
    def hazards(self) -> tuple[Hazards, list[Hazards]]:
        """Calibrated hazards, and one draw of their log ratios a member."""
        centre, *drawn = [Hazards.from_json(item) for item in self.facts["hazards"]]
        return centre, drawn

    def training_parts(self, fold: int, copies: int = COPIES) -> tuple[Part, Part]:
        """Bone part and falls part of the people outside `fold`, in `copies` draws (COPIES are stored)."""
        if not 1 <= copies <= COPIES:
            raise ValueError(f"{copies} copies asked for, 1 to {COPIES} are stored")
        return self._bone_part(f"bone{fold}", copies / COPIES), self._falls_part(
            f"falls{fold}", copies / COPIES
        )

    @cached_property
    def unseen_parts(self) -> list[Part]:
        """By fold, one draw of the bone rows inside it, hazards of the centre: what its member has not seen."""
        return [self._bone_part(f"unseen{fold}", 1.0) for fold in range(MEMBERS)]

    def age_of(self, z: Values) -> Values:
        """Years of the people whose z-scores (n, F) these are."""
        scaling = self.schema.by_id["age"].scaling
        assert scaling is not None  # noqa: S101 - schema.py refuses an input without scaling
        years: Values = z[:, self.schema.column["age"]] * scaling.scale + scaling.centre
        return years

    def _bone_part(self, name: str, share: float) -> Part:
        read = self._reader(name, share)
        label = self.bone.osteoporosis[read("index")]
        hazards = {cause: read(cause).astype(np.float64) for cause in CAUSES}
        return Part(read("z").astype(np.float64), read("measured"), label, read("label_weight"), hazards)

    def _falls_part(self, name: str, share: float) -> Part:
        read = self._reader(name, share)
        label = self.function.falls[read("index")]
        return Part(read("z").astype(np.float64), read("measured"), label, np.ones(len(label)), {})

    def _reader(self, name: str, share: float) -> Callable[[str], NDArray[Any]]:
        def read(entry: str) -> NDArray[Any]:
            table = self.arrays[f"{name}/{entry}"]
            return table[: round(len(table) * share)]

        return read


def build_cohort(data: Path, work: Path, schema: Schema, seed: int, say: Say) -> None:
    """Draw the cohort from the survey tables in `data` and write cohort.npz and cohort.json into `work`."""
    arrays, facts = _draw(Generator.read(data, schema, seed, parameters()), say)
    work.mkdir(parents=True, exist_ok=True)
    np.savez(work / ARRAYS_FILE, **arrays)  # type: ignore[arg-type]
    (work / FACTS_FILE).write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_cohort(work: Path, schema: Schema) -> Cohort:
    """The cohort that `build_cohort` wrote into `work`; FileNotFoundError when the stage has not run."""
    arrays = np.load(work / ARRAYS_FILE, allow_pickle=False)
    return _cohort(schema, arrays, json.loads((work / FACTS_FILE).read_text(encoding="utf-8")))


def _cohort(schema: Schema, arrays: Mapping[str, NDArray[Any]], facts: dict[str, Any]) -> Cohort:
    bone, function = (
        Rows(**{name: arrays[f"{table}/{name}"] for name in Rows.__slots__}) for table in ("bone", "function")
    )
    folds = arrays["bone/fold"], arrays["function/fold"]
    return Cohort(schema, bone, function, *folds, facts["seed"], parameters(), arrays, facts)


def _draw(
    generator: Generator, say: Say, members: int = MEMBERS
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    people = {"bone": len(generator.bone), "function": len(generator.function)}
    say(f"{people['bone']} people with bone density, {people['function']} with a function test")
    centre, drawn = generator.hazards
    say("hazards calibrated to the published ratios and incidences")
    arrays: dict[str, NDArray[Any]] = {
        _reference(copy): values for copy, values in enumerate(generator.references)
    }
    arrays |= _prefixed("bone", generator.bone.arrays() | {"fold": generator.bone_fold})
    arrays |= _prefixed("function", generator.function.arrays() | {"fold": generator.function_fold})
    for fold in range(members):
        arrays |= _prefixed(f"bone{fold}", generator.bone_part(fold))
        arrays |= _prefixed(f"falls{fold}", generator.falls_part(fold))
        arrays |= _prefixed(f"unseen{fold}", generator.unseen_part(fold))
        say(f"rows of member {fold + 1} of {members} drawn")
    facts = {
        "schema": "osteofusion.cohort/1",
        "seed": generator.seed,
        "people": people,
        "copies": COPIES,
        "hazards": [item.to_json() for item in (centre, *drawn)],
    }
    return arrays, facts


def _reference(copy: int) -> str:
    return f"reference{copy or ''}"


def _prefixed(name: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{name}/{entry}": table for entry, table in arrays.items()}
