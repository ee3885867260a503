"""What the app says on standard error: where something broke, never what was in it.

The message of an exception may hold a name, a row of the store or a field of a form; so of an exception only its kind
and the lines of code are written, and of a message from another package only its first line.
"""

from __future__ import annotations

import logging
import resource
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

OURS = "osteogait"
LOGGER = "osteogait.web"


class Quiet(logging.Formatter):
    """Level, logger and message in one line; exceptions without their words."""

    def format(self, record: logging.LogRecord) -> str:
        """Of other packages the message as its author wrote it, without what was filled in."""
        said = record.getMessage() if record.name.split(".")[0] == OURS else str(record.msg)
        line = f"{record.levelname} {record.name}: {said.partition(chr(10))[0]}"
        if record.exc_info and record.exc_info[0] is not None:
            line += f"\n{where(record.exc_info[0], record.exc_info[2])}"
        return line


def where(kind: type[BaseException], trace: TracebackType | None) -> str:
    """The kind of an exception and the lines that led to it."""
    steps = [
        f"  {Path(one.filename).name}:{one.lineno} {one.name}"
        for one in traceback.extract_tb(trace, limit=-12)
    ]
    return "\n".join([f"{kind.__module__}.{kind.__qualname__}", *steps])


def quiet() -> None:
    """From now on everything that is logged or breaks in this process is written that way, and no core is dumped."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core holds names and keys
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Quiet())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logger = logging.getLogger(LOGGER)

    def in_thread(broken: Any) -> None:
        logger.error("a thread broke", exc_info=(broken.exc_type, broken.exc_value, broken.exc_traceback))

    threading.excepthook = in_thread
