"""The five float members of the ensemble, calibrated, as one plain .npz of the work folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from osteofusion.encode import Layout, network_input
from osteofusion.lab.network import CLAMP, Weights, on_grid
from osteofusion.lab.tables import Values

MEMBERS_FILE = "members.npz"
ROWS_AT_ONCE = 8192


def save(work: Path, members: Sequence[Weights]) -> None:
    """Write the members; the same weights give the same bytes."""
    arrays = {
        f"{number}/{name}": value for number, member in enumerate(members) for name, value in member.items()
    }
    np.savez(work / MEMBERS_FILE, **arrays)  # type: ignore[arg-type]


def load(work: Path) -> list[Weights]:
    """The members that `train` left in the work folder, member k trained without fold k."""
    members: list[Weights] = []
    with np.load(work / MEMBERS_FILE, allow_pickle=False) as stored:
        for key in stored.files:
            number, name = key.split("/")
            while len(members) <= int(number):
                members.append({})
            members[int(number)][name] = stored[key]
    return members


def float_logits(weights: Weights, z: Values, at: Layout) -> Values:
    """Logits (n, 32) of one float member for z-scores (n, F) with NaN where a value is absent."""
    parts = [
        _forward(weights, on_grid(network_input(z[i : i + ROWS_AT_ONCE], at)))
        for i in range(0, len(z), ROWS_AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, len(weights["out_b"])))


def _forward(weights: Weights, x: np.ndarray) -> Values:
    """The arithmetic of `train.forward` in float64 NumPy."""

    def layer(name: str, value: np.ndarray) -> np.ndarray:
        return np.clip(value @ weights[name].astype(np.float64) + weights[f"{name}_b"], 0.0, CLAMP)

    hidden = layer("e2", layer("e1", x))
    context = layer("f", hidden * layer("g", hidden) / CLAMP)
    bone = layer("phi", x) * layer("gam", context) / CLAMP
    result: Values = (
        bone @ weights["out_u"] + context @ weights["out_c"] + x @ weights["out_x"] + weights["out_b"]
    )
    return result
