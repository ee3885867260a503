"""The golden run: an engine is believed only after it reproduced the golden vectors, first in a child
process.

A wrong wheel can die by a signal or hang while it is imported or run, which no `except` catches; in a child
that is a verdict like any other.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from osteofusion.encode import GRID
from osteofusion.engines.base import Engine, open_engine
from osteofusion.errors import BundleError, EngineError
from osteofusion.heads import WIDTH, probabilities

GOLDEN_FILE = "golden.json"
LOGIT_TOLERANCE = 1e-4
PROBABILITY_TOLERANCE = 1e-4
CHILD_TIMEOUT_S = 120.0  # an emulated Raspberry Pi needs many seconds to import the runtime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of the golden run of one engine: `reason` is empty when it passed."""

    engine: str
    version: str
    passed: bool
    reason: str
    vectors: int
    largest_logit_difference: float


@dataclass(frozen=True, slots=True)
class Golden:
    """Inputs (v, 2F) on the grid, expected logits (v, members, 32), probabilities (v, 4) of the mean."""

    x: np.ndarray
    logits: np.ndarray
    probabilities: np.ndarray


def read_golden(bundle: Path) -> Golden:
    """The golden vectors of `bundle`; BundleError when they are missing or not understood."""
    path = bundle / GOLDEN_FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        steps = np.array([vector["x"] for vector in content["vectors"]], np.float32)
        logits = np.array([vector["logits"] for vector in content["vectors"]], np.float64)
        chances = np.array([vector["probabilities"] for vector in content["vectors"]], np.float64)
    except FileNotFoundError as error:
        raise BundleError("bundle_file_missing", path=path.name) from error
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError("bundle_not_understood", path=path.name, reason=repr(error)) from error
    return Golden(steps * np.float32(GRID), logits.reshape(len(steps), -1, WIDTH), chances)


def verify(engine: Engine, golden: Golden) -> Verdict:
    """Golden run in this process: all vectors at once and one by one, head math included."""
    if engine.width != golden.x.shape[1] or engine.members != golden.logits.shape[1]:
        found, wanted = (engine.width, engine.members), (golden.x.shape[1], golden.logits.shape[1])
        return Verdict(
            engine.name, engine.version, False, f"shape {found}, golden {wanted}", len(golden.x), np.inf
        )
    batch = engine.run(golden.x)
    single = np.concatenate([engine.run(row[None, :]) for row in golden.x])
    worst = float(np.abs(batch.astype(np.float64).reshape(golden.logits.shape) - golden.logits).max())
    reason = _complaint(batch, single, worst, golden)
    return Verdict(engine.name, engine.version, not reason, reason, len(golden.x), worst)


def _complaint(batch: np.ndarray, single: np.ndarray, worst: float, golden: Golden) -> str:
    """What is wrong with the logits of an engine; empty when nothing is."""
    if not (np.isfinite(batch).all() and np.isfinite(single).all()):
        return "logits are not finite"
    if worst > LOGIT_TOLERANCE:
        return f"logits differ by {worst:.3g}"
    if np.abs(batch - single).max() > LOGIT_TOLERANCE:
        return "one row alone differs from the same row in a batch"
    chances = probabilities(batch.reshape(golden.logits.shape)).mean(axis=1)
    return (
        "probabilities differ" if np.abs(chances - golden.probabilities).max() > PROBABILITY_TOLERANCE else ""
    )


def probe(name: str, bundle: Path, timeout_s: float = CHILD_TIMEOUT_S) -> Verdict:
    """Golden run in a child process: a crash, a signal or a hang is a verdict, not a crash of the caller."""
    command = [sys.executable, "-m", "osteofusion.engines.probe", name, str(bundle)]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return _failed(name, f"no answer within {timeout_s:g} s")
    if child.returncode < 0:
        return _failed(name, f"killed by signal {-child.returncode}")
    try:
        return Verdict(**json.loads(child.stdout))
    except (TypeError, ValueError):
        last = child.stderr.strip().splitlines()[-1:] or [f"exit code {child.returncode}"]
        return _failed(name, last[0])


def require(name: str, bundle: Path) -> Verdict:
    """`probe`, with EngineError when the engine did not pass."""
    verdict = probe(name, bundle)
    if not verdict.passed:
        raise EngineError("engine_failed", engine=name, reason=verdict.reason)
    return verdict


def _failed(name: str, reason: str) -> Verdict:
    return Verdict(name, "", False, reason, 0, -1.0)


def _child(name: str, bundle: Path) -> str:
    from dataclasses import asdict

    return json.dumps(asdict(verify(open_engine(name, bundle), read_golden(bundle))))


if __name__ == "__main__":
    sys.stdout.write(_child(sys.argv[1], Path(sys.argv[2])))
