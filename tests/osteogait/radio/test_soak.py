"""Four sensors for a long time, each dropped again and again: nothing uncounted, nothing that grows.

By itself 25 s with a drop of every sensor each 6 s. OSTEOGAIT_SOAK_MIN=30 is the long form: a drop every 60 s, and the
memory of the client held against its first minute.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLIENT = Path(__file__).with_name("soak_client.py")
MINUTES = float(os.environ.get("OSTEOGAIT_SOAK_MIN", "0"))
SECONDS, EVERY_S = (60.0 * MINUTES, 60.0) if MINUTES else (25.0, 6.0)
WARM_S = 60 if MINUTES else 8
"""Imports, first commits, and every path gone once."""
GROWTH_MB = 5.0
PPM = (40.0, -35.0, 15.0, -10.0)
START_S = 4.0


def drop_in_turn(there: Any, over: threading.Event, drops: list[int]) -> None:
    """Each sensor once in `EVERY_S`, away for 0.3 to 1.2 s; the first when all have been recorded for a while."""
    waiting = {f"OG-000{number}" for number in range(1, len(PPM) + 1)}
    while waiting and not over.wait(0.1):
        waiting = {name for name in waiting if there.do("truth", name)["samples"] < 100 * START_S}
    while not over.wait(EVERY_S / len(PPM)):
        number = len(drops) % len(PPM) + 1
        there.do("drop", f"OG-000{number}", pause_s=0.3 * number)
        drops.append(number)


def ran(there: Any, folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Lines of the client by the second, what it kept, and the number of drops."""
    over, drops = threading.Event(), list[int]()
    addresses = [there.addresses[f"OG-000{number}"] for number in range(1, len(PPM) + 1)]
    command = [sys.executable, str(CLIENT), str(folder), str(SECONDS), *addresses]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        dropping = threading.Thread(target=drop_in_turn, args=(there, over, drops))
        dropping.start()
        assert client.stdout is not None
        told = [json.loads(line) for line in client.stdout]
        over.set()
        dropping.join()
    assert client.returncode == 0
    return told[:-1], told[-1]["kept"], len(drops)


def test_drops_again_and_again_leave_nothing_behind(stand_in: Callable[..., Any], tmp_path: Path) -> None:
    there = stand_in(*({"serial": number + 1, "clock_ppm": ppm} for number, ppm in enumerate(PPM)))
    begin_s = time.monotonic()
    told, kept, drops = ran(there, tmp_path)
    assert time.monotonic() - begin_s > SECONDS
    for one in kept:
        assert (one["uncounted"], one["duplicates"], one["undecodable"], one["segments"]) == (0, 0, 0, 1)
        assert one["received"] + one["lost_link"] + one["lost_sensor"] >= 100 * SECONDS
    assert sum(one["reconnects"] for one in kept) >= drops - len(PPM)  # the last ones may meet the end
    assert drops >= len(PPM)
    warm = told[WARM_S:-2]
    grown_mb = max(line["memory_mb"] for line in warm[-5:]) - warm[0]["memory_mb"]
    sys.stdout.write(
        f"memory {warm[0]['memory_mb']:.1f} MB, {grown_mb:+.1f} MB over {len(warm)} s, {drops} drops\n"
    )
    assert grown_mb <= GROWTH_MB
    assert min(line["files"] for line in warm[-10:]) <= min(line["files"] for line in warm[:10])
    assert min(line["tasks"] for line in warm[-10:]) <= min(line["tasks"] for line in warm[:10])
