"""Members of the ensemble that nobody trained, and inputs to them, on the feature list that ships."""

from __future__ import annotations

import numpy as np

from osteofusion.encode import layout, network_input
from osteofusion.lab import network
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = layout(SCHEMA)


def random_weights(seed: int) -> network.Weights:
    """Weights that keep the rules of the network and whose last layers are not zero."""
    weights = network.initial(SCHEMA, np.random.default_rng(seed))
    rng = np.random.default_rng(seed + 100)
    for name in ("out_u", "out_c", "out_x"):
        weights[name] = network.project(
            name, (0.3 * rng.standard_normal(weights[name].shape)).astype(np.float32), network.rules(SCHEMA)
        )
    return weights


def random_inputs(count: int, seed: int = 1) -> np.ndarray:
    """(count, width) network inputs, each row with another share of its values missing."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, len(SCHEMA.inputs)))
    z[rng.random(z.shape) < rng.random((count, 1))] = np.nan
    return network_input(z, AT)
