"""The report as data and as HTML: complete, honest about its basis, safe with any text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gaitsignal.norms import norms
from osteofusion.schema import load_schema
from osteogait.assessment.remarks import Remark
from osteogait.report.build import build_report
from osteogait.report.document import Document
from osteogait.report.function import TESTS
from osteogait.report.language import load_language
from osteogait.report.remarks import remarks
from osteogait.report.render import render_html
from osteogait.report.values import value_line
from osteogait.storage.records import canonical_json, text_sha256

Cases = dict[str, Callable[[str], dict[str, Any]]]
VOID = {"meta", "col", "circle", "path", "line", "rect", "br"}


class Page(HTMLParser):
    """Text, tags and attributes of a page; refuses tags that do not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def _page(document: dict[str, Any], lang: str) -> Page:
    return Page(render_html(build_report(document, lang=lang)))


def test_the_cases_keep_the_contract(document: dict[str, Any], contract: Draft202012Validator) -> None:
    contract.validate(document)


def test_every_case_is_complete(document: dict[str, Any], lang: str) -> None:
    page = _page(document, lang)
    language = load_language(lang)
    assert not re.search(r"{\w+}|None|nan|Undefined", page.text)
    assert page.text.count(language.text("notice")) == 3  # on each sheet
    for fact in (document["model"]["sha256"], document["model"]["version"], document["software"]["version"]):
        assert fact in page.text
    assert text_sha256(canonical_json(document)) in page.text
    assert page.text.count(text_sha256(canonical_json(document))[:12]) >= 2
    for name, held in document["values"].items():
        if (
            isinstance(held["value"], float)
            and held["source"] == "typed"
            and not float(held["value"]).is_integer()
        ):
            assert f"{held['value']:.6g}".replace("-", "−") in page.text, name


def test_a_page_needs_nothing_from_outside(document: dict[str, Any], lang: str) -> None:
    html = render_html(build_report(document, lang=lang))
    page = Page(html)
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "image", "use", "a"})
    assert {name for name, _ in page.attributes}.isdisjoint({"src", "href", "onclick", "onload", "srcset"})
    assert not re.search(r"https?:|url\(|@import|//[a-z]", html)


def test_no_number_stands_without_what_to_do(document: dict[str, Any], lang: str) -> None:
    person = build_report(document, lang=lang).person
    assert [card.advice for card in person.cards if not card.advice] == []
    for card in person.cards:
        assert bool(card.figures) == bool(re.search(r"\d%", " ".join(card.sentences)))
    assert bool(person.closing) == any(card.figures for card in person.cards)


def test_the_person_meets_no_jargon(document: dict[str, Any], lang: str) -> None:
    person = build_report(document, lang=lang).person
    said = " ".join(part for card in person.cards for part in (*card.sentences, card.advice))
    assert not re.search(r"T-score|T 值|logit|log-odds|Shapley|CTX|interval|区间|probability|概率|tier", said)


def test_no_dxa_says_so_and_names_osta(cases: Cases, lang: str) -> None:
    language = load_language(lang)
    report = build_report(cases["no_dxa"](lang), lang=lang)
    assert language.text("no_dxa") in report.person.cards[0].notes
    assert language.text("no_dxa") in report.clinic.bone.notes
    assert any("Koh 2001" in fact.text for fact in report.clinic.bone.facts)
    assert language.text("clinic.basis_words.model") in report.clinic.results[0].basis
    assert report.clinic.results[0].result == "23%"


def test_a_rule_gives_a_status_and_no_probability(cases: Cases, lang: str) -> None:
    language = load_language(lang)
    report = build_report(cases["dxa_only"](lang), lang=lang)
    row = report.clinic.results[0]
    assert row.result == language.text("clinic.status.osteoporosis")
    assert row.basis == language.text("clinic.basis_words.dxa_rule")
    assert row.picture is None
    assert report.clinic.bone.picture is not None
    assert not any("Koh 2001" in fact.text for fact in report.clinic.bone.facts)
    assert report.clinic.reasons is not None
    assert language.text("clinic.outcomes.osteoporosis") not in report.clinic.reasons.outcomes
    assert language.text("no_dxa") not in render_html(report)


