"""From values in stored units to the input of the network: z-scores and masks, group by group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteofusion.errors import ValuesError
from osteofusion.schema import Feature, Scaling, Schema

Z_LIMIT = 4.0
GRID = Z_LIMIT / 127  # one step of the quantized input
SMALLEST = 1e-9  # logarithm of a measured zero: far below the range, so clipped and named

Table = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """Where the network looks: per group its values times their mask, then the masks."""

    value: NDArray[np.int64]
    mask: NDArray[np.int64]
    width: int


def layout(schema: Schema) -> Layout:
    """Columns of the network input for the columns of a table of values."""
    count = len(schema.inputs)
    value, mask = np.zeros(count, np.int64), np.zeros(count, np.int64)
    start = 0
    for columns in schema.group_columns.values():
        size = len(columns)
        value[list(columns)] = start + np.arange(size)
        mask[list(columns)] = start + size + np.arange(size)
        start += 2 * size
    return Layout(value, mask, 2 * count)


def standardise(schema: Schema, values: Table, scanner_generation: int | None = None) -> Table:
    """Z-scores (n, F) of `values` (n, F) in stored units; NaN stays NaN; nothing is clipped here.

    HR-pQCT indices follow the reference of their scanner generation; without a generation, or with one that
    has no reference for an index, ValuesError (None is read as generation 1 only where no such index is
    present).
    """
    z = np.full(values.shape, np.nan)
    for column, feature in enumerate(schema.inputs):
        given = ~np.isnan(values[:, column])
        if given.any():
            scaling = _scaling(feature, scanner_generation)
            z[given, column] = _scale(scaling, values[given, column])
    return z


def standardise_one(
    schema: Schema, values: Mapping[str, float], scanner_generation: int | None = None
) -> Vector:
    """Z-scores (F,) of one person's values by feature, as `standardise` does them; NaN for what is not there."""
    z = np.full(len(schema.inputs), np.nan)
    for name, value in values.items():
        scaling = _scaling(schema.by_id[name], scanner_generation)
        plain = np.log(max(value, SMALLEST)) if scaling.transform == "log" else value
        z[schema.column[name]] = (plain - scaling.centre) / scaling.scale
    return z


def _scaling(feature: Feature, scanner_generation: int | None) -> Scaling:
    scaling = feature.scaling
    if feature.requires == "scanner_generation":
        scaling = {1: feature.scaling, 2: feature.scaling_generation_2}.get(scanner_generation or 0)
        if scaling is None:
            raise ValuesError("scanner_generation", feature=feature.id, generation=scanner_generation)
    assert scaling is not None  # noqa: S101 - schema.py refuses an input without scaling
    return scaling


def _scale(scaling: Scaling, values: Table) -> Table:
    plain = np.log(np.maximum(values, SMALLEST)) if scaling.transform == "log" else values
    result: Table = (plain - scaling.centre) / scaling.scale
    return result


def unstandardise(schema: Schema, z: Table) -> Table:
    """The inverse of `standardise`, with the scaling of scanner generation 1."""
    values = np.empty_like(z)
    for column, feature in enumerate(schema.inputs):
        assert feature.scaling is not None  # noqa: S101 - schema.py refuses an input without scaling
        plain = z[:, column] * feature.scaling.scale + feature.scaling.centre
        values[:, column] = np.exp(plain) if feature.scaling.transform == "log" else plain
    return values


def hard_limits(schema: Schema) -> Table:
    """Possible range (F, 2) of each input as z-scores (scanner generation 1); 0 to 1 where none is given."""
    return np.stack([_scale(_scaling(f, 1), np.array(f.hard or (0.0, 1.0))) for f in schema.inputs])


def network_input(z: Table, at: Layout) -> NDArray[np.float32]:
    """float32 (n, 2F) for an engine: values beyond +-4 are clipped, NaN becomes value 0 with mask 0."""
    known = ~np.isnan(z)
    x = np.zeros((len(z), at.width), np.float32)
    x[:, at.value] = np.where(known, np.clip(z, -Z_LIMIT, Z_LIMIT), 0.0)
    x[:, at.mask] = known
    return x


def columns_of_groups(schema: Schema, groups: Iterable[str], keep: Iterable[str] = ()) -> list[int]:
    """Columns of `groups` without those of the features `keep`; ValuesError for an unknown group."""
    kept = {schema.column[name] for name in keep}
    columns: list[int] = []
    for group in groups:
        if group not in schema.group_columns:
            raise ValuesError("unknown_group", group=group, known=", ".join(schema.group_columns))
        columns += [column for column in schema.group_columns[group] if column not in kept]
    return columns
