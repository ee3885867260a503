"""What the model was to reach on people kept back, and where the open out-of-fold figures stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osteofusion.lab.fact_tables import worst_of_subsets
from osteofusion.lab.gradient_figures import EVERYTHING, TOLERANCE, VIEWS, worst
from osteofusion.lab.markdown import number, table

Found = Mapping[str, Any]
HEAD = ["what", "must", "goal", "found, out of fold (int8)", "must reached"]


def targets_table(found: Found) -> str:
    """Each target of real labels and of the rounding with the figure found."""
    rows = [*_status(found["status"]), *_falls(found["falls"])]
    rows += [*_gradients(found["gradients"]), *_rounding(found)]
    return table(
        HEAD, [[what, must, goal, value, "yes" if met else "**no**"] for what, must, goal, value, met in rows]
    )


Row = tuple[str, str, str, str, bool]


def _status(status: Found) -> list[Row]:
    groups, rivals = status["by_group"], status["comparators"]["everybody 50+"]
    everybody = groups["everybody 50+"]
    area, slope = everybody["auc"][0], everybody["slope"]
    rows: list[Row] = [
        ("osteoporosis without bone density, AUC, 50+ (R)", "0.83", "0.85", number(area), area >= 0.83),
        ("... and no leak: AUC", "<= 0.88", "", number(area), area <= 0.88),
        ("... calibration slope", "0.9-1.1", "0.9-1.1", number(slope, 2), 0.9 <= slope <= 1.1),
    ]
    for sex in ("women", "men"):
        gain, own = groups[sex]["gain"][0], groups[sex]["slope"]
        rows.append((f"... {sex}: AUC over OST", "+0.01", "+0.02", f"{gain:+.3f}", gain >= 0.01))
        rows.append(
            (f"... {sex}: calibration slope", "0.9-1.1", "0.9-1.1", number(own, 2), 0.9 <= own <= 1.1)
        )
    skill, rival = everybody["skill"], rivals["logistic regression"]["skill"]
    text = f"{skill:.3f} against {rival:.3f}"
    rows.append(
        (
            "... Brier skill against logistic regression",
            ">= its - 0.01",
            ">= its",
            text,
            skill >= rival - 0.01,
        )
    )
    return rows


def _falls(falls: Found) -> list[Row]:
    area = falls["by_what_is_known"]["age, sex, gait speed"]["timed"]["auc"][0]
    gains = falls["gain_over_age"]
    over, more = gains["gait over age alone"][0], gains["everything over gait"][0]
    return [
        ("falling problem with age, sex, gait, AUC, timed (R)", "0.74", "0.75", number(area), area >= 0.74),
        ("... over age alone", "+0.10", "+0.10", f"{over:+.3f}", over >= 0.10),
        ("... everything known, against gait alone", "no loss", "no loss", f"{more:+.3f}", more >= 0),
    ]


def _gradients(gradients: Sequence[Found]) -> list[Row]:
    """Worst distance from the published risk per SD of bone density, by what is known."""
    rows = []
    for view in (*VIEWS, EVERYTHING):
        distance = worst(gradients, view)
        what = f"risk per SD of bone density against published, worst of {len(gradients)}; known: {view} (S)"
        rows.append((what, "15 %", "", f"{100 * distance:+.1f} %", abs(distance) <= TOLERANCE))
    return rows


def _rounding(found: Found) -> list[Row]:
    change = max(item["p99_change"] for item in found["int8"].values())
    rows = (*found["subsets"], *found["falls_subsets"])
    usable = worst_of_subsets([row for row in rows if "clinical" in row["known"].split("+")])["auc"]
    worst = worst_of_subsets(rows)["auc"]
    return [
        (
            "int8 against float: p99 of the change of p, one member",
            "0.02",
            "0.02",
            number(change, 4),
            change <= 0.02,
        ),
        ("... loss of AUC, worst usable subset", "0.002", "0.002", number(usable, 4), usable <= 0.002),
        ("... loss of AUC, worst of all subsets", "0.002", "0.002", number(worst, 4), worst <= 0.002),
    ]
