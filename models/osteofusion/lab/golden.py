"""Golden vectors: inputs on the grid and the answers of both oracles, which every engine must meet.

By rule A a row is taken only when none of its roundings lies near a tie, where runtimes may differ in the last bit. By
rule B nothing needs to be kept away: it is whole-number arithmetic without a last bit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from osteofusion.encode import GRID, Layout, layout, network_input
from osteofusion.engines.golden import GOLDEN_FILE, GOLDEN_SCHEMA
from osteofusion.heads import probabilities
from osteofusion.lab.network import on_grid
from osteofusion.lab.oracle import oracle_a, oracle_b
from osteofusion.lab.quantize import IntegerMember
from osteofusion.lab.tables import Values
from osteofusion.schema import Schema

SAFE_DISTANCE = 1e-5  # of every rounding from a tie, in steps: engines may differ in the last bit
COMPLETE, EXTREMES, CANDIDATES = 8, 8, 40


def golden_inputs(schema: Schema, z: Values, rng: np.random.Generator) -> list[tuple[str, Values]]:
    """Named candidate lists, several rows each: complete people, every subset of groups, extremes at +-4.

    Most candidates of a subset lack single values too: a group known by its mask alone gives all people the same
    hidden units, and those may lie at a tie.
    """
    groups = list(schema.group_columns.values())
    wanted = [(f"complete {n}", z[rng.integers(len(z), size=CANDIDATES)]) for n in range(COMPLETE)]
    for subset in range(2 ** len(groups)):
        rows = z[rng.integers(len(z), size=CANDIDATES)].copy()
        rows[rng.random(rows.shape) < np.linspace(0.0, 0.5, CANDIDATES)[:, None]] = np.nan
        for number, columns in enumerate(groups):
            if not subset >> number & 1:
                rows[:, list(columns)] = np.nan
        shown = [list(columns) for number, columns in enumerate(groups) if subset >> number & 1]
        known = [~np.isnan(rows[:, columns]).all(axis=1) for columns in shown]
        wanted.append((f"groups {subset:06b}", rows[np.all(known, axis=0)] if known else rows[:1]))
    for number in range(EXTREMES):
        signs = rng.choice(np.array([-4.0, 4.0]), size=(CANDIDATES, z.shape[1]))
        wanted.append((f"extreme {number}", signs))
    return wanted


def write_golden(
    bundle: Path, schema: Schema, members: list[IntegerMember], z: Values, rng: np.random.Generator
) -> int:
    """Write golden.json: of each candidate list the first row whose every rounding is safe; their number."""
    at = layout(schema)
    vectors = [_vector(name, rows, at, members) for name, rows in golden_inputs(schema, z, rng)]
    content = {"schema": GOLDEN_SCHEMA, "grid": GRID, "vectors": vectors}
    text = json.dumps(content, separators=(",", ":"))
    (bundle / GOLDEN_FILE).write_text(text + "\n", encoding="utf-8")
    return len(vectors)


def _vector(name: str, rows: Values, at: Layout, members: list[IntegerMember]) -> dict[str, Any]:
    """The first safe row of `rows` with the answers of both oracles."""
    x = on_grid(network_input(rows, at))
    answers = [oracle_a(member, x) for member in members]
    safe = np.min([distance for _, distance in answers], axis=0) > SAFE_DISTANCE
    row = int(np.argmax(safe))
    if not safe[row]:
        raise ValueError(f"no safe golden vector among the candidates of {name!r}")
    by_a = np.stack([logits[row] for logits, _ in answers]).astype(np.float64)
    by_b = np.stack([oracle_b(member, x[row : row + 1])[0] for member in members]).astype(np.float64)
    return {
        "name": name,
        "x": np.rint(x[row] / np.float32(GRID)).astype(int).tolist(),
        "logits_a": np.round(by_a, 6).ravel().tolist(),
        "logits_b": np.round(by_b, 6).ravel().tolist(),
        "probabilities": np.round(probabilities(by_a).mean(axis=0), 9).tolist(),
    }
