"""How sure each answer is, which test would help, and for whom the numbers are meant: on every surface."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from osteofusion.schema import load_schema
from osteogait.console import print_assessment
from osteogait.report.build import build_report
from osteogait.report.document import Document
from osteogait.report.language import load_language
from osteogait.report.render import render_html
from osteogait.report.sureness import NOTHING, helpful_tests

Cases = dict[str, Callable[[str], dict[str, Any]]]


def test_every_number_has_its_sources_of_doubt(cases: Cases, lang: str) -> None:
    sure = build_report(cases["no_dxa"](lang), lang=lang).clinic.sureness
    assert sure is not None
    assert [len(row.ranges) for row in sure.rows] == [3, 3, 3, 3]
    assert sure.rows[0].ranges == ("19–30%", "14–36%", "23%")
    assert len(sure.judgements) == 2


def test_an_equation_has_no_sources(cases: Cases, lang: str) -> None:
    sure = build_report(cases["partial_dxa"](lang), lang=lang).clinic.sureness
    assert sure is not None
    assert sure.rows[0].ranges == (NOTHING,) * 3
    assert sure.rows[0].tests


def test_the_judgement_says_what_it_speaks_for(cases: Cases) -> None:
    said = {
        labels: build_report(document, lang="en").clinic.sureness
        for labels in (("yes",), ("no",), ("no", "yes"))
        for document in [cases["no_dxa"]("en")]
        if document["osteoporosis"]["doubt"]["judgement"].update(not_ruled_out=list(labels)) is None
    }
    texts = {labels: sure.judgements[0].text for labels, sure in said.items() if sure is not None}
    assert texts[("yes",)].startswith("Speaks for osteoporosis")
    assert texts[("no",)].startswith("Speaks against osteoporosis")
    assert texts[("no", "yes")].startswith("Tells neither")
    assert all("22–26% had osteoporosis" in text for text in texts.values())
    assert all("At the border" in text for text in texts.values())


def test_tests_that_share_a_value_are_named_once(cases: Cases) -> None:
    held = Document.of(cases["no_dxa"]("en"))
    said = helpful_tests(held, "osteoporosis", load_schema(), load_language("en"))
    assert said[0] == "DXA scan of hip and lumbar spine (decides by rule)"
    assert not any("DXA" in words for words in said[1:])
    assert "about 13% narrower" in said[1]


def test_when_nothing_would_help_it_says_so(cases: Cases, lang: str) -> None:
    document, language = cases["no_dxa"](lang), load_language(lang)
    for gains in document["missing_tests"].values():
        for gain in gains:
            gain["noticeable"] = False
    report = build_report(document, lang=lang)
    assert report.clinic.sureness is not None
    assert {row.tests for row in report.clinic.sureness.rows} == {(language.text("clinic.no_test"),)}
    assert language.text("person.no_next_test") in report.person.closing


def test_the_person_reads_one_test(cases: Cases, lang: str) -> None:
    document, language = cases["no_dxa"](lang), load_language(lang)
    label = document["missing_tests"]["osteoporosis"][0]["label"]
    closing = build_report(document, lang=lang).person.closing
    assert language.text("person.next_test", test=label) in closing
    assert closing.count(label) == 1
    stroke = {"id": "stroke", "label": "Stroke", "features": ["stroke"], "narrowing": 0.2}
    document["missing_tests"]["osteoporosis"] = [{**stroke, "decides": False, "noticeable": True}]
    asked = build_report(document, lang=lang).person.closing
    assert language.text("person.next_question", test="Stroke") in asked


def test_the_steps_stand_beside_the_bars(cases: Cases) -> None:
    document = cases["everything"]("en")
    reasons = build_report(document, lang="en").clinic.reasons
    assert reasons is not None
    assert reasons.rows[0].name == "Clinical risk factors"
    falls = reasons.outcomes.index("Problem with falling, past 12 months")
    shown = [row.after[falls] for row in reasons.rows]
    assert shown == ["4%", "8%", "12%", "16%", "20%", "24%"]
    missing = build_report(cases["dxa_only"]("en"), lang="en").clinic.reasons
    assert missing is not None
    assert [row.after[0] != "" for row in missing.rows] == [row.bars[0].given for row in missing.rows]


def test_the_country_stands_on_every_page(cases: Cases, lang: str) -> None:
    language = load_language(lang)
    report = build_report(cases["china"](lang), lang=lang)
    words = language.text("figures_for", country={"en": "China", "zh": "中国"}[lang])
    assert words in report.person.about
    assert words in report.clinic.about
    flags = [flag["message"] for flag in cases["china"](lang)["flags"]]
    assert report.clinic.notes[-2:] == tuple(flags)


def test_frax_is_called_what_it_is(cases: Cases) -> None:
    report = build_report(cases["china"]("en"), lang="en")
    facts = {fact.name: fact.text for fact in report.clinic.bone.facts}
    assert facts["FRAX"] == (
        "major fracture 14%, hip 5.2% (China, with bone density); typed in by the clinician, not computed here"
    )
    document = cases["china"]("zh")
    document["tools"]["frax"] |= {"mof_percent": None, "with_bmd": False}
    facts = {fact.name: fact.text for fact in build_report(document, lang="zh").clinic.bone.facts}
    assert facts["FRAX"] == "髋部 5.2%（China，不含骨密度）；由医生录入，非本软件计算"
    assert "FRAX" not in render_html(build_report(cases["everything"]("en"), lang="en"))


def test_model_and_key_are_named(cases: Cases) -> None:
    facts = {
        fact.name: fact.text for fact in build_report(cases["everything"]("en"), lang="en").clinic.provenance
    }
    assert "osteofusion 1.0.0 (release 3) · onnxruntime 1.30.0" in facts["Versions"]
    assert facts["Model signed by"] == "a clinic (key 0bab0bab0bab0bab, release key)"
    document = cases["everything"]("en")
    document["model"]["signed_by"]["use"] = "development"
    facts = {fact.name: fact.text for fact in build_report(document, lang="en").clinic.provenance}
    assert "development key, not for use with patients" in facts["Model signed by"]


def test_without_an_engine_every_surface_says_so(
    cases: Cases, lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, language = cases["no_engine"](lang), load_language(lang)
    report = build_report(document, lang=lang)
    assert language.text("person.no_engine") in report.person.alerts
    assert report.clinic.alerts == (language.text("clinic.no_engine"),)
    assert language.text("clinic.no_engine") in render_html(report)
    assert report.clinic.sureness is None
    assert report.person.cards[0].sentences == (language.text("person.bone.osteoporosis"),)  # the rule speaks
    monkeypatch.setenv("COLUMNS", "100")
    print_assessment(document | {"notice": "-"}, lang)
    shown = re.sub(r"\s", "", capsys.readouterr().out)
    assert re.sub(r"\s", "", document["flags"][0]["message"]) in shown
    assert re.sub(r"\s", "", language.text("clinic.without_engine")) in shown


def test_the_terminal_tells_doubt_tests_country_and_model(
    cases: Cases, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_assessment(cases["no_dxa"]("en") | {"notice": "-"}, "en")
    shown = " ".join(capsys.readouterr().out.split())
    assert "model's own doubt 19–30%, missing values 14–36%, rounding 23%" in shown
    assert "Speaks for osteoporosis" in shown
    assert "DXA scan of hip and lumbar spine (decides by rule)" in shown
    assert "Figures for: United States" in shown
    assert (
        "osteofusion 1.0.0 (release 3); onnxruntime 1.30.0; a clinic (key 0bab0bab0bab0bab, release key)"
        in shown
    )


def test_an_older_assessment_is_still_printed(
    cases: Cases, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Documents that were stored before doubt, tests, country and key were told."""
    document = cases["no_dxa"](lang)
    for held in (document["osteoporosis"], *document["fracture_10y"].values(), document["falls_12m"]):
        held.pop("doubt", None)
    for reasons in document["contributions"].values():
        del reasons["trace"]
    del document["missing_tests"], document["country"], document["tools"]
    for key in ("id", "counter", "signed_by", "engines_refused"):
        del document["model"][key]
    report = build_report(document, lang=lang)
    assert report.clinic.sureness is None
    assert report.person.cards[0].figures
    assert "osteofusion 1.0.0" in render_html(report)
    print_assessment(document | {"notice": "-"}, lang)
    assert "23%" in capsys.readouterr().out
