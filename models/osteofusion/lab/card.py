"""MODEL_CARD.md in English and Chinese, written from the figures of evaluation.json and the bundle's own files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from osteofusion.heads import OUTCOMES
from osteofusion.lab import fact_tables as facts
from osteofusion.lab import fracture_tables
from osteofusion.lab.card_words import in_chinese
from osteofusion.lab.cohort import parameters
from osteofusion.lab.markdown import figures, number, table
from osteofusion.lab.model_report import group_table
from osteofusion.lab.provenance import unverified

CARD_FILE = "MODEL_CARD.md"
MODEL_FILES = ("features.yaml", "fusion.int8.onnx", "fusion.int8.tflite", "imputer.npz", "golden.json")
HASH_DIGITS = 16
SHOWN_THRESHOLDS = (0.05, 0.10, 0.20)
CARD_GROUPS = ("everybody 50+", "women", "men", "50-64", "65+", "Asian, not Hispanic")

Found = Mapping[str, Any]


def write_card(bundle: Path, found: Found) -> None:
    """Fill the template of the card."""
    template = Template(files("osteofusion.lab").joinpath("card.md").read_text(encoding="utf-8"))
    (bundle / CARD_FILE).write_text(template.substitute(_fields(bundle, found)), encoding="utf-8")


def _fields(bundle: Path, found: Found) -> dict[str, str]:
    tables = _tables(found)
    chinese = {f"{name}_zh": in_chinese(text) for name, text in tables.items()}
    training, use = found["training"], found["metadata"]["intended_use"]
    return {
        "version": found["bundle"]["version"],
        "intended_use_en": use["en"],
        "intended_use_zh": use["zh"],
        "bone_people": f"{found['people']['bone']:,}",
        "function_people": f"{found['people']['function']:,}",
        "partial_choice": str(found["metadata"].get("partial_dxa", "-")),
        **tables,
        **chinese,
        "unverified": "; ".join(f"{item.name} ({item.status})" for item in unverified(parameters())) + ".",
        "packages": ", ".join(f"{name} {version}" for name, version in training["packages"].items()),
        "python": training["python"],
        "seed": str(training["seed"]),
        "engine": f"{found['engine']['name']} {found['engine']['version']}",
        "hashes": ", ".join(_hashes(bundle)),
    }


def _tables(found: Found) -> dict[str, str]:
    status = found["status"]
    groups = {name: status["by_group"][name] for name in CARD_GROUPS if name in status["by_group"]}
    return {
        "status_groups": group_table(groups, "OST"),
        "calibration": _calibration(status["calibration"]),
        "decision": _decision(status["decision"]),
        "partial": figures(["measured", "way"], status["partial_dxa"]),
        "strangers": facts.strangers_table(found["strangers"]),
        "falls_groups": group_table(found["falls"]["by_group"], "age alone"),
        "fracture_groups": fracture_tables.life_table(found["fracture"], "by_group"),
        "subsets": facts.subset_table(found["subsets"], OUTCOMES[:3]),
        "falls_subsets": facts.subset_table(found["falls_subsets"], OUTCOMES[3:]),
        "int8": facts.rounding_table(found["int8"]),
        "nulls": facts.null_table(found["nulls"]),
        "anchors": facts.anchors_text(found["cohort"]),
        "countries": facts.countries_text(found["metadata"]),
        "sensitivity": facts.sensitivity_table(found["sensitivity"]),
    }


def _calibration(status: Found) -> str:
    rows = []
    for tenth in range(10):
        row = [str(tenth + 1)]
        for sex in ("women", "men"):
            band = status[sex]["int8"][tenth]
            row += [
                number(band["predicted"]),
                f"{band['observed']:.3f} [{band['low']:.3f}-{band['high']:.3f}]",
            ]
        rows.append(row)
    return table(["tenth", "women predicted", "women observed", "men predicted", "men observed"], rows)


def _decision(status: Found) -> str:
    rows = []
    for sex in ("women", "men"):
        item = status[sex]
        for threshold in SHOWN_THRESHOLDS:
            place = item["threshold"].index(threshold)
            benefit = [
                item["net_benefit"][name][place] for name in ("network", "network, float", "OST", "everybody")
            ]
            rows.append([sex, f"{threshold:.2f}", *(f"{100 * value:.2f}" for value in benefit), "0.00"])
    return table(["people", "threshold", "int8", "float", "OST", "everybody", "nobody"], rows)


def _hashes(bundle: Path) -> Iterator[str]:
    for name in MODEL_FILES:
        if (bundle / name).exists():
            digest = hashlib.sha256((bundle / name).read_bytes()).hexdigest()
            yield f"{name} sha256 {digest[:HASH_DIGITS]}"
