"""Locks are pinned, hashed and free of addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["run", "dev", "build", "lab"])
def test_every_requirement_is_pinned_and_hashed(repo: Path, name: str) -> None:
    text = (repo / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert blocks
    for block in blocks:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+", block), block.splitlines()[0]
        assert "--hash=sha256:" in block
    assert "://" not in text
    assert "index" not in text


def test_no_address_of_a_machine_in_the_tree(repo: Path) -> None:
    pattern = re.compile(r"(/r[o]ot/|/h[o]me/[a-z])")
    tracked = [
        p
        for folder in ("edge", "signal", "models", "tests", "deploy", "docs")
        for p in (repo / folder).rglob("*")
    ]
    texts = [
        p
        for p in tracked
        if p.suffix in {".py", ".md", ".yaml", ".toml", ".txt", ".html", ".css", ""} and p.is_file()
    ]
    assert texts
    assert not [
        p
        for p in texts
        if p.name != "test_locks.py" and pattern.search(p.read_text(encoding="utf-8", errors="ignore"))
    ]
