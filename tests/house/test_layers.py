"""Who may import whom: the contracts of pyproject.toml hold, and the ones inside a package too."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

OSTEOGAIT = [
    {
        "cli",
        "cli_backup",
        "cli_doctor",
        "cli_model",
        "cli_options",
        "cli_people",
        "cli_sensors",
        "cli_station",
        "cli_usage",
        "__main__",
        "console",
        "demo",
        "doctor",
        "selftest",
        "sensors",
        "web",
    },
    {"screening"},
    {"assessment", "acquire", "captures", "report"},
    {"clinic", "storage"},
    {"radio"},
    {"devices"},
    {"model"},
    {"config", "errors", "words", "reasons", "folding", "examples"},
]
OUTSIDE = {
    "bleak": {"osteogait.radio"},
    "onnxruntime": {"osteofusion.engines"},
    "sqlalchemy": {"osteogait.storage"},
}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _modules(repo: Path) -> dict[str, Path]:
    roots = {"edge": "osteogait", "signal": "gaitsignal", "models": "osteofusion"}
    return {
        ".".join(path.relative_to(repo / root).with_suffix("").parts): path
        for root, package in roots.items()
        for path in (repo / root / package).rglob("*.py")
    }


def test_import_contracts(repo: Path) -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=repo, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_rooms_of_the_app_import_downwards_only(repo: Path) -> None:
    level = {room: height for height, rooms in enumerate(OSTEOGAIT) for room in rooms}
    wrong = []
    for name, path in _modules(repo).items():
        parts = name.split(".")
        if parts[0] != "osteogait" or len(parts) < 2 or parts[1] == "__init__":
            continue
        assert parts[1] in level, f"{name}: a new part needs a place in this test"
        for target in _imports(path):
            other = target.split(".")
            if other[0] == "osteogait" and len(other) > 1 and level[other[1]] < level[parts[1]]:
                wrong.append(f"{name} -> {target}")
    assert not wrong


@pytest.mark.parametrize("library", OUTSIDE)
def test_one_room_imports_a_border_library(repo: Path, library: str) -> None:
    users = {
        name
        for name, path in _modules(repo).items()
        if any(t.split(".")[0] == library for t in _imports(path))
    }
    allowed = OUTSIDE[library]
    assert all(any(user.startswith(room) for room in allowed) for user in users), users


def test_nothing_imports_the_lab(repo: Path) -> None:
    users = {
        name
        for name, path in _modules(repo).items()
        if any(t.startswith("osteofusion.lab") for t in _imports(path))
    }
    assert all(user.startswith("osteofusion.lab") for user in users), users
