"""Whether another program is writing a recording just now, so that nobody takes it for one that was cut off."""

from __future__ import annotations

import fcntl
from pathlib import Path

SHARED_FIRST, SHARED_SIZE = 0x40000002, 510
"""Where a program that has an SQLite database in WAL mode open holds a lock (https://sqlite.org/fileformat2.html#lockbyte);
the system takes it away with the program, however that ends."""


def in_progress(path: Path) -> bool:
    """True while another program has the recording open. Not for a file that this program itself has open."""
    try:
        with path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
