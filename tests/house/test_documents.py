"""What the documents promise exists: commands, files, and the words on what this is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from osteogait.cli import app
from osteogait.words import sentence

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/formats.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(repo: Path, name: str) -> None:
    document = repo / name
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert not [link for link in local if not (document.parent / link).exists()]


def test_every_command_of_the_readme_exists(repo: Path) -> None:
    text = (repo / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^osteogait ([a-z-]+)", text, flags=re.MULTILINE))
    assert {"measure", "assess", "assess-table", "model"} <= named
    assert named <= set(get_command(app).commands)


def test_every_command_and_option_explains_itself() -> None:
    for name, command in get_command(app).commands.items():
        assert command.help, name
        for parameter in command.params:
            described = getattr(parameter, "help", None)
            assert described or parameter.name == "help", f"{name} {parameter.name}"


def test_make_targets_of_the_readme_exist(repo: Path) -> None:
    makefile = (repo / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z-]+)", (repo / "README.md").read_text(encoding="utf-8"))):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_the_readme_says_what_this_is_not(repo: Path) -> None:
    text = (repo / "README.md").read_text(encoding="utf-8")
    assert "osteogait is research software. It is not a medical device" in " ".join(text.split())
    assert "not a medical device" in sentence("notice", "en", {})
