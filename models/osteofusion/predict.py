"""Values of one person, or of many, to probabilities: mask path = headline, draws = interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from osteofusion.bundle import Bundle, open_bundle
from osteofusion.country import HOME, country_of, read_countries
from osteofusion.encode import columns_of_groups, layout, network_input, standardise, standardise_one
from osteofusion.engines.base import Engine, Input, open_engine
from osteofusion.engines.golden import read_golden
from osteofusion.engines.probe import verify
from osteofusion.errors import BundleError, EngineError, SignatureError, ValuesError
from osteofusion.heads import OSTEOPOROSIS, OUTCOMES, WIDTH, probabilities
from osteofusion.schema import Feature, Schema, default_bundle, load_schema

if TYPE_CHECKING:
    from osteofusion.explain import Contributions
    from osteofusion.impute import GaussianImputer
    from osteofusion.prediction import ModelIdentity, Prediction
    from osteofusion.trust_list import TrustList
    from osteofusion.uncertainty import Sources, Spread, Tables
    from osteofusion.value_of_information import ValueOfInformation

DRAWS = 64
DRAW_SEED = 20240713  # the same chances for everybody: a value more moves the interval, never the dice
CHUNK = 2048
SCANNER = "scanner_generation"  # may stand among the values of a person: 1 or 2, for the HR-pQCT indices
REQUIRED = ("age", "sex")
BONE = "bmd"

Table = NDArray[np.float64]


class Predictor:
    """A checked bundle on an engine that reproduced its golden vectors.

    What only an interval needs (imputer, tables of errors) is made from the verified bytes when first asked for.
    """

    def __init__(
        self, bundle: Bundle, schema: Schema, engine: Engine, imputer: GaussianImputer | None = None
    ) -> None:
        """Use `load`; this takes the parts for tests."""
        if engine.width != 2 * len(schema.inputs):
            raise BundleError("schema_mismatch", network=engine.width, schema=2 * len(schema.inputs))
        self.bundle, self.schema, self.engine = bundle, schema, engine
        if imputer is not None:
            self.imputer = imputer
        self.layout = layout(schema)
        self.countries = read_countries(bundle.metadata)

    @classmethod
    def load(
        cls,
        bundle: Path | Bundle | None = None,
        engine: str = "onnxruntime",
        *,
        trust: TrustList | None = None,
    ) -> Predictor:
        """The model of `bundle` (the one that ships with the package by default), signed by a key of `trust`.

        A bundle that is open already was checked when it was opened; its bytes are used as they were then.

        Raises BundleError when a file is missing or altered, EngineError when the engine is absent or does
        not reproduce the golden vectors here.
        """
        opened = (
            bundle if isinstance(bundle, Bundle) else open_bundle(bundle or default_bundle(), trust=trust)
        )
        if opened.signed_by is None:
            raise SignatureError("bundle_unsigned", path=str(opened.path))
        runtime = open_engine(engine, opened.content)
        verdict = verify(runtime, read_golden(opened.content))
        if not verdict.passed:
            raise EngineError("engine_failed", engine=engine, reason=verdict.reason)
        return cls(opened, load_schema(opened.content), runtime)

    @cached_property
    def model(self) -> ModelIdentity:
        """Which model answers, on which engine."""
        from osteofusion.prediction import ModelIdentity

        bundle, engine = self.bundle, self.engine
        tiers = {outcome: str(bundle.metadata["data_tier"][outcome]) for outcome in OUTCOMES}
        return ModelIdentity(
            bundle.version, bundle.sha256, engine.name, engine.version, tiers, bundle.signed_by
        )

    @cached_property
    def imputer(self) -> GaussianImputer:
        """The law of values that are missing; BundleError when it is not understood."""
        from osteofusion.impute import GaussianImputer

        return GaussianImputer.load(self.bundle.content)

    @cached_property
    def tables(self) -> Tables:
        """What the bundle stores about its own errors; BundleError when it is not understood."""
        from osteofusion.uncertainty import read_tables

        return read_tables(self.bundle.metadata)

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

    def predict(
        self, values: Mapping[str, float], *, without: frozenset[str] = frozenset(), country: str = HOME
    ) -> Prediction:
        """Prediction from `values` in stored units; groups in `without` are hidden (age and sex stay).

        Raises ValuesError for an unknown, non-finite or impossible value, when age or sex is absent, or for a
        country without a scale. HR-pQCT indices need `scanner_generation` (1 or 2) among the values.
        """
        from osteofusion.outside import beyond_limit, beyond_usual, unusual_combination
        from osteofusion.prediction import Prediction
        from osteofusion.uncertainty import ranges

        z = self.z_scores(values, without)
        chances, reach = self.spread(z, country)
        headline, missing = chances[0].mean(axis=0), np.isnan(z)
        shown = {name: values[name] for name in self.schema.column if not missing[self.schema.column[name]]}
        return Prediction(
            probabilities=dict(zip(OUTCOMES, headline.tolist(), strict=True)),
            intervals=dict(zip(OUTCOMES, ranges(reach.centre, reach.combined(), headline), strict=True)),
            missing_groups=tuple(g for g, c in self.schema.group_columns.items() if missing[list(c)].all()),
            outside_training_range=beyond_limit(self.schema, z),
            model=self.model,
            sources=_sources(reach, headline),
            noise=dict(zip(OUTCOMES, self.tables.rounding(headline).tolist(), strict=True)),
            conformal={
                name: self.tables.conformal[name].labels(
                    float(headline[n]), values["sex"] == 1.0, values["age"]
                )
                for n, name in self._checked(z, country)
                if name in self.tables.conformal
            },
            venn_abers={
                name: self.tables.venn_abers[name].at(float(headline[n]))
                for n, name in self._checked(z, country)
                if name in self.tables.venn_abers
            },
            outside_usual_range=beyond_usual(self.schema, shown),
            unusual_combination=unusual_combination(self.imputer, self.schema, z),
            country=country,
        )

    def predict_many(
        self, values: Table, scanner_generation: int | None = None, *, country: str = HOME
    ) -> dict[str, Table]:
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
        chances = [self.chances(part, country).mean(axis=1) for part in _chunks(z)]
        table = np.concatenate(chances) if chances else np.zeros((0, len(OUTCOMES)))
        return {name: table[:, n].copy() for n, name in enumerate(OUTCOMES)}

    def explain(
        self, values: Mapping[str, float], *, without: frozenset[str] = frozenset(), country: str = HOME
    ) -> Contributions:
        """What each group and each value added to what was known, per outcome (see osteofusion.explain)."""
        from osteofusion.explain import contributions

        return contributions(self, values, without=without, country=country)

    def value_of_information(
        self, values: Mapping[str, float], *, without: frozenset[str] = frozenset(), country: str = HOME
    ) -> ValueOfInformation:
        """Which missing group, and which missing test, would narrow each outcome most."""
        from osteofusion.value_of_information import value_of_information

        return value_of_information(self, values, without=without, country=country)

    def z_scores(self, values: Mapping[str, float], without: frozenset[str] = frozenset()) -> Table:
        """Checked z-scores (F,) of one person, NaN where absent or hidden; not clipped."""
        given = {name: value for name, value in values.items() if name != SCANNER}
        for name, value in given.items():
            if name not in self.schema.column:
                raise ValuesError("unknown_value", feature=name)
            _check(self.schema.by_id[name], value)
        for name in REQUIRED:
            if name not in values:
                raise ValuesError("required_value", feature=name)
        generation = values.get(SCANNER)
        z = standardise_one(self.schema, given, None if generation is None else int(generation))
        z[columns_of_groups(self.schema, without, REQUIRED)] = np.nan
        return z

    def member_probabilities(self, z: Table, country: str = HOME) -> Table:
        """Probability (n, members, 4) for z-scores (n, F), in chunks."""
        return np.concatenate([self.chances(part, country) for part in _chunks(z)])

    def chances(self, z: Table, country: str = HOME) -> Table:
        """Probability (n, members, 4) for z-scores (n, F), in one call of the engine."""
        return self.chances_of_input(network_input(z, self.layout), country)

    def chances_of_input(self, x: Input, country: str = HOME) -> Table:
        """Probability (n, members, 4) for rows of network input (n, 2F), in one call of the engine."""
        logits = self.engine.run(x).reshape(len(x), self.engine.members, WIDTH)
        scale = country_of(self.countries, country)
        return probabilities(logits + scale.shift() if scale.moved else logits)

    def spread(self, z: Table, country: str = HOME) -> tuple[Table, Spread]:
        """Probabilities (1 + completions, members, 4), the headline first, and how far the sources reach from it."""
        from osteofusion.uncertainty import spread

        if not np.isnan(z).any():
            chances = completed = self.chances(z[None, :], country)
        else:
            bone = list(self.schema.group_columns[BONE])
            drawn = self.imputer.complete(z, self._normals)
            without_bone = drawn.copy()
            without_bone[:, bone] = z[bone]
            chances = self.chances(np.concatenate([z[None, :], drawn, without_bone]), country)
            completed = chances[1 : 1 + DRAWS].copy()
            completed[..., OSTEOPOROSIS] = chances[1 + DRAWS :, :, OSTEOPOROSIS]
        headline = chances[0].mean(axis=0)
        return chances, spread(headline, completed, self.tables.rounding(headline))

    @cached_property
    def _normals(self) -> Table:
        """Standard normals of the completions."""
        from osteofusion.impute import balanced_normals

        return balanced_normals(DRAWS, len(self.schema.inputs), DRAW_SEED)

    def _checked(self, z: Table, country: str) -> Iterator[tuple[int, str]]:
        """Outcomes whose error was measured on people like this one."""
        scale = country_of(self.countries, country)
        no_bone = np.isnan(z[list(self.schema.group_columns[BONE])]).all()
        if no_bone and not scale.osteoporosis:
            yield OSTEOPOROSIS, "osteoporosis"
        yield OUTCOMES.index("falls_12m"), "falls_12m"

    def _check_column(self, feature: Feature, column: Table) -> None:
        given = column[~np.isnan(column)]
        if feature.id in REQUIRED and len(given) != len(column):
            raise ValuesError("required_value", feature=feature.id)
        for extreme in (given.min(), given.max()) if len(given) else ():
            _check(feature, float(extreme))


def _sources(reach: Spread, headline: Table) -> dict[str, Sources]:
    from osteofusion.uncertainty import Sources, ranges

    parts = [ranges(reach.centre, part, headline) for part in (reach.members, reach.missing, reach.rounding)]
    return {name: Sources(*(part[n] for part in parts)) for n, name in enumerate(OUTCOMES)}


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
