"""metadata.yaml of a bundle: what the model is for, what its heads mean, how it was made and calibrated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from osteofusion import heads
from osteofusion.bundle import METADATA_FILE

SCHEMA = "osteofusion.metadata/2"
MODEL_ID, VERSION, COUNTER = "osteofusion", "0.2.0", 2
INTENDED_USE = {
    "en": "Research: an estimate of osteoporosis, ten-year fracture and falling in adults from 40 years. No medical "
    "device; it does not diagnose and is no reason to start, stop or change a treatment.",
    "zh": "科研用途：估计 40 岁及以上成人的骨质疏松、十年骨折与跌倒。"
    "不是医疗器械，不作诊断，不得据此开始、停止或更改治疗。",
}
DATA_TIER = {"osteoporosis": "R", "mof_10y": "S", "hip_10y": "S", "falls_12m": "R"}
TIERS = {
    "R": "real people, real labels",
    "S": "real people, drawn modalities or generated outcomes",
}
SOURCES = ("NHANES 2005-2010, 2013-2014 (bone)", "NHANES 1999-2000, 2003-2004 (function)")
INTERVAL = (
    "90 % range by members, 64 completions of the missing values and rounding, combined on the logit scale; "
    "no confidence interval"
)


def metadata(training: dict[str, Any], people: dict[str, int], vectors: int, members: int) -> dict[str, Any]:
    """The content of metadata.yaml from training.json, the people of the cohort and the golden vectors."""
    return {
        "schema": SCHEMA,
        "id": MODEL_ID,
        "version": VERSION,
        "counter": COUNTER,
        "intended_use": INTENDED_USE,
        "data_tier": DATA_TIER,
        "tiers": TIERS,
        "heads": {"outcomes": list(heads.OUTCOMES), "logits_per_member": heads.WIDTH, "members": members},
        "falls_12m_means": "a falling problem reported for the past twelve months (a survey question)",
        "partial_dxa": training["partial_dxa"]["answers"],
        "interval": INTERVAL,
        "calibration": training["calibration"],
        "training": {
            "people": people,
            "sources": list(SOURCES),
            **{name: training[name] for name in ("copies", "plan", "python", "packages")},
        },
        "golden_vectors": vectors,
    }


def write_metadata(bundle: Path, content: dict[str, Any]) -> None:
    """Write metadata.yaml; the same content gives the same bytes."""
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    (bundle / METADATA_FILE).write_text(text, encoding="utf-8")
