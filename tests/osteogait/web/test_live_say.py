"""Spoken words: of every test in both languages where something can speak, nothing and no error elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from visitors import Visitors

from osteogait.clinic.roles import Role
from osteogait.screening.battery import all_tests
from osteogait.web.language import translations
from osteogait.web.live import say

STANDIN = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = "-w" ] && out="$2"; [ "$1" = "-v" ] && voice="$2"; shift; done
echo once >> "$(dirname "$0")/asked"
{ printf 'RIFF%s ' "$voice"; cat; } > "$out"
"""


@pytest.fixture
def speaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for espeak-ng: writes the voice and the words into the file."""
    program = tmp_path / "bin" / say.PROGRAM
    program.parent.mkdir()
    program.write_text(STANDIN, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return program.parent / "asked"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_test_is_spoken_in_its_language(visitors: Visitors, speaker: Path, lang: str) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    for name, words in [(item.id, item.say) for item in all_tests()] + [("done", say.DONE)]:
        answer = visitor.get(f"/live/say/{lang}/{name}.wav")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.content.decode() == f"RIFF{say.VOICES[lang]} {translations(lang).gettext(words)}"
    assert speaker.exists()


def test_what_was_spoken_once_is_kept(visitors: Visitors, speaker: Path) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    first, second = (visitor.get("/live/say/zh/walk.wav").content for _ in range(2))
    assert first == second
    assert speaker.read_text() == "once\n"


@pytest.mark.parametrize("path", ["fr/walk", "en/jump", "en/..%2f..%2fetc"])
def test_nothing_else_is_spoken(visitors: Visitors, speaker: Path, path: str) -> None:
    assert visitors.signed_in(Role.THERAPIST).get(f"/live/say/{path}.wav").status_code == 404
    assert not speaker.exists()


def test_without_a_voice_the_browser_is_left_to_speak(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visitor.get("/live/say/en/walk.wav").status_code == 404


def test_a_voice_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    false = shutil.which("false")
    assert false is not None
    monkeypatch.setattr(say, "which", lambda _: false)
    assert say.said(tmp_path / "speech", "en", "words") is None
    assert not list((tmp_path / "speech").iterdir())


def test_guests_hear_it_strangers_do_not(visitors: Visitors, known: Any, speaker: Path) -> None:
    visitors.account(Role.OWNER)
    assert visitors.guest(known.person, known.visit).get("/live/say/en/walk.wav").status_code == 200
    assert "/sign-in" in str(visitors.stranger().get("/live/say/en/walk.wav").url)


@pytest.mark.skipif(shutil.which(say.PROGRAM) is None, reason="espeak-ng is not installed")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_real_voice_speaks(tmp_path: Path, lang: str) -> None:
    sound = say.said(tmp_path / "speech", lang, translations(lang).gettext(say.DONE))
    assert sound is not None
    assert sound[:4] == b"RIFF"
    assert len(sound) > 10_000
