"""What the documents promise exists: commands, files, and the words on what this is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from osteogait.cli import app
from osteogait.words import sentence

REPO = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    str(path.relative_to(REPO))
    for pattern in ("*.md", "docs/**/*.md", "models/osteofusion/bundle/*.md")
    for path in REPO.glob(pattern)
)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def _anchors(document: Path) -> set[str]:
    """The anchors of its headings, as forges make them: lower case, no punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    document = REPO / name
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_every_document_is_listed() -> None:
    index = REPO / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in LINK.findall(index.read_text(encoding="utf-8"))}
    assert not [
        name for name in DOCUMENTS if name.startswith("docs/") and (REPO / name) not in listed | {index}
    ]


def test_decisions_are_numbered_without_gaps() -> None:
    pages = sorted((REPO / "docs" / "decisions").glob("*.md"))
    for number, page in enumerate(pages, start=1):
        assert page.name.startswith(f"{number:04d}-")
        assert page.read_text(encoding="utf-8").startswith(f"# {number}. ")


def test_every_command_of_the_readme_exists(repo: Path) -> None:
    text = (repo / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^osteogait ([a-z-]+)", text, flags=re.MULTILINE))
    assert {"measure", "assess", "assess-table", "model"} <= named
    assert named <= set(get_command(app).commands)


def _all_commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its whole name, those of groups included."""
    for name, command in group.commands.items():
        yield f"{above}{name}", command
        if hasattr(command, "commands"):
            yield from _all_commands(command, f"{above}{name} ")


def test_every_command_and_option_explains_itself() -> None:
    found = dict(_all_commands(get_command(app)))
    assert "sensors record" in found
    for name, command in found.items():
        assert command.help, name
        for parameter in command.params:
            described = getattr(parameter, "help", None)
            assert described or parameter.name == "help", f"{name} {parameter.name}"


def test_make_targets_of_the_documents_exist(repo: Path) -> None:
    makefile = (repo / "Makefile").read_text(encoding="utf-8")
    text = "".join((repo / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    for target in set(re.findall(r"(?:^|`)make ([a-z-]+)", text, flags=re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_the_readme_says_what_this_is_not(repo: Path) -> None:
    text = (repo / "README.md").read_text(encoding="utf-8")
    assert "osteogait is research software. It is not a medical device" in " ".join(text.split())
    assert "not a medical device" in sentence("notice", "en", {})
