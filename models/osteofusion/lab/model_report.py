"""The model report in Markdown, from the figures of evaluation.json alone."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from osteofusion.heads import OUTCOMES
from osteofusion.lab import fact_tables as facts
from osteofusion.lab import fracture_tables
from osteofusion.lab.gradient_figures import gradient_table
from osteofusion.lab.markdown import figures, gain, interval, number, table
from osteofusion.lab.metrics import FEWEST_CASES
from osteofusion.lab.seed_paper import paper_table
from osteofusion.lab.targets import targets_table

Found = Mapping[str, Any]
GROUP_HEAD = [
    "group",
    "n",
    "cases",
    "AUC int8 [95 %]",
    "AUC float",
    "{rival}",
    "gain [95 %]",
    "slope",
    "mean p",
]
GROUP_HEAD += ["observed", "Brier int8", "Brier float", "skill"]
POINT_HEAD = [
    "people",
    "cut",
    "weights",
    "p >=",
    "sensitivity",
    "specificity",
    "accuracy",
    "PPV",
    "NPV",
    "positive",
]


def write_report(path: Path, found: Found) -> None:
    """Write the report; its pictures stand in img/model beside it."""
    template = Template(files("osteofusion.lab").joinpath("model_report.md").read_text(encoding="utf-8"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template.substitute(_fields(found)), encoding="utf-8")


def _fields(found: Found) -> dict[str, str]:
    return {
        "id": found["bundle"]["id"],
        "version": found["bundle"]["version"],
        "engine": f"{found['engine']['name']} {found['engine']['version']}",
        "fewest": str(FEWEST_CASES),
        "targets": targets_table(found),
        "recalibrated": _recalibrated(found),
        "calibration_numbers": _calibration_numbers(found["metadata"]["calibration"]),
        "paper": paper_table(found),
        **_status_fields(found["status"]),
        "strangers": facts.strangers_table(found["strangers"]),
        "partial_choice": str(found["metadata"].get("partial_dxa", "-")),
        **_falls_fields(found["falls"]),
        **_fracture_fields(found["fracture"]),
        **_subset_fields(found),
        "gradient": gradient_table(found["gradients"]),
        "int8": facts.rounding_table(found["int8"]),
        "nulls": facts.null_table(found["nulls"]),
        "sensitivity": facts.sensitivity_table(found["sensitivity"]),
        "coverage": facts.coverage_text(found["coverage"]),
        "anchors": facts.anchors_text(found["cohort"]),
        "countries": facts.countries_text(found["metadata"]),
        "asian": facts.asian_text(found["status"]["by_group"]),
    }


def _calibration_numbers(calibration: Found) -> str:
    """How many numbers were fitted by head: slope, intercept, moves, and one for each block of what is known."""
    parts = [
        f"{2 + len(item['moves']) + len(set(item['known'].values()))} numbers for {head}"
        for head, item in calibration.items()
        if head in OUTCOMES
    ]
    return ", ".join(parts)


def _recalibrated(found: Found) -> str:
    parts = {
        f"osteoporosis, {name}": item for name, item in found["status"]["recalibrated_elsewhere"].items()
    }
    parts |= {f"falls, {name}": item for name, item in found["falls"]["recalibrated_elsewhere"].items()}
    return "; ".join(f"{name} {item['slope']:.2f}" for name, item in parts.items())


def _status_fields(status: Found) -> dict[str, str]:
    everybody = status["by_group"]["everybody 50+"]
    return {
        "status_groups": group_table(status["by_group"], "OST"),
        "prevalence": f"{100 * everybody['observed']:.1f} %",
        "status_points": points_table(status["operating_points"]),
        "status_known": figures(["known"], status["by_what_is_known"]),
        "status_rivals": facts.rivals_table(status["comparators"]),
        "status_scores": facts.scores_table(status["published_scores"]),
        "transport": figures(["judged by", "model"], status["transport"]),
        "partial": figures(["measured", "way"], status["partial_dxa"]),
        "dxa_alone": facts.alone_table(status["dxa_alone"]),
    }


def _falls_fields(falls: Found) -> dict[str, str]:
    gains = [f"{name} {gain(value)}" for name, value in falls["gain_over_age"].items()]
    return {
        "falls_known": figures(["known", "people"], falls["by_what_is_known"]),
        "falls_gain": "; ".join(gains),
        "falls_groups": group_table(falls["by_group"], "age alone"),
        "falls_points": points_table(falls["operating_points"]),
        "falls_rivals": figures(["model", "known, people"], falls["comparators"]),
        "falls_transport": figures(["judged by", "model"], falls["transport"]),
    }


def _fracture_fields(fracture: Found) -> dict[str, str]:
    agreement = [
        f"{outcome} R2 of the logit {item['agreement']['r2_of_logit']:.3f}, slope {item['agreement']['slope']:.2f}, "
        f"mean {item['agreement']['mean_predicted']:.4f} against {item['agreement']['mean_generated']:.4f}, "
        f"largest {item['agreement']['largest_predicted']:.2f} against {item['agreement']['largest_generated']:.2f}"
        for outcome, item in fracture.items()
    ]
    return {
        "fracture_groups": fracture_tables.life_table(fracture, "by_group"),
        "fracture_agreement": "; ".join(agreement),
        "fracture_cells": fracture_tables.cells_table(fracture),
        "fracture_rivals": fracture_tables.life_table(fracture, "comparators"),
        "surrogate_note": fracture_tables.surrogate_note(fracture),
    }


def _subset_fields(found: Found) -> dict[str, str]:
    worst = facts.worst_of_subsets(found["subsets"])
    return {
        "subsets": facts.subset_table(found["subsets"], OUTCOMES[:3]),
        "falls_subsets": facts.subset_table(found["falls_subsets"], OUTCOMES[3:]),
        "importance_note": facts.importance_note(found["importance"]),
        "worst_auc": number(worst["auc"], 4),
        "worst_brier": number(worst["brier"], 5),
        "worst_change": number(worst["change"], 4),
    }


def group_table(found: Found, rival: str) -> str:
    """Figures by group of people, with a rival's AUC and the gain over it."""
    rows = []
    for name, item in found.items():
        if "auc" not in item:
            rows.append([name, f"{item['n']:,}", str(item["cases"]), *["-"] * (len(GROUP_HEAD) - 3)])
            continue
        rows.append(
            [
                name,
                f"{item['n']:,}",
                str(item["cases"]),
                interval(item["auc"]),
                number(item["float"]["auc"][0]),
                number(item.get("rival_auc")),
                gain(item.get("gain")),
                number(item["slope"], 2),
                number(item["mean_predicted"]),
                number(item["observed"]),
                number(item["brier"], 4),
                number(item["float"]["brier"], 4),
                number(item["skill"]),
            ]
        )
    return table([head.format(rival=f"AUC {rival}") for head in GROUP_HEAD], rows)


def points_table(found: Found) -> str:
    """Sensitivity, specificity, accuracy and predictive values at both cuts."""
    rows = [
        [
            people,
            cut,
            kind,
            number(item["cut"]),
            *(
                number(item[name])
                for name in ("sensitivity", "specificity", "accuracy", "ppv", "npv", "positive")
            ),
        ]
        for people, cuts in found.items()
        for cut, both in cuts.items()
        for kind, item in both.items()
    ]
    return table(POINT_HEAD, rows)