def test_partial_dxa_says_what_was_measured_and_what_is_estimated(cases: Cases, lang: str) -> None:
    language = load_language(lang)
    report = build_report(cases["partial_dxa"](lang), lang=lang)
    assert language.text("clinic.sites.fn") in report.person.cards[0].sentences[0]
    assert "16%" in report.person.cards[0].sentences[0]
    assert language.text("clinic.status.low_bone_mass") in report.clinic.bone.headline
    assert language.text("clinic.methods.equations") in report.clinic.results[0].basis
    assert report.clinic.reasons is not None  # the network's reasons are not those of the equations
    assert language.text("clinic.outcomes.osteoporosis") not in report.clinic.reasons.outcomes
    assert report.clinic.reasons.note == language.text("clinic.equations_note")


def test_a_failed_recording_is_told_to_both(cases: Cases, lang: str) -> None:
    language = load_language(lang)
    report = build_report(cases["failed_recording"](lang), lang=lang)
    assert report.person.alerts == (language.text("person.retest"),)
    (recording,) = report.clinic.recordings
    assert (recording.usable, recording.path) == (False, "walk1.csv")
    assert recording.verdict == language.text("clinic.not_usable")
    assert re.search("41", recording.remarks[0])


def test_too_young_for_the_model_gets_no_number(cases: Cases, lang: str) -> None:
    report = build_report(cases["too_young"](lang), lang=lang)
    assert not any(card.figures for card in report.person.cards)
    assert "%" not in " ".join(row.result for row in report.clinic.results)
    assert report.clinic.axis == ()
    assert report.clinic.bone.picture is None  # T-score classes do not hold for her
    assert "−2.3" in report.clinic.bone.facts[1].text
    assert any("40" in alert for alert in report.person.alerts)


def test_a_z_score_is_named_as_the_basis(cases: Cases, lang: str) -> None:
    row = build_report(cases["too_young"](lang), lang=lang).clinic.results[0]
    assert row.basis == load_language(lang).text("clinic.basis_words.z_rule")


def test_every_number_for_the_person_has_its_range(cases: Cases, lang: str) -> None:
    cards = build_report(cases["no_dxa"](lang), lang=lang).person.cards
    assert "14–36%" in cards[0].sentences[0]
    assert ["8–18%" in cards[1].sentences[0], "1–4%" in cards[1].sentences[1]] == [True, True]
    assert "5–14%" in cards[2].sentences[0]


def test_a_range_is_not_broken_at_the_end_of_a_line(cases: Cases, lang: str) -> None:
    html = render_html(build_report(cases["no_dxa"](lang), lang=lang))
    assert html.count('<span class="whole">') == 6  # four for the person, two observed shares
    assert '<span class="whole">14–36%</span>' in html


def test_a_clinicians_other_judgement_reaches_the_person(cases: Cases, lang: str) -> None:
    words = load_language(lang)
    judged = {"osteoporosis": "higher", "hip_10y": "not_usable"}
    page = build_report(cases["no_dxa"](lang), lang=lang, judged=judged).person
    bone, fracture, falls = page.cards
    assert bone.notes[0] == words.text("person.judged.higher")
    assert bone.figures
    assert fracture.sentences == (words.text("person.judged.not_usable"),)
    assert (fracture.figures, fracture.picture_text) == ((), "")
    assert falls == build_report(cases["no_dxa"](lang), lang=lang).person.cards[2]


def test_the_falling_problem_is_one_of_the_past(cases: Cases) -> None:
    """The survey asked about the past twelve months; nobody's falls were counted afterwards."""
    past = {"en": ("in the past year", "past 12 months"), "zh": ("过去一年", "过去一年")}
    for lang, (to_the_person, to_the_clinician) in past.items():
        report = build_report(cases["everything"](lang), lang=lang)
        assert to_the_person in report.person.cards[2].sentences[0]
        assert to_the_clinician in report.clinic.results[3].outcome


def test_the_person_is_told_what_was_not_done(cases: Cases) -> None:
    closing = build_report(cases["kiosk"]("en"), lang="en").person.closing
    assert closing.startswith("Not known today: bone density, blood tests, parts of your history.")
    assert build_report(cases["everything"]("en"), lang="en").person.closing.startswith("These numbers")


