"""Tables and numbers of the generated documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NOTHING = "-"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: Any, digits: int = 3) -> str:
    """A number with `digits` decimals; a dash where there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def interval(found: Sequence[float] | None, digits: int = 3) -> str:
    """Value [low-high]."""
    if found is None:
        return NOTHING
    value, low, high = found
    return f"{value:.{digits}f} [{low:.{digits}f}-{high:.{digits}f}]"


def gain(found: Sequence[float] | None, digits: int = 3) -> str:
    """A difference, always with its sign: value [low to high]."""
    if found is None:
        return NOTHING
    value, low, high = found
    return f"{value:+.{digits}f} [{low:+.{digits}f} to {high:+.{digits}f}]"


FIGURE_HEAD = ["n", "cases", "AUC int8 [95 %]", "AUC float", "slope", "mean p", "observed", "Brier int8"]
FIGURE_HEAD += ["Brier float", "skill"]


def figure_row(found: Mapping[str, Any]) -> list[str]:
    """One row under FIGURE_HEAD; n and cases alone where there are too few cases."""
    counts = [f"{found['n']:,}", str(found["cases"])]
    if "auc" not in found:
        return counts + [NOTHING] * (len(FIGURE_HEAD) - 2)
    other = found.get("float")
    return [
        *counts,
        interval(found["auc"]),
        number(other["auc"][0]) if other else NOTHING,
        number(found["slope"], 2),
        number(found["mean_predicted"]),
        number(found["observed"]),
        number(found["brier"], 4),
        number(other["brier"], 4) if other else NOTHING,
        number(found["skill"]),
    ]


def figures(names: Sequence[str], found: Mapping[str, Any]) -> str:
    """A table of figures, one row a name; nested names give one column each."""
    rows = []
    for name, item in found.items():
        if "n" in item:
            rows.append([name, *figure_row(item)])
        else:
            rows += [[name, inner, *figure_row(entry)] for inner, entry in item.items()]
    return table([*names, *FIGURE_HEAD], rows)
