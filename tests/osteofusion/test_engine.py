"""The engine: quiet, without telemetry, one importer, its own errors."""

from __future__ import annotations

import ast
import contextlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import osteofusion
from osteofusion.engines.base import ENGINES, MODEL_FILES, MODULES, checked_shape, open_engine
from osteofusion.engines.probe import probe
from osteofusion.errors import BundleError, EngineError
from osteofusion.heads import WIDTH
from osteofusion.schema import default_bundle, load_schema

PACKAGE = Path(osteofusion.__file__).parent


def installed() -> list[str]:
    """The engines that can be opened here."""
    found = []
    for name in ENGINES:
        with contextlib.suppress(EngineError):
            found.append(open_engine(name, default_bundle()).name)
    return found


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_one_file_imports_each_runtime() -> None:
    for runtime in MODULES.values():
        importers = {
            path.name
            for path in PACKAGE.rglob("*.py")
            if any(name.split(".")[0] == runtime for name in imported(path))
        }
        # the lab writes TFLite files with the schema module of the package
        assert importers <= {"onnx_engine.py", "tflite_file.py"}, runtime


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


@pytest.mark.parametrize("name", installed())
def test_shape_batch_independence_and_same_answer_twice(name: str) -> None:
    engine = open_engine(name, default_bundle())
    assert (engine.name, engine.width) == (name, 2 * len(load_schema().inputs))
    x = np.random.default_rng(1).uniform(-4, 4, (300, engine.width)).astype(np.float32)
    together = engine.run(x)
    assert together.shape == (300, engine.members * WIDTH)
    alone = np.concatenate([engine.run(row[None]) for row in x[:40]])
    np.testing.assert_allclose(together[:40], alone, rtol=1e-6, atol=1e-5)
    assert engine.run(x).tobytes() == together.tobytes()


@pytest.mark.parametrize("name", installed())
def test_threads_do_not_mix_their_rows(name: str) -> None:
    engine = open_engine(name, default_bundle())
    rng = np.random.default_rng(2)
    batches = [rng.uniform(-4, 4, (rows, engine.width)).astype(np.float32) for rows in (1, 7, 64, 3)] * 10
    expected = [engine.run(x) for x in batches]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(engine.run, batches))
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("name", installed())
def test_opening_writes_nothing_on_the_terminal(name: str) -> None:
    code = (
        "from osteofusion.engines.base import open_engine; from osteofusion.schema import default_bundle;"
        f"open_engine({name!r}, default_bundle())"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout + child.stderr == ""


@pytest.mark.parametrize("name", installed())
def test_rows_of_another_width_are_an_error(name: str) -> None:
    with pytest.raises(Exception, match=r"\d"):
        open_engine(name, default_bundle()).run(np.zeros((3, 5), np.float32))


def test_a_wrong_shape_of_the_answer_is_an_error() -> None:
    engine = open_engine("onnxruntime", default_bundle())
    with pytest.raises(EngineError) as caught:
        checked_shape(engine, np.zeros((1, 32), np.float32), 2, 32)
    assert caught.value.code == "engine_output"


def test_unknown_engine() -> None:
    with pytest.raises(EngineError) as caught:
        open_engine("abacus", default_bundle())
    assert caught.value.code == "engine_unknown"
    assert "onnxruntime" in caught.value.message("zh")


@pytest.mark.parametrize("name", sorted(set(MODULES) - set(installed())))
def test_an_engine_that_is_not_installed(name: str) -> None:
    with pytest.raises(EngineError) as caught:
        open_engine(name, default_bundle())
    assert caught.value.code == "engine_not_installed"


@pytest.mark.parametrize("name", installed())
def test_missing_and_damaged_model(name: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        open_engine(name, tmp_path)
    assert caught.value.code == "bundle_file_missing"
    file = MODEL_FILES[name]
    (tmp_path / file).write_bytes((default_bundle() / file).read_bytes()[:5000])
    if (
        name == "tflite-runtime"
    ):  # it dies on half a file: why hashes come first and the golden run has its own process
        assert probe(name, tmp_path).reason == "killed by signal 11"
        return
    with pytest.raises(BundleError) as caught:
        open_engine(name, tmp_path)
    assert caught.value.code == "bundle_not_understood"
