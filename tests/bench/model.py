"""The fusion model's cost: engines beside their own floors, reasons and intervals, start, memory, files.

Run by `make bench` with the rest; alone: python tests/bench/model.py.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import floors
import numpy as np
from timing import REPEATS, Row, child, median_wall, print_table, side_by_side

from osteofusion.encode import network_input
from osteofusion.engines.base import ENGINES, MODEL_FILES, Engine, open_engine
from osteofusion.engines.litert_engine import LiteEngine
from osteofusion.engines.onnx_engine import OnnxEngine
from osteofusion.engines.probe import probe
from osteofusion.errors import EngineError
from osteofusion.explain import contributions, group_shapley
from osteofusion.heads import WIDTH, probabilities
from osteofusion.predict import Predictor
from osteofusion.schema import default_bundle

BUNDLE = default_bundle()
BATCH, STARTS = 1024, 15
FLOOR_BARS = {"onnxruntime": 14.0, "litert": 9.0}
MEMORY_BAR = 80.0  # MB
VALUES = {
    "age": 72.0,
    "sex": 0.0,
    "height": 156.0,
    "weight": 51.0,
    "ctx": 0.41,
    "fn_t": -2.1,
    "gait_speed": 0.9,
}
ENGINE_START = """
import numpy
from osteofusion.engines.base import open_engine
from osteofusion.schema import default_bundle
engine = open_engine({engine!r}, default_bundle())
engine.run(numpy.zeros((1, engine.width), numpy.float32))
"""
PREDICTOR_START = """
import numpy
from osteofusion.predict import Predictor
predictor = Predictor.load(engine={engine!r})
row = numpy.full((1, len(predictor.schema.inputs)), numpy.nan)
row[0, [predictor.schema.column["age"], predictor.schema.column["sex"]]] = 70.0, 0.0
predictor.predict_many(row)
"""
SPENT = "\nimport time\nprint(time.process_time())\n"
PEAK = "print([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])\n"


def installed() -> list[Engine]:
    """Every engine that opens here."""
    found = []
    for name in ENGINES:
        try:
            found.append(open_engine(name, BUNDLE))
        except EngineError:
            continue
    return found


def one_row(engine: Engine) -> Row:
    """One row through five members beside the least that the same runtime can do with a row of that width."""
    x = np.zeros((1, engine.width), np.float32)
    x[0, ::3] = 1.0
    floor, what = _floor(engine)
    ours, least = side_by_side(lambda: engine.run(x), lambda: floor(x))
    told = f"{1e6 * ours:.1f} us, {what} {1e6 * least:.2f} us"
    bar = FLOOR_BARS.get(engine.name)
    return Row(f"one row, five members, {engine.name}, times its floor", ours / least, "x", bar, told)


def _floor(engine: Engine) -> tuple[Callable[[np.ndarray], object], str]:
    """The smallest graph of the runtime, called as the engine calls its own: with the same checks around."""
    if engine.name == "onnxruntime":
        session = OnnxEngine(floors.identity_onnx(engine.width))._session
        return lambda x: session.run(None, {"x": x}), "an Identity graph"
    layer = floors.one_layer_tflite(engine.width, WIDTH)
    return LiteEngine(layer, engine.name).run, "a graph of one layer"


def batches(engine: Engine) -> Row:
    """Rows a second in batches, head arithmetic included."""
    x = np.random.default_rng(1).uniform(-2, 2, (BATCH, engine.width)).astype(np.float32)

    def answers() -> None:
        probabilities(engine.run(x).reshape(BATCH, engine.members, WIDTH)).mean(axis=1)

    whole, bare = median_wall(answers, 40), median_wall(lambda: engine.run(x), 40)
    told = f"{BATCH / bare / 1e3:.0f} without the head arithmetic; rows of all five members"
    return Row(f"thousand rows a second at {BATCH}, {engine.name}", BATCH / whole / 1e3, "", None, told)


def answering(predictor: Predictor) -> Iterator[Row]:
    """One person's answers and reasons, each beside a bare probability of the same engine."""
    row = np.full((1, len(predictor.schema.inputs)), np.nan)
    for name, value in VALUES.items():
        row[0, predictor.schema.column[name]] = value
    everything = {
        item.id: float(np.clip(item.scaling.centre, *item.hard)) if item.scaling and item.hard else 0.0
        for item in predictor.schema.inputs
    }
    known = everything | VALUES | {"scanner_generation": 1.0}
    z = predictor.z_scores(known)
    logits = predictor.engine.run(network_input(z[None], predictor.layout)).reshape(1, -1, WIDTH)
    measured: list[tuple[str, Callable[[], object], float, str, float | None]] = [
        ("one probability of each outcome", lambda: predictor.predict_many(row), 1e3, "ms", None),
        (
            "six groups, exact Shapley, all values known",
            lambda: group_shapley(predictor, known),
            1e3,
            "ms",
            0.5,
        ),
        ("every value, Owen, all values known", lambda: contributions(predictor, known), 1e3, "ms", 10.0),
        ("interval with its sources, few values known", lambda: predictor.predict(VALUES), 1e3, "ms", None),
        ("which missing test helps most", lambda: predictor.value_of_information(VALUES), 1e3, "ms", 30.0),
        ("head arithmetic of one row, five members", lambda: probabilities(logits), 1e6, "us", 15.0),
    ]
    bare = median_wall(measured[0][1], 200)
    for what, call, scale, unit, bar in measured:
        taken = median_wall(call, 60)
        yield Row(what, scale * taken, unit, bar, f"{taken / bare:.1f} x a bare probability")
    whole = median_wall(lambda: (predictor.predict(VALUES), group_shapley(predictor, VALUES)), 60)
    yield Row(
        "interval and group reasons together",
        1e3 * whole,
        "ms",
        3.0,
        f"{whole / bare:.1f} x a bare probability",
    )


