"""The shipped model on every engine that is installed here: parity with its oracle, monotone in bone density, coherent.

The oracles take the integers of the shipped members out of the TFLite file itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from osteofusion.encode import GRID, layout, network_input
from osteofusion.engines.base import ENGINES, Engine, open_engine
from osteofusion.engines.golden import read_golden
from osteofusion.errors import EngineError
from osteofusion.heads import OUTCOMES, WIDTH, probabilities
from osteofusion.lab.oracle import oracle_a, oracle_b
from osteofusion.lab.quantize import IntegerLayer, IntegerMember
from osteofusion.predict import Predictor
from osteofusion.schema import default_bundle, load_schema

BUNDLE, SCHEMA = default_bundle(), load_schema()
AT = layout(SCHEMA)
GROUPS = [list(columns) for columns in SCHEMA.group_columns.values()]
ROWS = 6000
Array = NDArray[np.float64]


def installed() -> Iterator[Engine]:
    for name in ENGINES:
        with suppress(EngineError):
            yield open_engine(name, BUNDLE)


INSTALLED = list(installed())
every_engine = pytest.mark.parametrize("engine", INSTALLED, ids=[engine.name for engine in INSTALLED])


def people(count: int, seed: int) -> Array:
    """z-scores of random people who lack values and whole groups, off the grid as real ones are."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, len(SCHEMA.inputs)))
    z[rng.random(z.shape) < 0.2 * rng.random((count, 1))] = np.nan
    for columns in GROUPS:
        z[np.ix_(rng.random(count) < 0.4, columns)] = np.nan
    return z


@cache
def integers() -> list[IntegerMember]:
    """The members as they stand in the shipped file, read through whichever interpreter is installed."""
    lite = next((engine for engine in INSTALLED if hasattr(engine, "_interpreter")), None)
    if lite is None:
        pytest.skip("neither LiteRT nor tflite-runtime is installed")
    interpreter = lite._interpreter
    found = {detail["name"]: detail for detail in interpreter.get_tensor_details()}

    def constant(name: str) -> Any:
        return interpreter.get_tensor(found[name]["index"])

    def scale(name: str) -> NDArray[np.float32]:
        return np.asarray(found[name]["quantization_parameters"]["scales"], np.float32)

    def layer(name: str, source: str) -> IntegerLayer:
        weight, bias = constant(f"{name}_w").T, constant(f"{name}_b")
        return IntegerLayer(weight, bias, scale(source)[0], scale(f"{name}_w"))

    members = []
    for number in range(lite.members):
        m = f"m{number}_"
        sources = {"e1": "x_q", "e2": f"{m}e1", "g": f"{m}e2", "f": f"{m}h", "phi": "x_q", "gam": f"{m}f"}
        layers = {name: layer(f"{m}{name}", source) for name, source in sources.items()}
        members.append(IntegerMember(layers, constant(f"{m}out").T, constant(f"{m}out_b")))
    return members


@cache
def answers(rule: str) -> tuple[NDArray[np.float32], Array]:
    """Network input of random people, and what the oracle of `rule` makes of it (n, members, 32)."""
    x = network_input(people(ROWS, 5), AT)
    one = oracle_b if rule == "B" else lambda member, rows: oracle_a(member, rows)[0]
    return x, np.stack([one(member, x) for member in integers()], axis=1).astype(np.float64)


def chances(logits: Array) -> Array:
    return probabilities(logits.reshape(len(logits), -1, WIDTH)).mean(axis=1)


@every_engine
def test_every_engine_equals_its_oracle(engine: Engine) -> None:
    x, expected = answers(engine.oracle)
    found = engine.run(x).astype(np.float64).reshape(expected.shape)
    same = np.abs(found - expected).max(axis=2) < 1e-4
    assert same.mean(axis=0).min() >= 0.999  # of each member
    assert np.abs(chances(found) - chances(expected)).max() <= 0.002


@every_engine
def test_every_engine_is_near_rule_a(engine: Engine) -> None:
    x, expected = answers("A")
    difference = np.abs(chances(engine.run(x).astype(np.float64)) - chances(expected))
    assert difference.max() <= (0.002 if engine.oracle == "A" else 0.015)