def test_without_a_walking_or_balance_test_nothing_is_said_of_them(cases: Cases, lang: str) -> None:
    cards = build_report(cases["age_and_sex"](lang), lang=lang).person.cards
    assert cards[2].notes == ()


def test_the_reason_of_a_rejection_comes_first(cases: Cases) -> None:
    document = cases["failed_recording"]("en")
    lost = {"code": "gap_filled", "severity": "warn", "message": "Samples were lost."}
    document["recordings"][0]["flags"].insert(0, lost)
    (recording,) = build_report(document, lang="en").clinic.recordings
    assert recording.remarks[-1] == "Samples were lost."


def test_remarks_stand_under_their_severity(cases: Cases) -> None:
    document = cases["everything"]("en")
    document["flags"] += [
        {"code": "a", "severity": "info", "message": "First."},
        {"code": "b", "severity": "warn", "message": "Second."},
    ]
    (caution, cautions), (note, notes) = build_report(document, lang="en").clinic.remarks
    assert (caution, cautions[-1]) == ("Caution", "Second.")
    assert (note, notes) == ("Note", ("First.",))


def test_what_is_said_of_several_features_is_said_once(lang: str) -> None:
    language = load_language(lang)
    said = [
        Remark("outside_training_range", "warn", {"feature": name}).message(lang) for name in ("ctx", "pth")
    ]
    flags = [
        {"code": "gap", "severity": "info", "message": "A gap."},
        *({"code": "outside_training_range", "severity": "warn", "message": message} for message in said),
        {"code": "outside_training_range", "severity": "warn", "message": "Of another version."},
        {"code": "gap", "severity": "info", "message": "A gap."},
    ]
    told = remarks(flags, language)
    assert [severity for severity, _ in told] == ["warn", "warn", "info", "info"]
    both = language.series(["(ctx)", "(pth)"]).split("(pth)")[0]
    assert both in told[0][1]
    assert told[0][1].endswith(said[1].split("(pth)")[1])
    assert told[1][1] == "Of another version."


def test_the_clinician_reads_the_body_mass_index(cases: Cases) -> None:
    assert "51 kg · BMI 21.0 kg/m²" in build_report(cases["everything"]("en"), lang="en").clinic.about
    assert "BMI" not in build_report(cases["age_and_sex"]("en"), lang="en").clinic.about


def test_an_answer_is_said_where_its_name_alone_misleads(cases: Cases) -> None:
    document = cases["everything"]("en")
    for reason in document["contributions"]["hip_10y"]["features"]:
        reason["logit"] = {"stroke": -2.0, "sex": 1.0, "prior_fracture": 0.9}.get(reason["feature"], 0.0)
    reasons = build_report(document, lang="en").clinic.reasons
    assert reasons is not None
    names = [fact.name for fact in reasons.largest[reasons.outcomes.index("Hip fracture, 10 years")]]
    assert names == ["Stroke: no", "Sex: female", "Earlier fracture as an adult"]


def test_the_report_says_when_it_was_made(cases: Cases) -> None:
    facts = build_report(cases["everything"]("en"), lang="en").clinic.provenance
    assert facts[0].text.endswith("made 25 November 2026, 01:12 UTC")


def test_a_case_that_nobody_may_estimate_is_not_called_an_estimate(cases: Cases, lang: str) -> None:
    document = cases["no_dxa"](lang)
    document["osteoporosis"] |= {"probability": None, "interval": None, "method": None}
    language = load_language(lang)
    report = build_report(document, lang=lang)
    assert report.person.cards[0].sentences == (language.text("person.bone.not_assessed"),)
    assert report.clinic.bone.headline == language.text("clinic.status.not_assessed")
    assert language.text("no_dxa") not in render_html(report)


def test_every_outcome_says_its_tier(cases: Cases, lang: str) -> None:
    language = load_language(lang)
    rows = build_report(cases["everything"](lang), lang=lang).clinic.results
    assert [row.basis for row in rows[1:]] == [
        language.text("clinic.tiers.fracture.S"),
        language.text("clinic.tiers.fracture.S"),
        language.text("clinic.tiers.falls.R"),
    ]