@contextmanager
def as_installed() -> Iterator[None]:
    """Children that keep byte code, as an installed package has it, and one thread of OpenBLAS.

    The other threads are started by NumPy's import and spin for 0.1 s whatever follows, which would count twice.
    """
    before = dict(os.environ)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def cpu_in_turn(*codes: str) -> tuple[tuple[float, float], ...]:
    """Median CPU seconds of fresh processes, up to the end of each code and with the end of its interpreter.

    One of each in turn, so that a busy moment meets all of them.
    """
    whole = [code + SPENT for code in codes]
    for code in whole:
        child("-c", code)
    found = [[child("-c", code) for code in whole] for _ in range(STARTS)]
    return tuple(
        (median(float(text) for _, _, text in runs), median(cpu for cpu, _, _ in runs))
        for runs in zip(*found, strict=True)
    )


@as_installed()
def starting(name: str) -> list[Row]:
    """A fresh process up to its first answer: the engine alone, then the predictor with all its checks; peak memory."""
    starts = ("import numpy", ENGINE_START.format(engine=name), PREDICTOR_START.format(engine=name))
    (numpy, empty), (engine, _), (answered, whole) = cpu_in_turn(*starts)
    checks = f"all checks included; {1e3 * (whole - empty):.0f} ms with the end of the process"
    memory = int(child("-c", PREDICTOR_START.format(engine=name) + PEAK)[2]) / 1024
    bare = int(child("-c", "import numpy\n" + PEAK)[2]) / 1024
    ours = 1e3 * (answered - numpy)
    return [
        Row(
            f"cold start, engine and first row, {name}, CPU",
            1e3 * (engine - numpy),
            "ms",
            60.0,
            f"importing NumPy {1e3 * numpy:.0f} ms, OpenBLAS on one thread",
        ),
        Row(f"cold start, predictor and first answer, {name}, CPU", ours, "ms", 60.0, checks),
        Row(f"peak memory, {name}", memory, "MB", MEMORY_BAR, f"NumPy alone {bare:.0f} MB"),
    ]


def golden_run(name: str) -> Row:
    """The golden run in its child process, as at the first start after a change: the best of several."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        probe(name, BUNDLE)
        times.append(time.perf_counter() - start)
    return Row(f"golden run in a child process, {name}", 1e3 * min(times), "ms", 250.0, f"best of {REPEATS}")


def files() -> Iterator[Row]:
    """Sizes of what ships."""
    for file in sorted(set(MODEL_FILES.values())):
        yield Row(f"five members, {file}", (BUNDLE / file).stat().st_size / 1e3, "kB", 500.0, "")


def measured() -> list[Row]:
    """All rows of the model."""
    engines = installed()
    rows = [one_row(engine) for engine in engines]
    rows += [batches(engine) for engine in engines]
    rows += answering(Predictor.load())
    for engine in engines:
        rows += [*starting(engine.name), golden_run(engine.name)]
    return rows + list(files())


if __name__ == "__main__":
    sys.exit(0 if print_table(measured()) else 1)