def test_the_two_rules_do_differ() -> None:
    """Else the check of tflite-runtime against its own rule would say nothing."""
    assert np.mean(np.abs(answers("A")[1] - answers("B")[1]).max(axis=(1, 2)) < 1e-4) < 0.5


def test_the_golden_vectors_are_the_oracles_answers() -> None:
    golden = read_golden(BUNDLE)
    by_a = np.stack([oracle_a(member, golden.x)[0] for member in integers()], axis=1)
    by_b = np.stack([oracle_b(member, golden.x) for member in integers()], axis=1)
    np.testing.assert_allclose(by_a, golden.logits["A"], rtol=1e-6, atol=2e-5)
    np.testing.assert_allclose(by_b, golden.logits["B"], rtol=1e-6, atol=2e-5)
    np.testing.assert_allclose(chances(golden.logits["A"]), golden.probabilities, rtol=0, atol=1e-6)


def sweeps(count: int) -> NDArray[np.float32]:
    """One T-score of each of `count` people through all 255 steps of the grid, (count, 255, 2F), from high to low."""
    rng = np.random.default_rng(9)
    z = people(count, 10)
    bone = [SCHEMA.column[name] for name in ("fn_t", "th_t", "ls_t")]
    swept = rng.choice(bone, count)
    z[np.arange(count), swept] = 0.0
    x = np.repeat(network_input(z, AT)[:, None, :], 255, axis=1)
    steps = np.arange(127, -128, -1).astype(np.float32) * np.float32(GRID)
    x[np.arange(count)[:, None], np.arange(255)[None, :], AT.value[swept][:, None]] = steps
    return x


@every_engine
def test_no_risk_falls_as_a_t_score_falls(engine: Engine) -> None:
    x = sweeps(400)
    logits = np.concatenate([engine.run(part) for part in np.array_split(x.reshape(-1, x.shape[2]), 40)])
    found = chances(logits.astype(np.float64)).reshape(len(x), 255, len(OUTCOMES))
    rises = np.diff(found[:, :, :3], axis=1)  # osteoporosis, MOF, hip
    assert rises.shape[0] * rises.shape[1] >= 100_000
    assert int((rises < -1e-12).sum()) == 0
    assert np.abs(np.diff(found[:, :, 3], axis=1)).max() < 1e-12  # falls do not look at bone density
    assert rises.sum(axis=1).min(axis=1).max() > 0.05  # and the sweep does move the others


@every_engine
def test_hip_never_above_mof_in_any_subset_of_groups(engine: Engine) -> None:
    rng = np.random.default_rng(11)
    z = rng.standard_normal((64 * 40, len(SCHEMA.inputs))) * 1.5
    for subset in range(64):
        for number, columns in enumerate(GROUPS):
            if not subset >> number & 1:
                z[np.ix_(np.arange(subset * 40, subset * 40 + 40), columns)] = np.nan
    found = chances(engine.run(network_input(z, AT)).astype(np.float64))
    assert np.all(np.isfinite(found))
    assert np.all((found > 0) & (found < 1))
    assert np.all(found[:, OUTCOMES.index("hip_10y")] <= found[:, OUTCOMES.index("mof_10y")])


PERSON = {
    "age": 71.0,
    "sex": 0.0,
    "height": 156.0,
    "weight": 51.0,
    "fn_t": -2.1,
    "gait_speed": 0.85,
    "ctx": 0.41,
}


@every_engine
def test_a_whole_prediction_with_reasons_on_every_engine(engine: Engine) -> None:
    """The predictor on this engine, beside the preferred one: same answers within the parity of the engines."""
    first, other = Predictor.load(engine=INSTALLED[0].name), Predictor.load(engine=engine.name)
    assert other.engine_name == f"{engine.name} {engine.version}"
    tolerance = 0.002 if engine.oracle == INSTALLED[0].oracle else 0.015
    wanted, found = first.predict(PERSON), other.predict(PERSON)
    for outcome in OUTCOMES:
        assert abs(found.probabilities[outcome] - wanted.probabilities[outcome]) <= tolerance
        low, high = found.intervals[outcome]
        assert low <= found.probabilities[outcome] <= high
    for reason in other.explain(PERSON).values():
        total = reason.baseline_logit + sum(reason.groups.values())
        assert abs(total - reason.total_logit) < 1e-9
