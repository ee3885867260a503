"""The golden run: an engine is believed only after it reproduced the golden vectors, first in a child process.

A wrong wheel can die by a signal or hang while it is imported or run, which no `except` catches; in a child that is a
verdict like any other.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from osteofusion.engines.base import Engine, open_engine
from osteofusion.engines.golden import Golden, read_golden
from osteofusion.errors import EngineError, FusionError
from osteofusion.heads import probabilities

LOGIT_TOLERANCE = 1e-4
PROBABILITY_TOLERANCE = 1e-4
CHILD_TIMEOUT_S = 120.0  # an emulated Raspberry Pi needs many seconds to import a runtime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of the golden run of one engine: `reason` is empty when it passed.

    `answered` tells a run that came to its end, whatever it found, from one that crashed, hung or never began: only
    the former would come out the same again.
    """

    engine: str
    version: str
    passed: bool
    reason: str
    vectors: int
    largest_logit_difference: float
    answered: bool = True


def verify(engine: Engine, golden: Golden) -> Verdict:
    """Golden run in this process: all vectors at once and one by one, head math included."""
    if engine.width != golden.x.shape[1] or engine.members != golden.logits[engine.oracle].shape[1]:
        found, wanted = (
            (engine.width, engine.members),
            (golden.x.shape[1], golden.logits[engine.oracle].shape[1]),
        )
        return Verdict(
            engine.name, engine.version, False, f"shape {found}, golden {wanted}", len(golden.x), np.inf
        )
    batch = engine.run(golden.x)
    single = np.concatenate([engine.run(row[None, :]) for row in golden.x])
    expected = golden.logits[engine.oracle]
    worst = float(np.abs(batch.astype(np.float64).reshape(expected.shape) - expected).max())
    reason = _complaint(batch, single, worst, golden, engine.oracle)
    return Verdict(engine.name, engine.version, not reason, reason, len(golden.x), worst)


def _complaint(batch: np.ndarray, single: np.ndarray, worst: float, golden: Golden, rule: str) -> str:
    """What is wrong with the logits of an engine; empty when nothing is."""
    if not (np.isfinite(batch).all() and np.isfinite(single).all()):
        return "logits are not finite"
    if worst > LOGIT_TOLERANCE:
        return f"logits differ by {worst:.3g}"
    if np.abs(batch - single).max() > LOGIT_TOLERANCE:
        return "one row alone differs from the same row in a batch"
    if _apart(golden.logits["A"], golden.probabilities):
        return "the head arithmetic of this machine gives other probabilities"
    expected = golden.logits[rule]
    chances = golden.probabilities if rule == "A" else probabilities(expected).mean(axis=1)
    return "probabilities differ" if _apart(batch.reshape(expected.shape), chances) else ""


def _apart(logits: np.ndarray, chances: np.ndarray) -> bool:
    """Whether the members' mean probabilities from `logits` are not `chances`."""
    difference = np.abs(probabilities(logits).mean(axis=1) - chances)
    return not bool(difference.max() <= PROBABILITY_TOLERANCE)


def probe(name: str, bundle: Path, timeout_s: float = CHILD_TIMEOUT_S) -> Verdict:
    """Golden run in a child process: a crash, a signal or a hang is a verdict, not a crash of the caller."""
    import subprocess  # a tenth of the start-up of the model, needed only where nothing is known yet

    command = [sys.executable, "-m", "osteofusion.engines.probe", name, str(bundle)]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return failed(name, f"no answer within {timeout_s:g} s")
    except OSError as error:
        return failed(name, error.strerror or str(error))
    if child.returncode < 0:
        return failed(name, f"killed by signal {-child.returncode}")
    try:
        return Verdict(**json.loads(child.stdout))
    except (TypeError, ValueError):
        last = child.stderr.strip().splitlines()[-1:] or [f"exit code {child.returncode}"]
        return failed(name, last[0])


def require(name: str, bundle: Path) -> Verdict:
    """`probe`, with EngineError when the engine did not pass."""
    verdict = probe(name, bundle)
    if not verdict.passed:
        raise EngineError("engine_failed", engine=name, reason=verdict.reason)
    return verdict


def failed(name: str, reason: str) -> Verdict:
    """The verdict on an engine whose golden run did not come to its end."""
    return Verdict(name, "", False, reason, 0, -1.0, answered=False)


def _child(name: str, bundle: Path) -> str:
    try:
        verdict = verify(open_engine(name, bundle), read_golden(bundle))
    except FusionError as error:
        verdict = failed(name, error.message("en"))
    return json.dumps(asdict(verdict))


if __name__ == "__main__":
    sys.stdout.write(_child(sys.argv[1], Path(sys.argv[2])))
