"""Both engine files from the same integers: equal to the oracle, the same bytes again, small; damage is caught."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from ai_edge_litert import schema_py_generated as schema
from onnx import numpy_helper
from random_members import AT, SCHEMA, random_inputs, random_weights

from osteofusion.engines.base import MODEL_FILES, ONNX_FILE, TFLITE_FILE, open_engine
from osteofusion.engines.golden import Golden
from osteofusion.engines.onnx_engine import OnnxEngine
from osteofusion.engines.probe import verify
from osteofusion.heads import WIDTH, probabilities
from osteofusion.lab import onnx_file, tflite_file
from osteofusion.lab.oracle import oracle_a, oracle_b
from osteofusion.lab.quantize import IntegerMember, quantize

LARGEST_FILE = 450_000  # bytes, of five members
FACTS = {"model": "test", "version": "1"}


WEIGHTS = [random_weights(seed) for seed in range(5)]
MEMBERS = [quantize(weights) for weights in WEIGHTS]


def write(folder: Path, members: list[IntegerMember]) -> Path:
    onnx_file.write(folder / ONNX_FILE, members, FACTS)
    tflite_file.write(folder / TFLITE_FILE, members, FACTS)
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both files of five members."""
    return write(tmp_path_factory.mktemp("files"), MEMBERS)


def expected(members: list[IntegerMember], x: np.ndarray) -> np.ndarray:
    return np.stack([oracle_a(member, x)[0] for member in members], axis=1).astype(np.float64)


@pytest.mark.parametrize("engine", ["onnxruntime", "litert"])
def test_both_engines_equal_the_oracle(files: Path, engine: str) -> None:
    x = random_inputs(6000)
    wanted = expected(MEMBERS, x)
    found = open_engine(engine, files).run(x).reshape(wanted.shape)
    assert (np.abs(found - wanted).max(axis=2) < 1e-4).mean(axis=0).min() >= 0.999


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("engine", ["onnxruntime", "litert"])
def test_any_number_of_members(tmp_path: Path, engine: str, count: int) -> None:
    opened = open_engine(engine, write(tmp_path, MEMBERS[:count]))
    x = random_inputs(50)
    assert opened.members == count
    np.testing.assert_allclose(
        opened.run(x).reshape(50, count, WIDTH), expected(MEMBERS[:count], x), rtol=0, atol=1e-4
    )


@pytest.mark.parametrize("file", [ONNX_FILE, TFLITE_FILE])
def test_same_members_same_bytes_and_small(files: Path, tmp_path: Path, file: str) -> None:
    again = write(tmp_path, [quantize(weights) for weights in WEIGHTS])
    assert (again / file).read_bytes() == (files / file).read_bytes()
    assert (files / file).stat().st_size <= LARGEST_FILE


def test_the_onnx_file_carries_its_facts(files: Path) -> None:
    assert OnnxEngine((files / ONNX_FILE).read_bytes()).metadata == FACTS


