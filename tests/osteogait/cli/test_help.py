"""What the command line says of itself."""

from __future__ import annotations

import subprocess
import sys

from typer.testing import CliRunner

from gaitsignal.pipeline import PROTOCOLS
from osteogait.cli import app


def test_the_help_of_measure_names_every_protocol() -> None:
    said = CliRunner().invoke(app, ["measure", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).stdout
    assert all(protocol in said for protocol in PROTOCOLS)


def test_the_command_line_starts_without_the_science() -> None:
    code = "import sys, osteogait.cli; print(sorted({'numpy', 'scipy', 'gaitsignal'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
