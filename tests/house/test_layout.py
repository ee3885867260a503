"""The three source roots stay plain, so that the standard library stays itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOTS = {"edge": "osteogait", "signal": "gaitsignal", "models": "osteofusion"}


@pytest.mark.parametrize("root", ROOTS)
def test_a_source_root_holds_one_package_and_nothing_else(repo: Path, root: str) -> None:
    inside = {item.name for item in (repo / root).iterdir() if item.name != "__pycache__"}
    assert inside == {ROOTS[root]}
    assert (repo / root / ROOTS[root] / "py.typed").is_file()


def test_no_init_in_a_source_root_or_in_the_tests(repo: Path) -> None:
    strays = [repo / root / "__init__.py" for root in ROOTS if (repo / root / "__init__.py").exists()]
    assert not strays + list((repo / "tests").rglob("__init__.py"))


def test_no_module_hides_the_standard_library(repo: Path) -> None:
    names = [path for root in ROOTS for path in (repo / root).rglob("*.py")]
    assert names
    assert not [path for path in names if path.stem in sys.stdlib_module_names and path.stem != "__main__"]


def test_test_modules_have_unique_names(repo: Path) -> None:
    names = [path.name for path in (repo / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("folder", [".", *ROOTS, "tests", "deploy"])
def test_a_child_started_in_a_top_folder_sees_the_standard_library(repo: Path, folder: str) -> None:
    code = (
        "import signal, asyncio, subprocess, sysconfig, pathlib;"
        "home = pathlib.Path(sysconfig.get_path('stdlib')).resolve();"
        "assert all(home in pathlib.Path(m.__file__).resolve().parents for m in (signal, asyncio, subprocess))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=repo / folder, check=True)
    subprocess.run(
        [sys.executable, "-m", "asyncio", "--help"], cwd=repo / folder, check=False, capture_output=True
    )