def test_onnxruntime_fuses_every_layer_into_integer_kernels(files: Path, tmp_path: Path) -> None:
    """Unfused pairs would compute in float, silently; and one node does a layer of all five members."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    onnxruntime.InferenceSession(str(files / ONNX_FILE), options, providers=["CPUExecutionProvider"])
    kinds = [node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node]
    assert kinds.count("QLinearConv") == 6
    assert kinds.count("QLinearMul") == 2
    assert len(kinds) <= 25


@pytest.fixture(scope="module")
def lite(files: Path) -> Any:
    """The TFLite file as the schema reads it."""
    return schema.ModelT.InitFromPackedBuf((files / TFLITE_FILE).read_bytes(), 0)


def test_the_tflite_file_asks_for_five_old_operators_only(lite: Any) -> None:
    found = {code.builtinCode: code.version for code in lite.operatorCodes}
    assert found == {getattr(schema.BuiltinOperator, k): v for k, v in tflite_file.VERSIONS.items()}
    assert lite.version == 3


def test_the_tflite_file_takes_any_number_of_rows(lite: Any) -> None:
    (graph,) = lite.subgraphs
    for index in [*graph.inputs, *graph.outputs]:
        assert graph.tensors[index].shapeSignature[0] == -1


def test_the_tflite_file_carries_its_facts(lite: Any) -> None:
    found = {entry.name.decode(): bytes(lite.buffers[entry.buffer].data).decode() for entry in lite.metadata}
    assert found == FACTS


def test_tensor_data_are_aligned(files: Path) -> None:
    content = (files / TFLITE_FILE).read_bytes()
    model = schema.Model.GetRootAs(content, 0)
    buffers = [model.Buffers(number) for number in range(model.BuffersLength())]
    starts = [b._tab.Vector(b._tab.Offset(4)) for b in buffers if b.DataLength()]
    assert len(starts) > 60
    assert all(start % tflite_file.DATA_ALIGNMENT == 0 for start in starts)


def golden(members: list[IntegerMember]) -> Golden:
    x = random_inputs(64, seed=3)
    by_a = expected(members, x)
    by_b = np.stack([oracle_b(member, x) for member in members], axis=1).astype(np.float64)
    return Golden(x, {"A": by_a, "B": by_b}, probabilities(by_a).mean(axis=1))


Change = Callable[[np.ndarray], np.ndarray]


def one_sign(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    place = np.unravel_index(np.abs(values.astype(int)).argmax(), values.shape)
    values[place] = -values[place]
    return values


def one_percent(scale: np.ndarray) -> np.ndarray:
    return (scale * np.float32(1.01)).astype(np.float32)


def swapped(weights: np.ndarray) -> np.ndarray:
    """Two inputs of the first layer exchanged: age and sex."""
    weights = weights.copy()
    first, second = AT.value[[SCHEMA.column["age"], SCHEMA.column["sex"]]]
    weights[:, [first, second]] = weights[:, [second, first]]
    return weights


ONNX_DAMAGE: dict[str, tuple[str, Change]] = {
    "sign of one weight": ("e2_w", one_sign),
    "scale by 1 %": ("e2_s", one_percent),
    "zero point by one": ("zero_a", lambda zero: np.asarray(zero + 1, np.uint8)),
    "two inputs swapped": ("e1_w", swapped),
}


@pytest.mark.parametrize("damage", ONNX_DAMAGE)
def test_damage_to_the_onnx_file_is_caught(files: Path, tmp_path: Path, damage: str) -> None:
    tensor, change = ONNX_DAMAGE[damage]
    model = onnx.load(files / ONNX_FILE)
    changed = 0
    for number, item in enumerate(model.graph.initializer):
        if item.name == tensor:
            value = change(numpy_helper.to_array(item))
            model.graph.initializer[number].CopyFrom(numpy_helper.from_array(value, tensor))
            changed += 1
    assert changed == 1
    onnx.save(model, tmp_path / ONNX_FILE)
    assert verify(open_engine("onnxruntime", files), golden(MEMBERS)).passed
    assert not verify(open_engine("onnxruntime", tmp_path), golden(MEMBERS)).passed


def lite_sign(model: Any, tensor: Any) -> None:
    data = one_sign(np.asarray(model.buffers[tensor.buffer].data, np.uint8).view(np.int8))
    model.buffers[tensor.buffer].data = data.view(np.uint8)


def lite_scale(_: Any, tensor: Any) -> None:
    tensor.quantization.scale = one_percent(np.asarray(tensor.quantization.scale, np.float32))


def lite_zero(_: Any, tensor: Any) -> None:
    tensor.quantization.zeroPoint = np.asarray(tensor.quantization.zeroPoint) + 1


def lite_swap(model: Any, tensor: Any) -> None:
    data = np.asarray(model.buffers[tensor.buffer].data, np.uint8).reshape(tensor.shape)
    model.buffers[tensor.buffer].data = swapped(data).reshape(-1)


LITE_DAMAGE: dict[str, tuple[str, Callable[[Any, Any], None]]] = {
    "sign of one weight": ("m1_e2_w", lite_sign),
    "scale by 1 %": ("m1_e2_w", lite_scale),
    "zero point by one": ("m2_f", lite_zero),
    "two inputs swapped": ("m4_e1_w", lite_swap),
}


@pytest.mark.parametrize("damage", LITE_DAMAGE)
def test_damage_to_the_tflite_file_is_caught(files: Path, tmp_path: Path, damage: str) -> None:
    name, change = LITE_DAMAGE[damage]
    model = schema.ModelT.InitFromPackedBuf((files / TFLITE_FILE).read_bytes(), 0)
    (tensor,) = [item for item in model.subgraphs[0].tensors if item.name == name.encode()]
    change(model, tensor)
    builder = tflite_file._SharedBuilder()
    builder.Finish(model.Pack(builder), tflite_file.FILE_IDENTIFIER)
    (tmp_path / TFLITE_FILE).write_bytes(bytes(builder.Output()))
    assert verify(open_engine("litert", files), golden(MEMBERS)).passed
    assert not verify(open_engine("litert", tmp_path), golden(MEMBERS)).passed


def test_every_engine_has_a_file(files: Path) -> None:
    assert {path.name for path in files.iterdir()} == set(MODEL_FILES.values())
