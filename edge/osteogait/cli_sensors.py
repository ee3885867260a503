"""`osteogait sensors`: what sensors sent, read back from captured bytes."""

from __future__ import annotations

import sys

import typer

from osteogait.cli_options import Lang, language, print_json
from osteogait.errors import UsageError

sensors_app = typer.Typer(help="Sensors on the body.", no_args_is_help=True)


@sensors_app.callback()
def sensors() -> None:
    """Sensors on the body."""


@sensors_app.command()
def decode(lang: Lang = "") -> None:
    """Decode captured packets: one JSON object a line on standard input, one line of values or `error` each."""
    from osteogait.captures.decode import decode_line

    chosen, lines = language(lang), 0
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        if line.strip():
            print_json(decode_line(line, chosen))
            lines += 1
    if not lines:
        raise UsageError("capture_nothing")
