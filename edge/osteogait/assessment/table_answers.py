"""The model's answers to the rows of a table, block by block, so that a long table needs no long memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from osteogait.assessment.scope import MODEL_AGE
from osteogait.clinic.table import TableRow
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.predict import Predictor
    from osteofusion.prediction import Prediction
    from osteofusion.schema import Schema

OUTCOME_COLUMNS = {
    "osteoporosis": "p_osteoporosis_model",
    "mof_10y": "p_mof_10y",
    "hip_10y": "p_hip_10y",
    "falls_12m": "p_falls_12m",
}
JUDGED = ("osteoporosis", "falls_12m")  # outcomes with real labels
DETAIL_COLUMNS = (
    *(f"{column}_{end}" for column in OUTCOME_COLUMNS.values() for end in ("low", "high")),
    *(f"{outcome}_not_ruled_out" for outcome in JUDGED),
    "outside",
    "country",
    "model",
)
BLOCK_ROWS = 4096  # rows that are held and predicted together: about 10 MB
SCANNER = "scanner_generation"


@dataclass(frozen=True, slots=True)
class Answer:
    """The cells of one row after its id: probabilities (empty for a refused row), flags, and the detail asked for."""

    identifier: str
    cells: tuple[str, ...]
    refused: bool


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers rows with one model; `country` is that of rows that name none."""

    predictor: Predictor
    country: str
    generation: int | None
    detail: bool

    def answers(self, rows: Iterable[TableRow]) -> Iterator[Answer]:
        """One answer a row, in their order."""
        waiting = iter(rows)
        while block := [self._placed(row) for row in islice(waiting, BLOCK_ROWS)]:
            good = [row for row in block if row.refused is None]
            risks = iter(self._risks(good))
            for row in block:
                yield self._refusal(row) if row.refused is not None else self._answer(row, next(risks))

    def _placed(self, row: TableRow) -> TableRow:
        """The row with its country; refused when the model has no scale for it."""
        country = row.country or self.country
        if row.refused is None and country not in self.predictor.countries:
            known = ", ".join(self.predictor.countries)
            reason = CaseError("country_not_in_model", country=country, allowed=known).message("en")
            return TableRow(row.identifier, {}, (), reason)
        return replace(row, country=country)

    def _risks(self, rows: Sequence[TableRow]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Probabilities (n, outcomes), the rows of one country in one go."""
        risks = np.full((len(rows), len(OUTCOME_COLUMNS)), np.nan)
        for country in dict.fromkeys(row.country or self.country for row in rows):
            places = [number for number, row in enumerate(rows) if row.country == country]
            table = _matrix([rows[place] for place in places], self.predictor.schema)
            found = self.predictor.predict_many(table, self.generation, country=country)
            risks[places] = np.column_stack([found[name] for name in OUTCOME_COLUMNS])
        return risks

    def _refusal(self, row: TableRow) -> Answer:
        nothing = ("",) * len(OUTCOME_COLUMNS)
        more = ("",) * len(DETAIL_COLUMNS) if self.detail else ()
        return Answer(row.identifier, (*nothing, f"refused: {row.refused}", *more), True)

    def _answer(self, row: TableRow, risks: Iterable[float]) -> Answer:
        flags = [*row.warnings, *(["age_outside_training:age"] if row.values["age"] < MODEL_AGE else [])]
        cells = (*(f"{risk:.6f}" for risk in risks), ";".join(flags))
        return Answer(row.identifier, (*cells, *(self._more(row) if self.detail else ())), False)

    def _more(self, row: TableRow) -> tuple[str, ...]:
        """The cells of DETAIL_COLUMNS."""
        values = dict(row.values)
        if self.generation is not None:
            values[SCANNER] = float(self.generation)
        found = self.predictor.predict(values, country=row.country or self.country)
        return (
            *(f"{end:.6f}" for outcome in OUTCOME_COLUMNS for end in found.intervals[outcome]),
            *("|".join(found.conformal.get(outcome, ())) for outcome in JUDGED),
            _outside(found),
            found.country,
            f"{self.predictor.version} {self.predictor.engine_name}",
        )


def _outside(found: Prediction) -> str:
    """What lies outside of what the training held, as codes like those of `flags`."""
    named = {
        "training_range": found.outside_training_range,
        "usual_range": found.outside_usual_range,
        "unusual_combination": found.unusual_combination,
    }
    return ";".join(f"{code}:{name}" for code, names in named.items() for name in names)


def _matrix(rows: Sequence[TableRow], schema: Schema) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    values = np.full((len(rows), len(schema.inputs)), np.nan)
    for number, row in enumerate(rows):
        for name, value in row.values.items():
            values[number, schema.column[name]] = value
    return values
