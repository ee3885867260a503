"""`make accuracy`: ours and both open toolboxes on the same open recordings in turn, as docs/accuracy.md.

Needs the shared recordings (OSTEOGAIT_SHARED, or ../shared beside the repository). Only aggregate scores are written.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import balance_tables
import fit_speed
import numpy as np
import setting_tables
from contenders import LEFT_OUT, OURS, ours, ours_left_out, scorer, theirs
from gait_tables import GROUPS, markdown, pooled, walks_of
from open_walks import REPO, open_walks
from peers import PEERS, missing

from gaitsignal.measures import speed

OUT = REPO / "docs" / "accuracy.md"
HEAD = """\
# Accuracy on open data, beside the two open toolboxes

Made by `make accuracy`; do not edit. Every figure was measured in one run on this state of the code. The data are
**open development data**: people whom the developers could look at. They are few (13 walkers, of whom one is slow), and
nobody among them is known to have osteoporosis. The figures say how well the methods work on such people, not on yours.

- **osteogait** gets each recording as a station stores it: samples, body height where known, and which packets
  were lost. Its figures are what the product prints for the whole recording. The second row prints the speed and the
  stride length that it gives when the constants of the speed model come from all other people.
- **mobgap 1.2.0** gets the whole recording, the pipeline for healthy people or, for the person with multiple
  sclerosis, the one for impaired people; sensor height 0.6 of the body height, weight 70 kg.
- **skdh 0.17.18** (scikit-digital-health) gets the whole recording and finds its own bouts, its shortest bout lowered
  from 8 to 3 s, which favours it; both of its contact methods (AP and V) are shown. It gives no sides and no turns.
- A body height that is not known is 1.70 m for everybody. Cadence, length and speed of the peers are averaged over
  those of their strides that lie in the straight walking of the reference, which favours them: osteogait is not told
  where that is. Where packets were lost the peers work on the samples as stored, and their times are moved to true
  time.
- Neither peer was fitted to any of this by us. Part of the data comes with mobgap as its example data.

F1: initial contacts within 0.25 s, one to one. F1sh: within 0.1 s after the best constant shift, free of the
definition of a contact. Spread: mean distance of the timing error from its median. Cadence in steps/min, from the
contacts and as reported; it and lengths and speeds are mean absolute errors over recordings, bias in brackets.
Bars are those the project set itself.
"""


def gait_part() -> list[str]:
    """The gait tables of ours and of every peer that can be run."""
    walks, judge = open_walks(), scorer()
    tables = {OURS: (ours(walks), False), LEFT_OUT: (ours_left_out(walks), False)}
    absent = []
    for peer in PEERS:
        why = missing(peer)
        if why is not None:
            absent.append(f"Not shown: {why}.")
            continue
        print(f"Running {peer.title} on {len(walks)} recordings ...", flush=True)  # noqa: T201
        table, failed = theirs(peer, walks)
        tables[peer.title] = (table, True)
        if failed:
            absent.append(f"{peer.title} ended with an error on {len(failed)} of {len(walks)} recordings.")
    lines = ["## Walking", "", *absent, *([""] if absent else [])]
    for group in GROUPS:
        mine = walks_of(group, walks, judge)
        scores = {
            title: pooled(group, judge, mine, table, stored) for title, (table, stored) in tables.items()
        }
        lines += markdown(group, mine, scores)
    return lines


def speed_part() -> list[str]:
    """Constants of the speed model fitted anew, in-sample and leave-one-person-out errors."""
    data = fit_speed.all_stretches()
    fitted = fit_speed.fit(data)
    shipped = np.array([speed.GAIN, speed.SWAY_EXPONENT, speed.RISE_EXPONENT])
    inside, outside = fit_speed.errors(data, False), fit_speed.errors(data, True)
    lines = [
        "## Walking speed of people left out",
        "",
        f"The speed model has three constants, fitted on {len(data)} stretches of {len({d.person for d in data})} of "
        "these people with equal weight for each person (`tests/accuracy/fit_speed.py`); steps and reference are "
        "those of the same straight stretches, which the tables above are not. Shipped: "
        f"{_three(shipped)}; fitted anew by this run: {_three(fitted)}. Below, errors in m/s of every person by the "
        "constants fitted on all of them, and on all the others. Further settings of the walk protocol (filter "
        "bands, the share of a step before the top of the wave, limits of movement at the ends of a leg) were "
        "chosen with the open walks in view; the next table shows how much hangs on them.",
        "",
        "| | stretches | in-sample | leave one person out | bias | RMSE |",
        "|---|---|---|---|---|---|",
    ]
    for kind, off in outside.items():
        lines.append(
            f"| {kind} | {off.size} | {np.abs(inside[kind]).mean():.3f} | {np.abs(off).mean():.3f} | "
            f"{off.mean():+.3f} | {np.sqrt(np.mean(off**2)):.3f} |"
        )
    return [*lines, ""]


def _three(values: Any) -> str:
    return " / ".join(f"{value:.3f}" for value in values)


def cost_part() -> list[str]:
    """Cost of one long recording, from a process of its own: a child's peak memory begins with its parent's."""
    print("Measuring the cost of a long recording ...", flush=True)  # noqa: T201
    script = Path(__file__).with_name("bench_peers.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(f"{script.name} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return ["## Cost", "", *done.stdout.splitlines(), ""]


def write(parts: Mapping[str, list[str]], out: Path) -> None:
    """The document: head, parts in order."""
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}."
    lines = [HEAD, versions, ""]
    for part in parts.values():
        lines += part
    out.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def main() -> int:
    """Measure and write docs/accuracy.md."""
    parts = {
        "gait": gait_part(),
        "speed": speed_part(),
        "settings": setting_tables.sensitivity_table(),
        "tug": ["## Timed up and go", "", *balance_tables.tug_table()],
        "oracles": ["## Sway, turns and chair rises", "", *balance_tables.oracle_table()],
        "cost": cost_part(),
    }
    write(parts, OUT)
    print(f"Written: {OUT.relative_to(REPO)}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
