"""Tables of ten-year fracture for report and card: by group, by who answers, by sex and decade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osteofusion.lab.markdown import number, table

Found = Mapping[str, Any]


def life_table(fracture: Found, part: str) -> str:
    """Ten-year figures by outcome and by group of people, or by who answers."""
    name = "people" if part == "by_group" else "who answers"
    head = [
        "outcome",
        name,
        "n",
        "events",
        "AUC int8",
        "AUC float",
        "mean p",
        "incidence",
        "Brier int8",
        "Brier float",
    ]
    rows = []
    for outcome, item in fracture.items():
        for group, figure in item[part].items():
            other = figure.get("float", {})
            rows.append(
                [
                    outcome,
                    group,
                    f"{figure['n']:,}",
                    str(figure["events"]),
                    number(figure.get("auc")),
                    number(other.get("auc")),
                    number(figure.get("mean_predicted"), 4),
                    number(figure.get("incidence"), 4),
                    number(figure.get("brier"), 5),
                    number(other.get("brier"), 5),
                    number(figure.get("skill")),
                ]
            )
    return table([*head, "skill"], rows)


def cells_table(fracture: Found) -> str:
    """Mean predicted over mean generated probability by sex and decade."""
    outcomes = list(fracture)
    head = [
        "people",
        "n",
        *(f"{o} {w}" for o in outcomes for w in ("generated", "int8 ratio", "float ratio")),
    ]
    rows = []
    for cell, first in fracture[outcomes[0]]["by_age_and_sex"].items():
        row = [cell, f"{first['n']:,}"]
        for outcome in outcomes:
            item = fracture[outcome]["by_age_and_sex"][cell]
            row += [number(item["generated"], 4), number(item["int8"], 2), number(item["float"], 2)]
        rows.append(row)
    return table(head, rows)


def surrogate_note(fracture: Found) -> str:
    """What the surrogate is, and how the network ranks the same people; or that it was not run."""
    name = "surrogate of published US probabilities"
    items = {outcome: item["comparators"].get(name) for outcome, item in fracture.items()}
    if not all(items.values()):
        return "The surrogate of published US probabilities was not at hand for this run."
    parts = [
        f"{outcome}: rank correlation {item['rank_correlation_with_network']:.2f}, AUC of the network on its people "
        f"{number(item['network_on_the_same_people'])}"
        for outcome, item in items.items()
        if item is not None
    ]
    return (
        "The surrogate is a regression on ten-year probabilities that the US survey itself published for people of "
        "40 to 79; it is no calculator and is never shown to anybody. It sees age, sex, ancestry, femoral neck and "
        "clinical factors only; an earlier fracture is one of hip, wrist or spine here and any adult fracture there, "
        "which lowers its level. " + "; ".join(parts) + "."
    )
