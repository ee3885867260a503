"""Drives the real recorder and says `ACK n` the moment n entries are durable; run under a tracer.

Arguments: the recording file, and what is broken on purpose: `none`, `sync` (no sync at
all), or `normal` (SQLite's own default for this journal: a sync only now and then).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from osteogait.acquire import recorder as module
from osteogait.acquire.recorder import Recorder
from osteogait.errors import StoreError
from osteogait.radio.entry import Entry, Kind

ENTRIES, BURST = 60, 6
"""Several entries a commit: a commit that is torn in the middle must not pass."""


def entry(number: int) -> Entry:
    """The entry of that number: its bytes are a function of it."""
    value = number.to_bytes(4, "little") * 19
    return Entry(1_000_000 + number, Kind.NOTIFY, f"characteristic-{number % 3}", value)


def main() -> None:
    path, broken = Path(sys.argv[1]), sys.argv[2]
    module.FLUSH_S = 0.01
    if broken == "sync":
        module.PRAGMAS = (*module.PRAGMAS, "PRAGMA synchronous=OFF")
        module._sync_folder = lambda _: None
    if broken == "normal":
        module.PRAGMAS = (*module.PRAGMAS, "PRAGMA synchronous=NORMAL")
    try:
        _record(path)
    except StoreError as error:
        _say(f"TOLD {error.code}")
        _say(error.message("zh"))
    os._exit(0)


def _record(path: Path) -> None:
    recorder = Recorder(path, {"sensor": "OG-0001"})
    recorder.wait_ready()
    _say("READY")
    for number in range(ENTRIES):
        recorder.put(entry(number))
        if number % BURST == BURST - 1:
            while recorder.durable <= number:
                recorder.check()
                time.sleep(0.002)
            _say(f"ACK {recorder.durable}")
    recorder.close({"received": ENTRIES})
    _say("CLOSED")


def _say(word: str) -> None:
    os.write(1, f"{word}\n".encode())


if __name__ == "__main__":
    main()
