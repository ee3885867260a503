"""`python -m osteogait` and the `osteogait` command: one place where errors become words and exit codes."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; never returns."""
    _fill_streams()
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before anything can import onnxruntime
    # NumPy's import starts a thread a core that spins 0.1 s; its products here are too small to be shared out
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        sys.exit(_version() if sys.argv[1:] == ["--version"] else _run())
    except KeyboardInterrupt:  # while the command line itself is being loaded
        sys.exit(130)


def _run() -> int:
    from osteogait.cli import run

    return run()


def _version() -> int:
    """Answered before any library is loaded."""
    from importlib.metadata import version

    try:
        sys.stdout.write(f"osteogait {version('osteogait')}\n")
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter tries it again
        return 1
    return 0


def _fill_streams() -> None:
    """A stream that was closed by whoever started us is empty, or refuses what is written, and its number is taken.

    Else the next file or socket would get that number, and words for the terminal would land in it.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


if __name__ == "__main__":
    main()
