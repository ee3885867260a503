"""The science imports downwards only, and no heavy library on the way."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

LAYERS = [
    {"pipeline", "live"},
    {"protocols"},
    {"synthetic", "change", "norms"},
    {"measures"},
    {"events"},
    {"quality"},
    {"orientation", "attitude", "stillness", "bridging", "readers"},
    {"filters", "spectrum", "peaks"},
    {"worn_site"},
    {"recording", "frames"},
    {"result"},
    {"scoring"},
    {"errors", "words", "trial"},
    {"yaml_text"},
]


def targets(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.module.split(".")[1]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("gaitsignal.")
    }


def test_rooms_import_downwards_only(repo: Path) -> None:
    height = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
    package = repo / "signal" / "gaitsignal"
    wrong = []
    for path in package.rglob("*.py"):
        room = path.relative_to(package).with_suffix("").parts[0]
        if room == "__init__":
            continue
        assert room in height, f"{room}: a new part needs a place in this test"
        wrong += [f"{path.name} -> {target}" for target in targets(path) if height[target] < height[room]]
    assert not wrong


def test_importing_the_science_is_light() -> None:
    code = (
        "import sys, gaitsignal.pipeline, gaitsignal.readers, gaitsignal.measures.catalogue\n"
        "import gaitsignal.protocols.walk\n"
        "sys.exit('scipy' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
