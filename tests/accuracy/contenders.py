"""What each program says about the open walks, as one table of the shared gait scorer's rows."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import fit_speed
import pandas as pd
from open_walks import REPO, SHARED, OpenWalk, load_script, stored_for_station
from peers import Peer, analyse

from gaitsignal.measures import speed
from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording

OURS, LEFT_OUT = "osteogait", "osteogait, speed of people left out"
REACH_S = 0.3
"""A stride of a peer counts for the straight walking when it lies in a reference window, or this near to it."""
Table = Any


def scorer() -> ModuleType:
    """The shared score_gait.py."""
    return load_script(SHARED / "tools" / "score_gait.py")


def ours(walks: Sequence[OpenWalk]) -> Table:
    """Rows of the product's own walk protocol: each recording as a station stores it, nothing else told."""
    rows = load_script(REPO / "tests" / "gaitsignal" / "gait_predictions.py")
    with tempfile.TemporaryDirectory() as folder:
        found = [
            row
            for walk in walks
            for row in rows.prediction_rows(
                walk.name, measure(read_recording(stored_for_station(walk, Path(folder))), "walk")
            )
        ]
    return _numeric(pd.DataFrame(found, columns=list(rows.COLUMNS)))


def ours_left_out(walks: Sequence[OpenWalk]) -> Table:
    """The same with the constants of the speed model fitted, for every person, on all the others."""
    stretches = fit_speed.all_stretches()
    tables = []
    for person in sorted({walk.person for walk in walks}):
        gain, sway, rise = fit_speed.fit([one for one in stretches if one.person != person])
        with patch.multiple(speed, GAIN=gain, SWAY_EXPONENT=sway, RISE_EXPONENT=rise):
            tables.append(ours([walk for walk in walks if walk.person == person]))
    return pd.concat(tables, ignore_index=True)


def theirs(peer: Peer, walks: Sequence[OpenWalk]) -> tuple[Table, list[str]]:
    """Rows of a peer, its stride values averaged over the reference's straight walking; and where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.csv"
        failed = analyse(peer, walks, out)
        table = _numeric(pd.read_csv(out, dtype={"side": str, "name": str}))
    extra = [row for walk in walks for row in _in_windows(table[table.recording_id == walk.name], walk)]
    whole = pd.concat([table[table.kind != "stride"], pd.DataFrame(extra, columns=table.columns)])
    return whole.reset_index(drop=True), failed


def _in_windows(mine: Table, walk: OpenWalk) -> list[tuple[Any, ...]]:
    """Means of the stride values inside the windows, by the names that the scorer prefers."""
    strides = mine[(mine.kind == "stride") & mine.value.notna()]
    inside = pd.Series(False, index=strides.index)
    for start, end in walk.meta["reference"]["eval_windows"]:
        inside |= (strides.t >= start - REACH_S) & (strides.t_end <= end + REACH_S)
    means = strides[inside].groupby("name").value.mean()
    return [
        (walk.name, "param", 0.0, None, "", f"inwin_{name}", float(value)) for name, value in means.items()
    ]


def _numeric(table: Table) -> Table:
    for column in ("t", "t_end", "value"):
        table[column] = pd.to_numeric(table[column])
    table["side"] = table.side.fillna("")
    return table
