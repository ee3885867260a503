"""The engine: quiet, without telemetry, one importer, its own errors."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import osteofusion
from osteofusion.engines.base import MODEL_FILE, open_engine
from osteofusion.errors import BundleError, EngineError
from osteofusion.heads import WIDTH
from osteofusion.schema import default_bundle, load_schema

PACKAGE = Path(osteofusion.__file__).parent


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_one_file_imports_the_runtime() -> None:
    importers = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if any(n.split(".")[0] == "onnxruntime" for n in imported(path))
    }
    assert importers == {"onnx_engine.py"}


def test_nothing_outside_the_lab_imports_the_lab() -> None:
    for path in PACKAGE.rglob("*.py"):
        if "lab" not in path.relative_to(PACKAGE).parts:
            assert not any(name.startswith("osteofusion.lab") for name in imported(path)), path.name


def test_loading_and_predicting_needs_neither_scipy_nor_the_lab() -> None:
    code = (
        "import sys; from osteofusion.predict import Predictor; p = Predictor.load();"
        "p.explain({'age': 70.0, 'sex': 0.0});"
        "bad = [m for m in ('scipy', 'jax', 'sklearn', 'pandas', 'osteofusion.lab') if m in sys.modules];"
        "assert not bad, bad"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    assert child.stdout == ""
    assert child.stderr == ""


def test_telemetry_is_off_before_the_runtime_is_imported() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    code = (
        "import os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'onnxruntime': sys.stdout.write(os.environ.get('ORT_DISABLE_TELEMETRY', 'unset'))\n"
        "sys.meta_path.insert(0, Watch())\n"
        "from osteofusion.predict import Predictor\n"
        "Predictor.load()\n"
    )
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert child.stdout == "1"


def test_shape_and_batch_independence() -> None:
    engine = open_engine("onnxruntime", default_bundle())
    assert engine.width == 2 * len(load_schema().inputs)
    x = np.random.default_rng(1).uniform(-4, 4, (300, engine.width)).astype(np.float32)
    together = engine.run(x)
    assert together.shape == (300, engine.members * WIDTH)
    alone = np.concatenate([engine.run(row[None]) for row in x[:40]])
    np.testing.assert_allclose(together[:40], alone, atol=1e-5)


def test_unknown_engine() -> None:
    with pytest.raises(EngineError) as caught:
        open_engine("abacus", default_bundle())
    assert caught.value.code == "engine_unknown"
    assert "onnxruntime" in caught.value.message("zh")


def test_missing_and_damaged_model(tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        open_engine("onnxruntime", tmp_path)
    assert caught.value.code == "bundle_file_missing"
    (tmp_path / MODEL_FILE).write_bytes((default_bundle() / MODEL_FILE).read_bytes()[:5000])
    with pytest.raises(BundleError) as caught:
        open_engine("onnxruntime", tmp_path)
    assert caught.value.code == "bundle_not_understood"
