"""The floors of the bench are real graphs: one hands its input on, the other is one layer."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from by_path import load_module

from osteofusion.engines.litert_engine import LiteEngine
from osteofusion.engines.onnx_engine import OnnxEngine


@pytest.fixture(scope="module")
def floors() -> ModuleType:
    return load_module(Path(__file__).with_name("floors.py"))


@pytest.mark.parametrize("width", [1, 94, 116, 300])
def test_the_identity_graph_hands_its_input_on(floors: ModuleType, tmp_path: Path, width: int) -> None:
    session = OnnxEngine(floors.identity_onnx(width))._session
    x = np.random.default_rng(1).standard_normal((3, width)).astype(np.float32)
    assert np.array_equal(session.run(None, {"x": x})[0], x)


def test_the_other_is_one_layer(floors: ModuleType, tmp_path: Path) -> None:
    engine = LiteEngine(floors.one_layer_tflite(116, 32), "litert")
    x = np.random.default_rng(2).standard_normal((5, 116)).astype(np.float32)
    weights = np.random.default_rng(1).standard_normal((32, 116)).astype(np.float32)
    np.testing.assert_allclose(engine.run(x), x @ weights.T, rtol=1e-4, atol=1e-4)
