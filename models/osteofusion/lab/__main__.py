"""Training, a command a stage: cohort, train, rehearse, quantize, evaluate; `osteogait model sign` comes after."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteofusion.lab.train import Plan

SEED = 7
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Say = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one stage, printing what it does; exit code 1 when the stage refuses its own result."""
    given = _parser().parse_args(arguments)
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    for name in ONE_THREAD:  # sums in one order on every machine: the second run gives the same bytes
        os.environ[name] = "1"
    started = time.monotonic()
    code: int = given.stage(given, _say)
    _say(f"{given.command}: {time.monotonic() - started:.0f} s")
    return code


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the stages tell their progress on the terminal


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m osteofusion.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def stage(name: str, run: Callable[[argparse.Namespace, Say], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text)
        command.set_defaults(stage=run)
        command.add_argument("--work", type=Path, required=True, metavar="WORK", help="folder of the stages")
        return command

    cohort = stage("cohort", _cohort, "survey tables -> cohort, checked against its published anchors")
    cohort.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder with the survey tables"
    )
    cohort.add_argument("--report", type=Path, default=None, metavar="FILE", help="report to write")
    for name, run, text in (
        ("train", _train, "cohort -> five calibrated float members"),
        ("rehearse", _rehearse, "the same training without some people, who are then answered"),
    ):
        command = stage(name, run, text)
        command.add_argument(
            "--steps", type=int, default=None, help="training steps of a member (for trials)"
        )
    quantize = stage("quantize", _quantize, "members -> integers, engine files and the bundle")
    quantize.add_argument("--out", type=Path, required=True, metavar="BUNDLE", help="bundle folder to write")
    evaluate = stage("evaluate", _evaluate, "out-of-fold figures -> report, pictures, model card")
    evaluate.add_argument("--bundle", type=Path, required=True, metavar="BUNDLE")
    evaluate.add_argument("--report", type=Path, required=True, metavar="FILE")
    evaluate.add_argument(
        "--evidence",
        type=Path,
        default=None,
        metavar="FILE",
        help="regression on published outputs to compare with",
    )
    return parser


def _cohort(given: argparse.Namespace, say: Say) -> int:
    from osteofusion.lab.cohort_report import cohort_stage
    from osteofusion.schema import load_schema

    return cohort_stage(given.data, given.work, given.report, load_schema(), SEED, say)


def _train(given: argparse.Namespace, say: Say) -> int:
    from osteofusion.lab.build import train_stage

    train_stage(given.work, _plan(given.steps), say)
    return 0


def _rehearse(given: argparse.Namespace, say: Say) -> int:
    from osteofusion.lab.rehearsal import rehearse_stage

    rehearse_stage(given.work, _plan(given.steps), say)
    return 0


def _quantize(given: argparse.Namespace, say: Say) -> int:
    from osteofusion.lab.build import quantize_stage

    quantize_stage(given.work, given.out, say)
    return 0


def _evaluate(given: argparse.Namespace, say: Say) -> int:
    from osteofusion.lab.evaluate import LeakSuspected, evaluate_stage

    try:
        evaluate_stage(given.work, given.bundle, given.report, say, evidence=given.evidence)
    except LeakSuspected as error:
        say(str(error))
        return 1
    return 0


def _plan(steps: int | None) -> Plan:
    from osteofusion.lab.train import Plan

    return Plan(seed=SEED) if steps is None else Plan(seed=SEED, steps=steps)


if __name__ == "__main__":
    sys.exit(main())
