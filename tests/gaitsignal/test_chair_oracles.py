"""Rises against the published results of skdh, power against the rule's own vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaitsignal.events.rises import RiseSpan, find_rises
from gaitsignal.measures.chair_power import chair_power_w

pytestmark = pytest.mark.realdata

G = 9.81
FS_HZ = 128.00781297686626


@pytest.fixture(scope="module")
def rises(shared: Path) -> tuple[RiseSpan, ...]:
    """Of the lumbar accelerometer recording, without its last row, which skdh leaves out too."""
    path = shared / "data" / "balance" / "sts" / "skdh_lumbar.csv"
    acc = G * np.loadtxt(path, delimiter=",", skiprows=1)[:-1, 1:4]
    return find_rises(acc, G, FS_HZ).full


@pytest.fixture(scope="module")
def oracle(shared: Path) -> dict[str, Any]:
    content = json.loads((shared / "oracle" / "sts_skdh.json").read_text(encoding="utf-8"))
    displacement: dict[str, Any] = content["displacement"]
    return displacement


def test_all_five_rises_are_found(rises: tuple[RiseSpan, ...]) -> None:
    assert len(rises) == 5


def test_borders_and_durations_agree_within_a_sample(
    rises: tuple[RiseSpan, ...], oracle: dict[str, Any]
) -> None:
    starts = np.array([rise.first for rise in rises]) / FS_HZ
    ends = np.array([rise.last for rise in rises]) / FS_HZ
    one_sample = 1.05 / FS_HZ
    assert np.abs(starts - oracle["STS Start"]).max() <= one_sample
    assert np.abs(ends - oracle["STS End"]).max() <= one_sample
    assert np.abs(ends - starts - oracle["Duration"]).max() <= one_sample


def test_displacements_agree_within_a_millimetre(rises: tuple[RiseSpan, ...], oracle: dict[str, Any]) -> None:
    found = np.array([rise.displacement_m for rise in rises])
    assert np.abs(found - oracle["Vertical Displacement"]).max() <= 1e-3


def test_power_equals_the_vectors_of_the_rule(shared: Path) -> None:
    rules = json.loads((shared / "oracle" / "scoring_rules.json").read_text(encoding="utf-8"))
    for vector in rules["sts_power"]["vectors"]:
        seconds, count = (vector["t5"], 5) if "t5" in vector else (30.0, vector["n30"])
        watts = chair_power_w(vector["m"], vector["H"], vector["Hc"], seconds, count)
        assert watts == pytest.approx(vector["P_W"])
        assert watts / vector["m"] == pytest.approx(vector["P_W_kg"])


def test_power_of_a_seat_that_is_no_seat_is_refused() -> None:
    with pytest.raises(ValueError, match="seat"):
        chair_power_w(60.0, 1.6, 0.85, 10.0, 5)
