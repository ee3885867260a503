"""One quantizer: integers, oracle and the ONNX file say the same; damage to the file is caught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from osteofusion.encode import layout, network_input
from osteofusion.engines.onnx_engine import OnnxEngine
from osteofusion.engines.probe import Golden, verify
from osteofusion.heads import WIDTH, probabilities
from osteofusion.lab import network, onnx_file
from osteofusion.lab.quantize import WEIGHT_LIMIT, IntegerMember, oracle, quantize
from osteofusion.lab.train import forward
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = layout(SCHEMA)


def random_weights(seed: int) -> network.Weights:
    weights = network.initial(SCHEMA, np.random.default_rng(seed))
    rng = np.random.default_rng(seed + 100)
    for name in ("out_u", "out_c", "out_x"):
        weights[name] = network.project(
            name, (0.3 * rng.standard_normal(weights[name].shape)).astype(np.float32), network.rules(SCHEMA)
        )
    return weights


def random_inputs(count: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, len(SCHEMA.inputs)))
    z[rng.random(z.shape) < rng.random((count, 1))] = np.nan
    return network.on_grid(network_input(z, AT))


WEIGHTS = [random_weights(seed) for seed in range(3)]
MEMBERS = [quantize(weights) for weights in WEIGHTS]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "m.onnx"
    onnx_file.write(path, MEMBERS, {"model": "test"})
    return path


def expected(members: list[IntegerMember], x: np.ndarray) -> np.ndarray:
    return np.concatenate([oracle(member, x)[0] for member in members], axis=1)


def test_weights_fit_seven_bits() -> None:
    for member in MEMBERS:
        assert all(np.abs(layer.weight.astype(int)).max() <= WEIGHT_LIMIT for layer in member.layers.values())


def test_integers_keep_zeros_and_signs() -> None:
    allowed = network.rules(SCHEMA)
    for member in MEMBERS:
        for name, layer in member.layers.items():
            assert not np.any(layer.weight[allowed.open[name] == 0])
        assert np.all(member.layers["phi"].weight <= 0)


def test_integers_stay_near_the_float_network() -> None:
    x = random_inputs(400)
    for weights, member in zip(WEIGHTS, MEMBERS, strict=True):
        difference = np.abs(oracle(member, x)[0] - np.asarray(forward(weights, x)))
        assert np.quantile(difference, 0.99) < 0.25
        assert np.mean(difference) < 0.06


def test_onnxruntime_equals_the_oracle(model: Path) -> None:
    x = random_inputs(6000)
    engine = OnnxEngine(model)
    assert engine.members == len(MEMBERS)
    difference = np.abs(engine.run(x) - expected(MEMBERS, x)).reshape(len(x), len(MEMBERS), WIDTH).max(axis=2)
    assert np.mean(difference < 1e-4) >= 0.999


def test_the_file_carries_its_metadata(model: Path) -> None:
    assert OnnxEngine(model).metadata == {"model": "test"}


def test_the_runtime_fuses_every_layer_into_integer_kernels(model: Path, tmp_path: Path) -> None:
    """Unfused pairs would compute in float, silently."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    kinds = [node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node]
    assert kinds.count("QGemm") == 6 * len(MEMBERS)
    assert kinds.count("QLinearMul") == 2 * len(MEMBERS)


def test_same_members_same_bytes(model: Path, tmp_path: Path) -> None:
    onnx_file.write(tmp_path / "again.onnx", [quantize(weights) for weights in WEIGHTS], {"model": "test"})
    assert (tmp_path / "again.onnx").read_bytes() == model.read_bytes()


def test_a_bias_that_does_not_fit_is_refused() -> None:
    weights = dict(WEIGHTS[0])
    weights["e1"] = (weights["e1"] * 1e-9).astype(np.float32)
    weights["e1_b"] = np.full_like(weights["e1_b"], 5.0)
    with pytest.raises(ValueError, match="bias"):
        quantize(weights)


def golden(members: list[IntegerMember]) -> Golden:
    x = random_inputs(64, seed=3)
    logits = expected(members, x).astype(np.float64).reshape(len(x), len(members), WIDTH)
    return Golden(x, logits, probabilities(logits).mean(axis=1))


def damage_sign(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    place = np.unravel_index(np.abs(values.astype(int)).argmax(), values.shape)
    values[place] = -values[place]
    return values


@pytest.mark.parametrize(
    ("tensor", "change"),
    [
        ("m1_e2_w", damage_sign),
        ("m1_e2_s", lambda scale: (scale * np.float32(1.01)).astype(np.float32)),
        ("zero_a", lambda zero: np.asarray(zero + 1, np.uint8)),
        ("m0_out", lambda out: out[::-1].copy()),
    ],
    ids=["sign of one weight", "one scale by 1 %", "one zero point", "swapped rows"],
)
def test_damage_to_the_file_is_caught(model: Path, tmp_path: Path, tensor: str, change: object) -> None:
    damaged = onnx.load(model)
    for number, item in enumerate(damaged.graph.initializer):
        if item.name == tensor:
            value = change(numpy_helper.to_array(item))  # type: ignore[operator]
            damaged.graph.initializer[number].CopyFrom(numpy_helper.from_array(value, tensor))
    path = tmp_path / "damaged.onnx"
    onnx.save(damaged, path)
    assert verify(OnnxEngine(model), golden(MEMBERS)).passed
    assert not verify(OnnxEngine(path), golden(MEMBERS)).passed
