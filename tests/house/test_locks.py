"""Locks are pinned, hashed and free of addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SUFFIXES = {".py", ".md", ".yaml", ".toml", ".txt", ".j2", ".json", ""}


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


def test_no_path_of_a_machine_in_the_tree(repo: Path) -> None:
    folders = ("edge", "signal", "models", "tests", "deploy", "docs", "requirements")
    pattern = re.compile(r"(?<![\w.])/(?:r[o]ot|h[o]me/\w+|w[o]rk|t[m]p)/\w")
    texts = [p for name in folders for p in (repo / name).rglob("*") if p.suffix in SUFFIXES and p.is_file()]
    assert len(texts) > 100
    assert not [p for p in texts if pattern.search(p.read_text(encoding="utf-8", errors="ignore"))]
