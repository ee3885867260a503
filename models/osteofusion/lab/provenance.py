"""Where every parameter of the generator and every value of the cohort comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from osteofusion.lab.cohort import Cohort
from osteofusion.lab.modalities import BORROWED, DRAWN, IMPUTED, MEASURED

STATUS = {
    "p": "published, read in the source",
    "m": "computed from public survey rows",
    "u": "from memory of the source, unverified",
    "j": "judgement, for the generator only",
}
ORIGINS = {MEASURED: "measured (R)", IMPUTED: "imputed (S)", BORROWED: "borrowed (S)", DRAWN: "drawn (S)"}
ABOUT = ("source", "status")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of generator.yaml: its path, value in words, source key and status letter."""

    name: str
    value: str
    source: str
    status: str


def parameters_of(content: Mapping[str, Any]) -> list[Parameter]:
    """Every parameter of the generator; KeyError where one names no source or status."""
    chosen = {key: item for key, item in content.items() if key not in ("sources", "start_log_hazard_ratio")}
    return sorted(_walk(chosen, ()), key=lambda parameter: "pmuj".index(parameter.status))


def _walk(node: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Parameter]:
    if "status" in node:
        own = {key: value for key, value in node.items() if key not in ABOUT}
        yield Parameter(" ".join(path), _words(own), node["source"], node["status"])
        return
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _walk(value, (*path, str(key)))
        elif not (path[:1] == ("countries",) or path[:1] == ()):
            raise KeyError(f"{' '.join((*path, str(key)))}: no source")


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        if set(value) == {"value"}:
            return _words(value["value"])
        return "; ".join(f"{key} {_words(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def unverified(content: Mapping[str, Any]) -> list[Parameter]:
    """The parameters that nobody may print as a fact: status u or j."""
    return [parameter for parameter in parameters_of(content) if parameter.status in "uj"]


def origins(cohort: Cohort, fold: int = 0) -> dict[str, dict[str, float]]:
    """Share of the values of each feature by where they come from, in the training rows of one member."""
    table = cohort.arrays[f"bone{fold}/origin"]
    return {
        feature.id: {
            words: round(float(np.mean(table[:, column] == code)), 4) for code, words in ORIGINS.items()
        }
        for column, feature in enumerate(cohort.schema.inputs)
    }
