"""Every command, option, make target and path that a document prints is there, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from osteogait.cli import app

REPO = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    str(path.relative_to(REPO))
    for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md")
    for path in REPO.glob(pattern)
)
BLOCK = re.compile(r"^```sh\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:^|(?<!-u) |[/(=])osteogait ((?=[a-z-])(?:[\w/.*:,=~+-]+ ?)+)")
MADE = re.compile(r"(?:^|&& |sudo )make ([a-z.][a-z./-]*)", flags=re.MULTILINE)
PATHS = re.compile(r"^(?:edge|signal|models|tests|deploy|docs)/[\w/.-]+$")


def _code(name: str) -> list[str]:
    """Lines of shell blocks, without their remarks, and spans of code."""
    text = (REPO / name).read_text(encoding="utf-8")
    lines = [line.partition(" #")[0] for block in BLOCK.findall(text) for line in block.splitlines()]
    return lines + SPAN.findall(BLOCK.sub("", text))


def _commands() -> list[tuple[str, str]]:
    return [
        (name, found.strip()) for name in DOCUMENTS for line in _code(name) for found in COMMAND.findall(line)
    ]


def test_the_documents_print_commands() -> None:
    assert len({words for _, words in _commands()}) > 25


@pytest.mark.parametrize(("name", "words"), sorted(set(_commands())))
def test_a_printed_command_exists_with_its_options(name: str, words: str) -> None:
    command, rest = get_command(app), words.split()
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    if not (options & {"--help"}):
        options |= {"--help", "-h"}
    assert not getattr(command, "commands", None) or not rest or rest[0].startswith("-"), (
        f"no command {words}"
    )
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in options]
    assert not unknown, f"{name}: {words}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_printed_make_targets_exist(name: str) -> None:
    makefile = (REPO / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    for line in _code(name):
        for target in MADE.findall(line):
            assert re.search(rf"^{re.escape(target)}:", makefile, flags=re.MULTILINE), (
                f"{name}: make {target}"
            )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_printed_paths_exist(name: str) -> None:
    spans = [span.split(":")[0] for span in SPAN.findall((REPO / name).read_text(encoding="utf-8"))]
    lacking = [span for span in spans if PATHS.match(span) and not (REPO / span).exists()]
    assert not lacking, f"{name}: {lacking}"
