"""The Debian packages of the emulated machine: fetched and unpacked below build/vm, nothing of them is installed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

GROUP = "vm"
NEEDED = "the truth tier needs x86-64 Debian with apt: "


class CannotRun(Exception):
    """Why the truth tier cannot run here."""


def names(listing: Path) -> list[str]:
    """The packages of the group in deploy/debian-packages."""
    rows = (line.split() for line in listing.read_text(encoding="utf-8").splitlines())
    return [row[1] for row in rows if row and row[0] == GROUP]


def unpacked(packages: list[str], folder: Path) -> Path:
    """The root of the unpacked packages and of what they depend on; CannotRun with the reason.

    Neither needs rights: apt keeps its lists and archives in `folder`, dpkg-deb only extracts.
    """
    root, done = folder / "root", folder / "unpacked"
    wanted = " ".join(packages)
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return root
    _refuse_other_systems()
    archives, lists = folder / "debs", folder / "lists"
    for made in (archives / "partial", lists / "partial"):
        made.mkdir(parents=True, exist_ok=True)
    own = {
        "Debug::NoLocking": "1",
        "Dir::State::lists": lists,
        "Dir::Cache": folder,
        "Dir::Cache::archives": archives,
    }
    options = [f"-o{key}={value}" for key, value in own.items()]
    _apt("update", *options)
    _apt("install", "--yes", "--no-install-recommends", "--download-only", *options, *packages)
    shutil.rmtree(root, ignore_errors=True)
    for archive in sorted(archives.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
    done.write_text(wanted, encoding="utf-8")
    return root


def _refuse_other_systems() -> None:
    if platform.machine() != "x86_64":
        raise CannotRun(NEEDED + f"this is {platform.machine()}")
    for tool in ("apt-get", "dpkg-deb", "dbus-daemon"):
        if shutil.which(tool) is None:
            raise CannotRun(NEEDED + f"{tool} is missing")


def _apt(*arguments: object) -> None:
    command = ["apt-get", "-q", *map(str, arguments)]
    told = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        last = told.stderr.strip().splitlines()[-1:] or ["no word"]
        raise CannotRun(f"apt-get {arguments[0]} failed: {last[0]}")
