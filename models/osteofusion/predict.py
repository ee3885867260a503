"""Values of one person, or of many, to probabilities: mask path = headline, draws = interval."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from osteofusion.bundle import Bundle, open_bundle
from osteofusion.encode import Z_LIMIT, columns_of_groups, layout, network_input, standardise
from osteofusion.engines.base import Engine, open_engine
from osteofusion.engines.probe import read_golden, verify
from osteofusion.errors import BundleError, EngineError, ValuesError
from osteofusion.heads import OUTCOMES, WIDTH, probabilities
from osteofusion.impute import GaussianImputer
from osteofusion.schema import Feature, Schema, default_bundle, load_schema

if TYPE_CHECKING:
    from osteofusion.explain import Contributions

DRAWS = 20
INTERVAL = (0.05, 0.95)
CHUNK = 2048
SCANNER = "scanner_generation"  # may stand among the values of a person: 1 or 2, for the HR-pQCT indices
REQUIRED = ("age", "sex")

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model answered: bundle version and manifest hash, engine, and how far each outcome's data are
    real.

    `data_tier` by outcome: R real people and labels, S real people with generated outcomes.
    """

    version: str
    sha256: str
    engine: str
    engine_version: str
    data_tier: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Prediction:
    """Probability and interval (low, high) of each outcome; the probability always lies inside its interval.

    Notes
    -----
    The interval spans the 5th to 95th percentile over the five members and twenty draws of the missing
    values: the model's own doubt and what the missing tests could change. It is no confidence interval. Bone
    density is not drawn for `osteoporosis`, which it defines.
    """

    probabilities: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    missing_groups: tuple[str, ...]
    outside_training_range: tuple[str, ...]
    model: ModelIdentity


