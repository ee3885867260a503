"""What people read at the terminal: whole words, one language, the rounding of the report."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len

from osteofusion.schema import load_schema
from osteogait.console import measure_name, number, print_assessment, print_measures
from osteogait.folding import folded
from osteogait.report.document import Document
from osteogait.report.language import load_language
from osteogait.report.outcomes import result_axis, result_rows

TEXTS = (
    "The recording walk.csv (walk): 5 lost samples in gaps of at most 5 were bridged by a straight line.",
    "记录 quiet_stance.csv（quiet_stance）：有 5 个丢失样本（每处不超过 5 个）已用直线补齐，不作任何其他处理。",
    "Chinese guideline 《中国原发性骨质疏松症诊疗指南》（2022 年版），T 值 −2.5",
)
NUMBERS = {"probability": 0.1234, "interval": [0.002, 0.256]}


@pytest.fixture
def document() -> dict[str, Any]:
    """An assessment with a part of the skeleton measured, a gap in the rest and remarks."""
    return {
        "osteoporosis": {
            "basis": "model", "status": "estimate", "site": "fn", "t_score": -2.0, "rule_set": "china2022",
            "sites_measured": ["fn"], "measured_status": "low_bone_mass", "method": "equations", **NUMBERS,
        },
        "fracture_10y": {"mof": dict(NUMBERS), "hip": dict(NUMBERS)},
        "falls_12m": dict(NUMBERS),
        "contributions": {},
        "tools": {"osta": {"score": -4, "class": "medium"}},
        "missing": [{"group": "snp", "features": [], "whole_group": True}],
        "flags": [{"code": "gap", "severity": "warn", "message": "A gap of [0.2] s. 记录有缺口。" * 4}],
        "model": {"data_tier": {"osteoporosis": "R", "mof_10y": "S", "hip_10y": "S", "falls_12m": "R"}},
        "person": {"age": 72, "sex": "female"},
        "values": {"fn_t": {"value": -2.0, "unit": "{T-score}", "source": "typed"}},
        "recordings": [],
        "notice": "osteogait 为科研软件，不是医疗器械，未获任何监管机构批准或注册。" * 3,
    }  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [24, 40, 80])
def test_folding_loses_nothing_and_keeps_the_width(text: str, width: int) -> None:
    lines = folded(text, width, 2).split("\n")
    assert all(cell_len(line) <= width for line in lines)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert not any(line.lstrip()[0] in "，。；：、）》" for line in lines)
    assert all(line.startswith("  ") for line in lines[1:])


def test_a_short_text_is_one_line_and_a_long_word_stays_whole() -> None:
    assert folded("not broken", 40) == "not broken"
    assert folded("see /a/very/long/path/to/a/file", 10) == "see\n/a/very/long/path/to/a/file"
    assert folded("", 10) == ""


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 120])
def test_an_assessment_fits_the_terminal(
    document: dict[str, Any],
    lang: str,
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    print_assessment(document, lang)
    shown = capsys.readouterr().out
    assert all(cell_len(line) <= columns for line in shown.splitlines())
    assert "…" not in shown
    language, held = load_language(lang), Document.of(document)
    squeezed = re.sub(r"\s", "", shown)
    for row in result_rows(held, result_axis(held), language):  # words and rounding of the report
        for words in (row.outcome, row.result):
            assert re.sub(r"\s", "", words) in squeezed
    begun = [line for line in shown.splitlines() if re.match(r" \w", line)]
    assert len(begun) == 5, begun  # heading and four outcomes: no line below them has lost its indent
    assert "<0.5%–26%" in shown
    assert language.text("clinic.sites.fn") in shown
    assert not re.search(r"\bfn\b|\bsnp\b|\bwarn\b|low_bone_mass", shown)
    assert "[0.2]" in shown
    assert re.sub(r"\s", "", language.text("clinic.interval_note")) in squeezed


def test_measures_are_named_in_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    measured = {
        "recording": "walk[1].csv",
        "protocol": "walk",
        "usable": True,
        "measures": {"cadence": {"value": 104.38, "unit": "steps/min"}, "rms_ap": {"value": 0.07124, "unit": "m/s2"}},
        "events": {"initial_contacts": [{}, {}], "turns": []},
        "flags": [{"code": "gap_filled", "severity": "warn", "message": "已补齐。"}],
    }  # fmt: skip
    print_measures(measured, "zh")
    shown = capsys.readouterr().out
    assert shown.startswith("walk[1].csv · 步行 · 可用")
    assert re.search("步频 +104 +步/分 +cadence", shown)
    assert re.search("晃动均方根, 前后 +0.0712 +m/s² +rms_ap", shown)
    assert "触地 2" in shown
    assert "转身" not in shown
    assert "注意 (gap_filled)：已补齐。" in shown


def test_every_measure_that_the_model_uses_has_a_name() -> None:
    sources = [feature.source for feature in load_schema().features]
    keys = [source.split("/")[-1].split(":")[-1] for source in sources if source.startswith("gaitsignal:")]
    assert len(keys) >= 8
    for lang, word in (("en", "[a-z]{3}"), ("zh", "[\u4e00-\u9fff]")):
        names = [measure_name(key, lang) for key in keys]
        assert len(set(names)) == len(names)
        assert all(re.search(word, name) and "_" not in name for name in names), names


def test_a_measure_without_a_name_is_shown_by_its_key() -> None:
    assert measure_name("no_such_thing", "zh") == "no such thing"


@pytest.mark.parametrize(
    ("value", "text"), [(0.00695, "0.00695"), (104.38, "104"), (3000.0, "3000"), (1.0, "1"), (-2.14, "-2.14")]
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text