def test_reasons_keep_their_sign_size_and_absence(cases: Cases) -> None:
    reasons = build_report(cases["no_dxa"]("en"), lang="en").clinic.reasons
    assert reasons is not None
    rows = {row.name: row.bars for row in reasons.rows}
    falls = reasons.outcomes.index("Problem with falling, past 12 months")
    assert [bar.given for bar in rows["Bone density"]] == [False] * 4
    assert rows["Gait, balance and strength"][falls].value == "−0.48"
    assert not rows["Gait, balance and strength"][falls].raises
    widest = max((bar.width, bar.value) for bars in rows.values() for bar in bars)
    assert widest == (100.0, "+1.70")  # one scale for all outcomes
    assert reasons.largest[falls][0].name == "Walking speed"


def test_values_say_what_was_written_and_where_they_come_from(cases: Cases) -> None:
    document = cases["everything"]("en")
    document["values"]["tug"]["taken_at"] = "2026-11-20T10:00:00+08:00"
    columns = build_report(document, lang="en").clinic.columns
    lines = {line.name: line for column in columns for group in column for line in group.lines}
    assert lines["CTX (bone resorption)"].value == "0.41 ng/mL"
    assert lines["CTX (bone resorption)"].note == "written 410 pg/mL, fasting not stated"
    assert (lines["Walking speed"].value, lines["Walking speed"].note) == ("0.914 m/s", "walk1.csv")
    assert lines["Walking speed"].from_recording
    assert lines["Timed up and go"].note == "on 20 November 2026"
    assert lines["Sex"].value == "female"
    sentences = " ".join(text for column in columns for group in column for text in group.sentences)
    assert re.search("Yes: Earlier fracture as an adult; .*No: Parent with a hip fracture", sentences)


@pytest.mark.parametrize(
    ("name", "beside", "note"),
    [
        (
            "ctx",
            {"fasting": "Y", "ref_low": "104", "ref_high": "1008"},
            "written 410 pg/mL, on 5 January 2026 at 07:40, fasting, laboratory's own limits 104–1008 pg/mL",
        ),
        ("ctx", {"fasting": "N", "day_only": True}, "written 410 pg/mL, on 5 January 2026, not fasting"),
        ("pth", {"ref_high": "65"}, "on 5 January 2026, laboratory's own limits …–65 pg/mL"),
        (
            "fn_t",
            {"side": "left", "brand": "Hologic", "reference_db": "China"},
            "on 5 January 2026, left, Hologic, reference: Chinese",
        ),
    ],
)
def test_what_a_reader_needs_to_judge_a_value_stands_beside_it(
    cases: Cases, name: str, beside: dict[str, Any], note: str
) -> None:
    schema, language = load_schema(), load_language("en")
    held = cases["everything"]("en")["values"].get(name, {"value": 1.0, "unit": "pg/mL", "source": "typed"})
    held = held | {"taken_at": "2026-01-05T07:40:00+08:00", "beside": beside}
    assert value_line(schema.by_id[name], held, language).note == note
    assert value_line(schema.by_id[name], held, load_language("zh")).note


def test_a_man_does_not_lack_what_only_women_are_asked(cases: Cases) -> None:
    content = cases["everything"]("en")
    lacking = {"group": "clinical", "features": ["hormone_therapy"], "whole_group": False}
    content = content | {"missing": [lacking]}
    for sex, missing in (("male", ()), ("female", (lacking,))):
        assert Document.of(content | {"person": {**content["person"], "sex": sex}}).missing == missing


def test_whose_z_score_is_known_does_not_lack_bone_density(cases: Cases) -> None:
    content = cases["everything"]("en")
    content = content | {"missing": [{"group": "bmd", "features": ["fn_t"], "whole_group": True}]}
    without = content | {"values": {}}
    known = content | {"values": {"ls_z": {"value": -2.3, "unit": "{Z-score}", "source": "typed"}}}
    assert Document.of(without).lacks("bmd")
    assert not Document.of(known).lacks("bmd")


def test_function_is_set_against_its_own_band(cases: Cases) -> None:
    rows = {row.name: row for row in build_report(cases["everything"]("en"), lang="en").clinic.function}
    assert rows["Walking speed"].reference == (
        ("women 70–79: 0.55–1.24 m/s (5th–95th percentile)", "within"),
        ("AWGS 2019, low performance below 1.0 m/s", "yes"),
        ("T/GCM 0007-2018, slow gait below 0.8 m/s", "no"),
    )
    assert rows["Timed up and go"].reference[0] == (
        "age 70–79: 8.2–10.2 s (95% interval of the mean)",
        "above",
    )
    assert rows["Five chair stands"].reference[1] == ("AWGS 2019, low performance from 12 s", "yes")
    assert "Side-to-side sway" not in rows


