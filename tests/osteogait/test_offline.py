"""The product writes nothing outside its own folders and opens no connection, its libraries included.

Seen from outside: every file and network call of the process and its children, native code included, by strace.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

CASE = "person: {age: 72, sex: female, height: 156, weight: 51}\nvalues: {fn_t: -1.8, prior_fracture: true}\n"
WRITES = re.compile(
    r"(?:openat|open|creat|mkdir|mkdirat|rename|renameat2?|unlink|unlinkat|link|symlink)\((.*)\) = (-?\d+)"
)
CREATING = re.compile(r"O_CREAT|O_WRONLY|O_RDWR|O_TRUNC|mkdir|rename")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a traced process did to files (paths opened for writing) and to the network (raw lines)."""

    written: list[str]
    connections: list[str]


@pytest.fixture(scope="module")
def strace() -> str:
    found = shutil.which("strace")
    if found is None:
        if os.environ.get("OSTEOGAIT_REALDATA") == "required":
            pytest.fail("strace is required here (Debian package strace)")
        pytest.skip("strace is not installed (Debian package strace)")
    return found


def watch(strace: str, folder: Path, code: list[str], env: dict[str, str]) -> Seen:
    log = folder / "trace.log"
    command = [
        strace,
        "-f",
        "-qq",
        "-s",
        "400",
        "-e",
        "trace=%file,%network",
        "-o",
        str(log),
        sys.executable,
        *code,
    ]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    log.unlink()
    connections = [line for line in lines if re.search(r"AF_INET6?\b", line)]
    return Seen([path for line in lines for path in _written(line)], connections)


def _written(line: str) -> list[str]:
    match = WRITES.search(line)
    if match is None or int(match.group(2)) < 0 or not CREATING.search(line):
        return []
    return re.findall(r'"((?:[^"\\]|\\.)*)"', match.group(1))


@pytest.fixture
def clean_env(tmp_path: Path) -> dict[str, str]:
    """An empty home and none of the variables that would move things elsewhere."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {**kept, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(tmp_path)}


def _outside(written: list[str], allowed: tuple[Path, ...]) -> list[str]:
    roots = tuple(str(path) for path in allowed)
    return [p for p in written if p.startswith("/") and not p.startswith((*roots, "/dev/", "/proc/self"))]


OWN = ".local/share/osteogait/engine-verdicts.json"


@pytest.mark.parametrize("command", ["assess", "selftest", "model"])
def test_nothing_is_written_elsewhere_and_no_connection_is_opened(
    strace: str, tmp_path: Path, clean_env: dict[str, str], command: str
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "case.yaml").write_text(CASE, encoding="utf-8")
    words = {
        "assess": ["assess", "case.yaml", "--json"],
        "selftest": ["selftest"],
        "model": ["model", "verify"],
    }
    seen = watch(strace, work, ["-m", "osteogait", *words[command]], clean_env)
    assert seen.connections == []
    assert _outside(seen.written, (work, tmp_path)) == []
    left = {
        str(path.relative_to(tmp_path / "home")) for path in (tmp_path / "home").rglob("*") if path.is_file()
    }
    assert left <= {OWN}  # the verdict on the engines, in the app's own data folder


def test_the_watch_sees_what_it_is_for(strace: str, tmp_path: Path, clean_env: dict[str, str]) -> None:
    code = "import socket, pathlib; pathlib.Path.home().joinpath('x').write_text('1'); s = socket.socket(); s.close()"
    seen = watch(strace, tmp_path, ["-c", code], clean_env)
    assert any(path.endswith("home/x") for path in seen.written)
    assert seen.connections
