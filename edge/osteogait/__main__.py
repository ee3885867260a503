"""`python -m osteogait` and the `osteogait` command: one place where errors become words and exit codes."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; never returns."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before anything can import onnxruntime
    # NumPy's import starts a thread a core that spins 0.1 s; its products here are too small to be shared out
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.argv[1:] == ["--version"]:  # answered before any library is loaded
        from importlib.metadata import version

        sys.stdout.write(f"osteogait {version('osteogait')}\n")
        sys.exit(0)
    from osteogait.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