def test_every_cut_off_comes_from_a_verdict_of_the_assessment(cases: Cases, lang: str) -> None:
    document = cases["everything"](lang)
    clinic = build_report(document, lang=lang).clinic
    compared = [found for said in document["verdicts"] for found in said["compared"]]
    printed = {row.name: len(row.picture.cutoffs) for row in clinic.function}
    assert sum(printed.values()) == len(compared) == 8
    for citation in {said["citation"] for said in document["verdicts"]}:
        assert any(source.startswith(citation) for source in clinic.sources)
    document["verdicts"] = []
    bare = build_report(document, lang=lang).clinic
    assert {len(row.picture.cutoffs) for row in bare.function} == {0}
    assert len(bare.function) == 3  # those with a published band


def test_a_time_from_the_sensor_is_told_from_one_by_a_stopwatch(cases: Cases) -> None:
    typed, sensor = (
        build_report(cases[name]("en"), lang="en").clinic for name in ("everything", "all_but_dxa")
    )
    assert "stopwatch" not in typed.function_note
    assert "read shorter" in sensor.function_note
    assert any("reads lower than steady walking" in source for source in typed.sources)


def test_lumbar_sway_stands_without_a_norm(cases: Cases) -> None:
    shown = {row.name for row in build_report(cases["everything"]("en"), lang="en").clinic.function}
    assert not {name for name in shown if "sway" in name.lower()}


@pytest.mark.parametrize("name", TESTS)
def test_bands_bear_the_unit_of_the_value_and_fit_their_axis(name: str) -> None:
    test = TESTS[name]
    for norm in norms():
        if (norm.measure, norm.method) == (name, test.method) and norm.beside_value and norm.band:
            assert norm.unit == load_schema().by_id[name].unit
            assert test.axis[0] <= norm.band.low < norm.band.high <= test.axis[1]


def test_missing_groups_and_values_are_named(cases: Cases) -> None:
    facts = {
        fact.name: fact.text for fact in build_report(cases["age_and_sex"]("en"), lang="en").clinic.missing
    }
    assert "Height" in facts["Clinical risk factors"]
    assert facts["Nothing at all of"].startswith("Bone density; Bone microarchitecture")
    assert build_report(cases["everything"]("en"), lang="en").clinic.missing == ()


def test_a_threshold_case_is_marked(cases: Cases, lang: str) -> None:
    document = cases["dxa_only"](lang)
    document["osteoporosis"]["at_threshold"] = True
    notes = build_report(document, lang=lang).clinic.bone.notes
    assert notes == (load_language(lang).text("clinic.at_threshold"),)


HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>\'"{{ 7*7 }}</style>步'


def test_text_of_people_stays_text(cases: Cases, lang: str) -> None:
    document = cases["everything"](lang)
    document["recordings"][0]["path"] = HOSTILE
    document["recordings"][0]["flags"][0]["message"] = HOSTILE
    document["flags"][0]["message"] = HOSTILE
    document["values"]["gait_speed"]["source"] = f"recording:{HOSTILE}"
    document["values"]["ctx"]["as_written"] = {"value": HOSTILE, "unit": HOSTILE}
    document["values"]["ancestry"] = {"value": HOSTILE, "unit": "", "source": "typed"}
    document["model"]["version"] = document["model"]["engine"] = HOSTILE
    document["software"]["version"] = HOSTILE
    page = _page(document, lang)
    assert page.tags.isdisjoint({"script", "img"})
    assert page.text.count(HOSTILE) >= 8
    assert "49" not in re.findall(r"\b49\b", page.text)


def test_the_report_does_not_change_once_made(cases: Cases) -> None:
    report = build_report(cases["everything"]("en"), lang="en")
    with pytest.raises(FrozenInstanceError):
        report.notice = "short"  # type: ignore[misc]
    assert render_html(report) == render_html(build_report(cases["everything"]("en"), lang="en"))
