"""The golden run: passes here, and no damage to the network gets past it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from osteofusion.encode import layout
from osteofusion.engines.base import ONNX_FILE, Engine, open_engine
from osteofusion.engines.golden import GOLDEN_FILE, read_golden
from osteofusion.engines.probe import probe, require, verify
from osteofusion.errors import BundleError, EngineError
from osteofusion.schema import default_bundle, load_schema

BUNDLE = default_bundle()
GOLDEN = read_golden(BUNDLE)
GOOD = open_engine("onnxruntime", BUNDLE)
SCHEMA = load_schema()
Array = NDArray[np.float32]


class Faulty:
    """The good engine with something done to its input or output."""

    def __init__(
        self, before: Callable[[Array], Array] | None = None, after: Callable[[Array], Array] | None = None
    ):
        self.name, self.version, self.oracle = "faulty", "0", GOOD.oracle
        self.width, self.members = GOOD.width, GOOD.members
        self._before, self._after = before or (lambda x: x), after or (lambda x: x)

    def run(self, x: Array) -> Array:
        return self._after(GOOD.run(self._before(x)))


def swapped(x: Array) -> Array:
    first, second = layout(SCHEMA).value[[SCHEMA.column["fn_t"], SCHEMA.column["th_t"]]]
    x = x.copy()
    x[:, [first, second]] = x[:, [second, first]]
    return x


def shifted(x: Array) -> Array:
    return np.clip(x + np.float32(4 / 127), -4, 4).astype(np.float32)


def one_logit(z: Array) -> Array:
    z = z.copy()
    z[:, 37] += np.float32(3e-4)
    return z


def first_row_repeated(z: Array) -> Array:
    return np.repeat(z[:1], len(z), axis=0)


def test_golden_vectors_cover_every_subset_of_groups() -> None:
    at = layout(SCHEMA)
    assert len(GOLDEN.x) >= 64
    patterns = set()
    for row in GOLDEN.x:
        known = row[at.mask] > 0.5
        patterns.add(tuple(bool(known[list(columns)].any()) for columns in SCHEMA.group_columns.values()))
    assert len(patterns) == 64
    assert np.any(np.abs(GOLDEN.x[:, at.value]) > 3.99)


def test_this_machine_passes() -> None:
    verdict = verify(GOOD, GOLDEN)
    assert verdict.passed, verdict.reason
    assert verdict.largest_logit_difference < 1e-4


def test_the_child_process_passes() -> None:
    verdict = require("onnxruntime", BUNDLE)
    assert verdict.passed
    assert verdict.vectors == len(GOLDEN.x)


@pytest.mark.parametrize(
    "engine",
    [
        Faulty(before=swapped),
        Faulty(before=shifted),
        Faulty(after=one_logit),
        Faulty(after=lambda z: (z * np.float32(1.01)).astype(np.float32)),
        Faulty(after=lambda z: -z),
        Faulty(after=first_row_repeated),
        Faulty(after=lambda z: np.full_like(z, np.nan)),
    ],
    ids=["swapped inputs", "zero point", "one logit", "scale", "sign", "constant row", "nan"],
)
def test_damage_is_caught(engine: Engine) -> None:
    verdict = verify(engine, GOLDEN)
    assert not verdict.passed
    assert verdict.reason


def test_a_row_that_depends_on_its_neighbours_is_caught() -> None:
    class Leaky(Faulty):
        def run(self, x: Array) -> Array:
            return GOOD.run(x) + np.float32(0.01 if len(x) == 1 else 0.0)

    assert "one row alone" in verify(Leaky(), GOLDEN).reason


def test_another_width_is_caught() -> None:
    engine = Faulty()
    engine.width = 10
    assert not verify(engine, GOLDEN).passed


def test_a_damaged_model_in_the_child_is_a_verdict(tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(BUNDLE, tmp_path / "b"))
    (bundle / ONNX_FILE).write_bytes(b"not a model")
    verdict = probe("onnxruntime", bundle)
    assert not verdict.passed
    assert ONNX_FILE in verdict.reason
    with pytest.raises(EngineError) as caught:
        require("onnxruntime", bundle)
    assert caught.value.code == "engine_failed"


def test_a_signal_is_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -ILL $$\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    assert probe("onnxruntime", BUNDLE).reason == "killed by signal 4"


def test_a_hang_is_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 30\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    assert "no answer" in probe("onnxruntime", BUNDLE, timeout_s=0.2).reason


def test_one_wrong_golden_vector_is_enough() -> None:
    logits = GOLDEN.logits["A"].copy()
    logits[17, 2, 5] += 3e-4
    assert not verify(GOOD, replace(GOLDEN, logits={**GOLDEN.logits, "A": logits})).passed
    chances = GOLDEN.probabilities.copy()
    chances[17, 2] += 3e-4
    assert "head arithmetic" in verify(GOOD, replace(GOLDEN, probabilities=chances)).reason


def test_an_engine_is_held_to_its_own_rule() -> None:
    other = Faulty()
    other.oracle = "B"
    assert not verify(other, GOLDEN).passed


@pytest.mark.parametrize("name", ["logits_a", "logits_b", "x"])
def test_damaged_golden_vectors_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BundleError):
        read_golden(tmp_path)
    content = json.loads((BUNDLE / GOLDEN_FILE).read_text())
    content["vectors"][3][name] = content["vectors"][3][name][:-1]
    (tmp_path / GOLDEN_FILE).write_text(json.dumps(content))
    with pytest.raises(BundleError):
        read_golden(tmp_path)


def test_golden_vectors_of_another_schema_are_refused(tmp_path: Path) -> None:
    content = json.loads((BUNDLE / GOLDEN_FILE).read_text()) | {"schema": "osteofusion.golden/1"}
    (tmp_path / GOLDEN_FILE).write_text(json.dumps(content))
    with pytest.raises(BundleError) as caught:
        read_golden(tmp_path)
    assert "golden/1" in caught.value.message("en")
