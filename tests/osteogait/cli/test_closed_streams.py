"""Streams that whoever started the command had closed, and Ctrl-C before the command line is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest


def _in_shell(words: str, closed: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OSTEOGAIT_LANG": "en"}
    command = ["bash", "-c", f"{sys.executable} -m osteogait {words} {closed}"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("words", ["--version", "model show", "selftest"])
def test_an_answer_that_nobody_can_hear_is_no_success(words: str) -> None:
    done = _in_shell(words, ">&-")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_closed_standard_input_is_an_empty_one() -> None:
    done = _in_shell("sensors decode", "<&-")
    assert done.returncode == 2
    assert "Nothing to decode" in done.stderr


def test_a_closed_standard_error_changes_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "walk.csv").touch()
    done = _in_shell(f"measure {tmp_path}/walk.csv --protocol walk --json", "2>&-")
    assert done.returncode == 3
    assert "file_empty" in done.stdout


def test_no_file_is_opened_under_the_number_of_a_closed_stream() -> None:
    code = (
        "import os, sys, osteogait.__main__ as command; command._fill_streams();"
        "print(os.open(os.devnull, os.O_RDONLY) > 2, file=sys.stderr)"
    )
    command = ["bash", "-c", f"{sys.executable} -c '{code}' <&- >&-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "True"


def test_ctrl_c_while_the_command_line_is_loaded_says_nothing() -> None:
    code = (
        "import os, signal, sys\n"
        "import osteogait.__main__ as command\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell may have switched it off
        "command._run = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.argv = ['osteogait', 'model', 'show']\n"
        "command.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")