class Predictor:
    """A checked bundle on an engine that reproduced its golden vectors."""

    def __init__(self, bundle: Bundle, schema: Schema, engine: Engine, imputer: GaussianImputer) -> None:
        """Use `load`; this takes the parts for tests."""
        if engine.width != 2 * len(schema.inputs):
            raise BundleError("schema_mismatch", network=engine.width, schema=2 * len(schema.inputs))
        self.bundle, self.schema, self.engine, self.imputer = bundle, schema, engine, imputer
        self.layout = layout(schema)
        tiers = {outcome: str(bundle.metadata["data_tier"][outcome]) for outcome in OUTCOMES}
        self.model = ModelIdentity(bundle.version, bundle.sha256, engine.name, engine.version, tiers)

    @classmethod
    def load(cls, bundle: Path | None = None, engine: str = "onnxruntime") -> Predictor:
        """The model of `bundle` (the installed one by default).

        Raises BundleError when a file is missing or altered, EngineError when the engine is absent or does
        not reproduce the golden vectors here.
        """
        path = bundle or default_bundle()
        opened, runtime = open_bundle(path), open_engine(engine, path)
        verdict = verify(runtime, read_golden(path))
        if not verdict.passed:
            raise EngineError("engine_failed", engine=engine, reason=verdict.reason)
        return cls(opened, load_schema(path), runtime, GaussianImputer.load(path))

    @property
    def version(self) -> str:
        """Version of the model."""
        return self.model.version

    @property
    def sha256(self) -> str:
        """Hash of the bundle's manifest."""
        return self.model.sha256

    @property
    def engine_name(self) -> str:
        """Engine and its version."""
        return f"{self.model.engine} {self.model.engine_version}"

    @property
    def data_tier(self) -> Mapping[str, str]:
        """Data tier of each outcome."""
        return self.model.data_tier

    def predict(self, values: Mapping[str, float], *, without: frozenset[str] = frozenset()) -> Prediction:
        """Prediction from `values` in stored units; groups in `without` are hidden (age and sex stay).

        Raises ValuesError for an unknown, non-finite or impossible value, or when age or sex is absent.
        HR-pQCT indices need `scanner_generation` (1 or 2) among the values.
        """
        z = self.z_scores(values, without)
        chances = self._members(np.concatenate([z[None, :], self._draws(z)]))
        headline = chances[0].mean(axis=0)
        missing = np.isnan(z)
        return Prediction(
            probabilities=dict(zip(OUTCOMES, headline.tolist(), strict=True)),
            intervals={
                name: self._interval(chances, n, float(headline[n])) for n, name in enumerate(OUTCOMES)
            },
            missing_groups=tuple(g for g, c in self.schema.group_columns.items() if missing[list(c)].all()),
            outside_training_range=self.outside(z),
            model=self.model,
        )

    def predict_many(self, values: Table, scanner_generation: int | None = None) -> dict[str, Table]:
        """Probability (n,) of each outcome for a table (n, F) in stored units, columns as `schema.inputs`,
        NaN = absent.

        Raises ValuesError when the table has another width, a row lacks age or sex, or a value is impossible.
        """
        count = len(self.schema.inputs)
        if values.ndim != 2 or values.shape[1] != count:
            raise ValuesError("table_shape", columns=values.shape[-1], expected=count)
        for column, feature in enumerate(self.schema.inputs):
            self._check_column(feature, values[:, column])
        z = standardise(self.schema, values, scanner_generation)
        chances = [self._members(part).mean(axis=1) for part in _chunks(z)]
        table = np.concatenate(chances) if chances else np.zeros((0, len(OUTCOMES)))
        return {name: table[:, n].copy() for n, name in enumerate(OUTCOMES)}

    def explain(self, values: Mapping[str, float], *, without: frozenset[str] = frozenset()) -> Contributions:
        """What each group and each value added to what was known, per outcome (see osteofusion.explain)."""
        from osteofusion.explain import contributions

        return contributions(self, values, without=without)

    def z_scores(self, values: Mapping[str, float], without: frozenset[str] = frozenset()) -> Table:
        """Checked z-scores (F,) of one person, NaN where absent or hidden; not clipped."""
        row = np.full((1, len(self.schema.inputs)), np.nan)
        for name, value in values.items():
            if name == SCANNER:
                continue
            if name not in self.schema.column:
                raise ValuesError("unknown_value", feature=name)
            row[0, self.schema.column[name]] = value
            _check(self.schema.by_id[name], value)
        for name in REQUIRED:
            if name not in values:
                raise ValuesError("required_value", feature=name)
        generation = values.get(SCANNER)
        z: Table = standardise(self.schema, row, None if generation is None else int(generation))[0]
        z[columns_of_groups(self.schema, without, REQUIRED)] = np.nan
        return z

    def outside(self, z: Table) -> tuple[str, ...]:
        """Features whose value lies beyond what the network can tell apart (|z| > 4) and was clipped."""
        return tuple(self.schema.inputs[n].id for n in np.flatnonzero(np.abs(z) > Z_LIMIT))

    def member_probabilities(self, z: Table) -> Table:
        """Probability (n, members, 4) for z-scores (n, F), in chunks."""
        return np.concatenate([self._members(part) for part in _chunks(z)])

    def _members(self, z: Table) -> Table:
        logits = self.engine.run(network_input(z, self.layout)).astype(np.float64)
        return probabilities(logits.reshape(len(z), self.engine.members, WIDTH))

    def _draws(self, z: Table) -> Table:
        """Twenty completions, then the same with missing bone density left missing."""
        seed = int.from_bytes(hashlib.sha256(np.nan_to_num(z, nan=99.0).tobytes()).digest()[:8], "big")
        drawn = self.imputer.draws(z, DRAWS, np.random.default_rng(seed))
        bone = list(self.schema.group_columns["bmd"])
        without_bone = drawn.copy()
        without_bone[:, bone] = z[bone]
        return np.concatenate([drawn, without_bone])

    def _interval(self, chances: Table, outcome: int, headline: float) -> tuple[float, float]:
        start = 1 + DRAWS if OUTCOMES[outcome] == "osteoporosis" else 1
        low, high = np.quantile(chances[start : start + DRAWS, :, outcome], INTERVAL)
        return min(float(low), headline), max(float(high), headline)

    def _check_column(self, feature: Feature, column: Table) -> None:
        given = column[~np.isnan(column)]
        if feature.id in REQUIRED and len(given) != len(column):
            raise ValuesError("required_value", feature=feature.id)
        for extreme in (given.min(), given.max()) if len(given) else ():
            _check(feature, float(extreme))


def _check(feature: Feature, value: float) -> None:
    if not np.isfinite(value):
        raise ValuesError("value_not_finite", feature=feature.id, value=value)
    low, high = feature.hard or (0.0, 1.0)
    if not low <= value <= high:
        raise ValuesError(
            "value_outside_hard_range", feature=feature.id, value=value, unit=feature.unit, low=low, high=high
        )


def _chunks(z: Table) -> Iterator[Table]:
    for start in range(0, len(z), CHUNK):
        yield z[start : start + CHUNK]
