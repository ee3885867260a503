"""MODEL_CARD.md in English and Chinese, written from the figures of metadata.yaml alone."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

CARD_FILE = "MODEL_CARD.md"


def write_card(bundle: Path, metadata: dict[str, Any]) -> None:
    """Fill the template of the card with the figures of `metadata`."""
    template = Template(files("osteofusion.lab").joinpath("card.md").read_text(encoding="utf-8"))
    (bundle / CARD_FILE).write_text(template.substitute(_fields(metadata)), encoding="utf-8")


def _fields(metadata: dict[str, Any]) -> dict[str, str]:
    found = metadata["evaluation"]
    training = metadata["training"]
    return {
        "version": metadata["version"],
        "bone_people": f"{training['people']['bone_density']:,}",
        "function_people": f"{training['people']['function']:,}",
        "country": metadata["country"]["id"],
        "no_dxa": _status_table(found["osteoporosis_without_dxa"]),
        "partial": _nested_table("measured", "way", found["partial_dxa"]),
        "partial_choice": metadata["partial_dxa"],
        "falls": _nested_table("known", "people", found["falls"]),
        "fracture": _fracture_table(found["fracture_against_generator"]),
        "anchors": _anchor_table(found["ten_year_incidence_over_anchor"]),
        "ratios": _ratio_line(found["regenerated_over_published_hazard_ratio"]),
        "int8": _int8_line(found["int8_against_float_one_member"]),
        "packages": ", ".join(f"{name} {number}" for name, number in training["packages"].items()),
        "seed": str(training["plan"]["seed"]),
    }


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _auc(found: dict[str, Any]) -> str:
    if "auc" not in found:
        return "-"
    value, low, high = found["auc"]
    return f"{value:.3f} [{low:.3f}-{high:.3f}]"


def _figures(found: dict[str, Any]) -> list[str]:
    if "auc" not in found:
        return ["-"] * 5
    return [
        f"{found['slope']:.2f}",
        f"{found['mean_predicted']:.3f}",
        f"{found['observed']:.3f}",
        f"{found['brier']:.4f}",
        f"{found['skill']:.3f}",
    ]


def _status_table(found: dict[str, Any]) -> str:
    head = ["group", "n", "cases", "AUC [95 %]", "OST AUC", "slope", "mean p", "observed", "Brier", "skill"]
    rows = [
        [
            name,
            str(item["n"]),
            str(item["cases"]),
            _auc(item),
            f"{item['auc_ost']:.3f}" if "auc_ost" in item else "-",
            *_figures(item),
        ]
        for name, item in found.items()
    ]
    return _table(head, rows)


def _nested_table(outer: str, inner: str, found: dict[str, Any]) -> str:
    """Figures by two names, such as the sites measured and the way they were completed."""
    head = [outer, inner, "n", "cases", "AUC [95 %]", "slope", "mean p", "observed", "Brier", "skill"]
    rows = [
        [first, second, str(item["n"]), str(item["cases"]), _auc(item), *_figures(item)]
        for first, items in found.items()
        for second, item in items.items()
    ]
    return _table(head, rows)


def _fracture_table(found: dict[str, Any]) -> str:
    head = ["known", "outcome", "R2 of the logit", "mean predicted", "mean generated"]
    rows = [
        [
            view,
            outcome,
            f"{item['r2_of_logit']:.3f}",
            f"{item['mean_predicted']:.4f}",
            f"{item['mean_generated']:.4f}",
        ]
        for view, outcomes in found.items()
        for outcome, item in outcomes.items()
    ]
    return _table(head, rows)


def _anchor_table(found: dict[str, Any]) -> str:
    head = ["outcome", "sex", "40s", "50s", "60s", "70s", "80+"]
    rows = [
        [outcome, sex, *(f"{value:.2f}" for value in table[number])]
        for outcome, table in found.items()
        for number, sex in enumerate(("women", "men"))
    ]
    return _table(head, rows)


def _ratio_line(found: dict[str, Any]) -> str:
    values = [value for table in found.values() for value in table.values()]
    return f"{min(values):.2f} to {max(values):.2f}"


def _int8_line(found: dict[str, Any]) -> str:
    return ", ".join(
        f"{outcome} p99 {item['p99']:.3f}, max {item['max']:.3f}" for outcome, item in found.items()
    )
