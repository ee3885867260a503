"""The reporting checklist names every item once and leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

ITEMS = 27


def test_every_item_is_answered(repo: Path) -> None:
    text = (repo / "docs" / "tripod-ai.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+)([a-g]?) \| (.+?) \| (.+?) \|$", text, flags=re.MULTILINE)
    assert {int(number) for number, *_ in rows} == set(range(1, ITEMS + 1))
    assert len({number + letter for number, letter, *_ in rows}) == len(rows)
    assert all(len(answer) > 10 for *_, answer in rows)
    files = set(re.findall(r"\]\(([^)]+)\)", text)) | {
        f"../models/osteofusion/{name}" for name in re.findall(r"`(lab/[a-z_]+\.py)`", text)
    }
    missing = [name for name in files if not (repo / "docs" / name).exists()]
    assert not missing
