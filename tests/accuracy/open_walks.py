"""The open walks: where they are, who walked, in which group they are judged, and how they reach a program."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

REPO = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("OSTEOGAIT_SHARED", REPO.parent / "shared"))
GAIT = SHARED / "data" / "gait"
UNKNOWN_HEIGHT_M = 1.70
SAME_WALK = frozenset({"semio_healthy1", "ipol1_s09_t4"})
"""Second copies of a walk (other event software; stored twice): scored in no group."""


@dataclass(frozen=True, slots=True)
class OpenWalk:
    """One recording: its file, the reference with all that the scorer wants, the person, and samples lost."""

    path: Path
    meta: dict[str, Any]
    gaps: tuple[tuple[int, int], ...]

    @property
    def name(self) -> str:
        """Name of the recording."""
        return self.path.stem

    @property
    def person(self) -> str:
        """Who walked, over all sets."""
        return str(self.meta["participant_id"])

    @property
    def height_m(self) -> float | None:
        """Body height, None where it is not known."""
        height = self.meta["participant"].get("height_m")
        return None if height is None else float(height)

    @property
    def slow(self) -> bool:
        """True for people whose walking is impaired by disease."""
        return not str(self.meta["cohort"]).startswith("healthy")


def load_script(path: Path) -> ModuleType:
    """A Python file as a module: tests and shared tools are no packages."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def open_walks() -> list[OpenWalk]:
    """Every open recording in the order of its name; ends with a sentence where the folder is missing."""
    if not GAIT.is_dir():
        raise SystemExit(
            f"The open recordings are not in {SHARED}: set OSTEOGAIT_SHARED to the folder that holds data/gait."
        )
    lost: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with (GAIT / "timeline_gaps.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["stream"] == "lowback":
                lost[row["recording_id"]].append((int(row["row"]), int(row["lost"])))
    walks = []
    for path in sorted(GAIT.glob("*.npz")):
        meta = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        walks.append(OpenWalk(path, meta | {"_folder": GAIT}, tuple(lost[path.stem])))
    return walks


def stored_for_station(walk: OpenWalk, folder: Path) -> Path:
    """The recording as a station would keep it: the samples, and beside them height and lost packets."""
    kept = folder / walk.path.name
    kept.symlink_to(walk.path)
    beside = {"height_m": walk.height_m, "gaps": [list(gap) for gap in walk.gaps]}
    kept.with_suffix(".json").write_text(json.dumps(beside), encoding="utf-8")
    return kept
