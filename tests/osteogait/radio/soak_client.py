"""The station's side of a soak, as a process of its own: arguments are a folder, seconds, and sensor addresses.

Every second a JSON line with resident memory in MB, open files and tasks; at the end one with what was kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from osteogait.acquire.live import LiveChannel
from osteogait.acquire.session import Session
from osteogait.radio.bluetooth import Bluetooth


def resident_mb() -> float:
    """Memory of this process as it is now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def say(value: object) -> None:
    """One JSON line for the parent."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def main(folder: Path, seconds: float, addresses: list[str]) -> None:
    """Record all sensors for `seconds`, the first one with its live measures."""
    bluetooth = Bluetooth()
    live, sessions = LiveChannel(100.0), []
    for number, address in enumerate(addresses):
        source = bluetooth.source(await bluetooth.find(address))
        heard = live.take if number == 0 else None
        sessions.append(Session(source, folder / f"{number}.ogrec", on_samples=heard))
    recording = asyncio.gather(*(session.run(seconds) for session in sessions))
    while not recording.done():
        await asyncio.sleep(1.0)
        files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counting, no paths
        say({"memory_mb": resident_mb(), "files": files, "tasks": len(asyncio.all_tasks())})
    say({"kept": [summary.to_json() for summary in await recording]})


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
