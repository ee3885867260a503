"""How much the scores hang on the settings of the walk protocol that were chosen with the open walks in view."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any
from unittest.mock import patch

from contenders import ours, scorer
from gait_tables import GROUPS, Group, pooled, walks_of
from open_walks import OpenWalk, open_walks

from gaitsignal.events import contacts, rhythm, turns

FACTORS = (0.75, 1.25)
SETTINGS: tuple[tuple[str, ModuleType, str], ...] = (
    ("contact before the top of the wave, share of a step", contacts, "CONTACT_SHARE"),
    ("height of a wave that is a step at once", contacts, "STRONG"),
    ("height of a wave between two steps", contacts, "BRIDGE"),
    ("height of a first step", contacts, "FIRST"),
    ("movement at a first step", contacts, "FIRST_ACTIVITY"),
    ("movement at a last step", contacts, "LAST_ACTIVITY"),
    ("weight of sideways movement in the rhythm", rhythm, "LATERAL_WEIGHT"),
    ("lowest score of a rhythm", rhythm, "MIN_SCORE"),
    ("borders of a turn, share of its peak", turns, "BORDER_SHARE"),
)
SHOWN = ("Walkway, 2 x 10 m with a U-turn", "Walks of 5 m", "Daily activities")


def sensitivity_table() -> list[str]:
    """One row a setting: the worst of the scores with the setting a quarter smaller and a quarter larger."""
    walks, judge = open_walks(), scorer()
    groups = [group for group in GROUPS if group.title in SHOWN or group.title.startswith("Severely")]
    lines = [
        "## How much hangs on the settings",
        "",
        "Each setting once a quarter smaller and once a quarter larger, everything else as shipped; the worse of the "
        "two runs.",
        "",
        "| | "
        + " | ".join(f"{_short(group)} F1" for group in groups)
        + " | walkway F1sh | U-turn duration s |",
        "|---" * (len(groups) + 3) + "|",
        _row("as shipped", [_scores(groups, judge, walks)]),
    ]
    for title, module, name in SETTINGS:
        found = []
        for factor in FACTORS:
            with patch.object(module, name, factor * getattr(module, name)):
                found.append(_scores(groups, judge, walks))
        lines.append(_row(title, found))
    return [*lines, ""]


def _short(group: Group) -> str:
    return group.title.split(",", maxsplit=1)[0].split(" (", maxsplit=1)[0]


def _scores(groups: Sequence[Group], judge: ModuleType, walks: Sequence[OpenWalk]) -> list[dict[str, Any]]:
    """Pooled scores of every group; groups must begin with the walkway."""
    wanted = [walks_of(group, walks, judge) for group in groups]
    table = ours([walk for mine in wanted for walk in mine])
    return [pooled(group, judge, mine, table, False) for group, mine in zip(groups, wanted, strict=True)]


def _row(title: str, runs: Sequence[list[dict[str, Any]]]) -> str:
    worst = [min(run[k]["ic_f1"] for run in runs) for k in range(len(runs[0]))]
    worst.append(min(run[0]["ic_f1_shift100"] for run in runs))
    duration = max(run[0]["turn_dur_mae_s"] for run in runs)
    return f"| {title} | " + " | ".join(f"{value:.3f}" for value in worst) + f" | {duration:.2f} |"
