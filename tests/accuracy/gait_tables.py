"""Tables of gait accuracy: the groups that are judged, and every program's scores side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from contenders import LEFT_OUT
from open_walks import SAME_WALK, OpenWalk

Table = Any
LONGER = 1.15
"""A step this many times the median one is no longer walked at the speed of the belt."""


@dataclass(frozen=True, slots=True)
class Group:
    """Walks that are judged together: beginning of their names, the reference, and the bar of each column.

    lost    None: all; False: only walks with at most five lost samples; True: only the others
    steady  True: the windows end where the reference's steps become longer for good (a belt coming to rest)
    """

    title: str
    prefix: str
    reference: str
    bars: Mapping[str, str]
    lost: bool | None = None
    steady: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title and how it is read from a pooled score; None gives a dash."""

    title: str
    keys: tuple[str, ...]
    digits: int
    scale: float = 1.0

    def text(self, pooled: Mapping[str, Any]) -> str:
        """The value as it stands in the table, a second one in brackets."""
        values = [pooled.get(key) for key in self.keys]
        if values[0] is None or pd.isna(values[0]):
            return "-"
        first = f"{self.scale * values[0]:.{self.digits}f}"
        if len(values) == 1 or values[1] is None or pd.isna(values[1]):
            return first
        return f"{first} ({self.scale * values[1]:+.{self.digits}f})"


COLUMNS = (
    Column("F1", ("ic_f1",), 3),
    Column("F1sh", ("ic_f1_shift100",), 3),
    Column("spread ms", ("ic_spread_ms",), 0),
    Column("sides", ("side_acc",), 2),
    Column("cadence from contacts", ("cad_ic_mae",), 2),
    Column("cadence reported", ("cad_mae",), 2),
    Column("stride length m (bias)", ("sl_mae", "sl_bias"), 3),
    Column("speed m/s (bias)", ("ws_mae", "ws_bias"), 3),
    Column("walking found", ("bout_sens",), 2),
    Column("turns: recall", ("turn_rec",), 2),
    Column("precision", ("turn_prec",), 2),
    Column("duration s", ("turn_dur_mae_s",), 2),
)
GROUPS = (
    Group(
        "Walkway, 2 x 10 m with a U-turn",
        "ipol1",
        "foot events checked by hand; speed and length from foot sensors, +-5 %",
        {
            "F1": "0.985", "F1sh": "0.98", "spread ms": "15", "sides": "0.95", "cadence from contacts": "1.1",
            "cadence reported": "1.1", "stride length m (bias)": "0.08", "speed m/s (bias)": "0.07",
            "walking found": "0.99", "turns: recall": "1.00", "precision": "0.95", "duration s": "0.4",
        },
        lost=False,
    ),
    Group(
        "Walkway with lost packets",
        "ipol1",
        "as above, without speed (a reference speed of a walk that lost more than five samples is not used)",
        {"F1": "0.96", "turns: recall": "1.00", "precision": "0.95", "duration s": "0.4"},
        lost=True,
    ),
    Group(
        "Walks of 5 m",
        "mobgap_ha001_test5",
        "optical motion capture",
        {"F1": "1.00", "cadence from contacts": "2.0", "cadence reported": "2.0", "speed m/s (bias)": "0.05"},
    ),
    Group(
        "Daily activities",
        "mobgap_ha001_test11",
        "pressure insoles and foot sensors, six bouts",
        {"F1": "0.80", "speed m/s (bias)": "0.09"},
    ),
    Group(
        "Severely impaired (multiple sclerosis, EDSS 6)",
        "semio_ms",
        "foot events, automatic",
        {"F1": "0.88", "sides": "0.95", "cadence reported": "2.55 (5 %)"},
    ),
    Group(
        "Treadmill",
        "tripod",
        "photoelectric bars, belt speed",
        {"F1sh": "0.985", "speed m/s (bias)": "0.05"},
    ),
    Group(
        "Treadmill, until the belt slows down",
        "tripod",
        "as above; at the end the belt comes to rest, the steps grow short and irregular and the bars report "
        "some of them twice; here the windows end before that, values of the whole recording are left out",
        {"F1sh": "0.985"},
        steady=True,
    ),
)  # fmt: skip


def walks_of(group: Group, walks: Sequence[OpenWalk], scorer: ModuleType) -> list[OpenWalk]:
    """The walks of a group, second copies left out."""
    mine = [w for w in walks if w.name.startswith(group.prefix) and w.name not in SAME_WALK]
    if group.lost is None:
        return mine
    nothing = pd.DataFrame(columns=scorer.COLUMNS)
    whole = {
        meta["recording_id"] for meta in scorer.apply_lost_packets("skip", [w.meta for w in mine], nothing)
    }
    return [w for w in mine if (w.name not in whole) == group.lost]


def steady_meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    """The reference with windows that end at its last step of usual length before the lengthening ones."""
    reference = dict(meta["reference"])
    at_s = np.sort([event["t"] for event in reference["ics"]])
    steps = np.diff(at_s)
    longer = np.flatnonzero(steps > LONGER * np.median(steps))
    end_s = at_s[longer[0]] if longer.size else at_s[-1]
    reference["eval_windows"] = [
        [start, min(stop, end_s)] for start, stop in reference["eval_windows"] if start < end_s
    ]
    reference["summary"] = {}
    return dict(meta) | {"reference": reference}


def pooled(
    group: Group, scorer: ModuleType, walks: Sequence[OpenWalk], table: Table, on_stored: bool
) -> dict[str, Any]:
    """Scores of one program; times on the stored samples are moved to true time first."""
    metas = [steady_meta(walk.meta) if group.steady else dict(walk.meta) for walk in walks]
    mine = table.copy()
    if on_stored:
        metas = scorer.apply_lost_packets("shift", metas, mine)
    frame = pd.DataFrame([scorer.score_recording(meta, mine) for meta in metas])
    found: dict[str, Any] = scorer.summarise_group("", frame)
    dropped = [] if (mine.kind == "turn").any() else ["turn"]
    dropped += ["ws_", "sl_"] if group.lost else []
    dropped += ["bout_"] if group.steady else []
    return {key: value for key, value in found.items() if not key.startswith(tuple(dropped))}


def markdown(group: Group, walks: Sequence[OpenWalk], scores: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The group's table: a row a program, and the bar."""
    people = len({walk.person for walk in walks})
    recordings = "1 recording" if len(walks) == 1 else f"{len(walks)} recordings"
    who = "1 person" if people == 1 else f"{people} people"
    shown = [c for c in COLUMNS if any(c.text(score) != "-" for score in scores.values())]
    contacts = next(iter(scores.values())).get("ic_ref", 0)
    lines = [
        f"### {group.title}",
        "",
        f"{recordings} of {who}, {contacts} reference contacts. Reference: {group.reference}.",
        "",
        "| | " + " | ".join(column.title for column in shown) + " |",
        "|---" * (len(shown) + 1) + "|",
    ]
    for title, score in scores.items():
        if title == LEFT_OUT:
            only = [c.text(score) if c.keys[0] in ("sl_mae", "ws_mae") else "" for c in shown]
            lines += (
                [f"| {title} | {' | '.join(only)} |"] if any(text not in ("", "-") for text in only) else []
            )
            continue
        lines.append(f"| {title} | " + " | ".join(column.text(score) for column in shown) + " |")
    lines.append("| *bar* | " + " | ".join(group.bars.get(column.title, "") for column in shown) + " |")
    return [*lines, ""]
