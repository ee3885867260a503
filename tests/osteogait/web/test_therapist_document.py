"""The quick starts of the physiotherapist name buttons as they stand on the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

QUOTED = {"zh": re.compile(r"“([^”]+)”"), "en": re.compile(r"\*([^*]+)\*")}
HEADINGS = {"zh": set(), "en": {"Stands", "Walking 4 metres", "Standing up", "STEADI", "SPPB", "Short"}}
"""Of the document itself, or the beginning of a title."""


def _said(repo: Path, lang: str) -> set[str]:
    folder = {"zh": "zh_Hans", "en": "en"}[lang]
    said: set[str] = set()
    for domain in ("therapist", "live", "frame"):
        path = repo / f"edge/osteogait/web/locale/{folder}/LC_MESSAGES/{domain}.po"
        with path.open("rb") as file:
            said |= {str(message.string) for message in read_po(file) if message.id}
    return said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_name_of_a_button_is_the_one_on_the_screen(repo: Path, lang: str) -> None:
    text = (repo / f"docs/station/therapist.{lang}.md").read_text(encoding="utf-8").replace("**", "")
    text = re.sub(r"\n\s*", " " if lang == "en" else "", text)
    named = {found.strip() for found in QUOTED[lang].findall(text)} - HEADINGS[lang]
    assert len(named) > 8
    assert named - _said(repo, lang) == set()
