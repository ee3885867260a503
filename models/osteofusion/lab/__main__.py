"""python -m osteofusion.lab train --cohort DIR --out BUNDLE."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Train a bundle and print what was found on the way."""
    parser = argparse.ArgumentParser(prog="python -m osteofusion.lab")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="survey tables in, model bundle out")
    train.add_argument(
        "--cohort", type=Path, required=True, metavar="DIR", help="folder with the survey tables"
    )
    train.add_argument(
        "--out", type=Path, required=True, metavar="BUNDLE", help="bundle folder, with features.yaml"
    )
    train.add_argument("--steps", type=int, default=None, help="training steps of a member (for trials)")
    train.add_argument("--seed", type=int, default=None)
    given = parser.parse_args(arguments)
    os.environ.setdefault("JAX_PLATFORMS", "cpu")

    from osteofusion.lab.build import train_bundle
    from osteofusion.lab.train import Plan

    changes = {name: value for name in ("steps", "seed") if (value := getattr(given, name)) is not None}
    started = time.monotonic()
    train_bundle(given.cohort, given.out, Plan(**changes), lambda line: print(line, flush=True))  # noqa: T201
    print(f"{time.monotonic() - started:.0f} s")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
