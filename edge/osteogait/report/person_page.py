"""The page for the person: large type, plain words, no number without what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from osteogait.assessment.scope import MODEL_AGE
from osteogait.report.data import Card, PersonPage
from osteogait.report.document import Document, Risk
from osteogait.report.judgement import NOT_JUDGED
from osteogait.report.language import Language
from osteogait.report.pictures import Figure, hundred_people
from osteogait.report.quantities import date_text, frequency, interval_text, percent_text, plain
from osteogait.report.sureness import next_test

if TYPE_CHECKING:
    from osteofusion.schema import Schema

SEPARATOR = " · "
NOT_USABLE = "not_usable"


def person_page(
    document: Document, schema: Schema, language: Language, judged: Mapping[str, str] = NOT_JUDGED
) -> PersonPage:
    """The page for the person; `judged`: by outcome, what a clinician concluded otherwise."""
    cards = (
        _judged(_bone(document, language), ("osteoporosis",), judged, language),
        _judged(_fracture(document, language), ("mof_10y", "hip_10y"), judged, language),
        _judged(_falls(document, language), ("falls_12m",), judged, language),
    )
    about = SEPARATOR.join(
        [age_and_sex(document, language), _made(document, language), *country_words(document, language)]
    )
    closing = ""
    if any(card.figures for card in cards):
        test = next_test(document, schema, language)
        said = [*_unknown(document, language), test or "", language.text("person.closing")]
        closing = language.both(sentence for sentence in said if sentence)
    return PersonPage(about, cards, _alerts(document, language), closing)


def age_and_sex(document: Document, language: Language) -> str:
    """Who this is about, without a name."""
    sex = language.text(f"adult.{document.person['sex']}")
    return language.text("age_sex", sex=sex, age=plain(document.person["age"], language))


def country_words(document: Document, language: Language) -> list[str]:
    """For people of which country the numbers are meant, where the assessment says it."""
    return [] if document.country is None else [language.text("figures_for", country=document.country)]


def frequency_words(risk: Risk, language: Language, key: str = "person.frequency") -> dict[str, str]:
    """The fields `frequency` and `percent` of a sentence about `risk`."""
    found = frequency(risk.probability)
    percent = percent_text(risk.probability)
    brackets = language.text("person.percent", percent=percent)
    if risk.interval is not None:
        ends = interval_text(risk.interval, language)
        brackets = language.text("person.percent_range", percent=percent, range=ends)
    return {"frequency": language.text(f"{key}.{found.kind}", n=found.n, m=found.m), "percent": brackets}


def _made(document: Document, language: Language) -> str:
    return date_text(document.content.get("created"), language)


def _bone(document: Document, language: Language) -> Card:
    risk = document.risk("osteoporosis")
    advice = language.text(f"person.bone_do.{document.status}")
    notes = (language.text("no_dxa"),) if document.estimated else ()
    sites = [language.text(f"clinic.sites.{site}") for site in document.bone.get("sites_measured", ())]
    fields = {"sites": language.listed(sites), **(frequency_words(risk, language) if risk else {})}
    sentence = language.text(f"person.bone.{document.status}", **fields)
    return _card("bone", [sentence], risk, notes, advice, language)


def _fracture(document: Document, language: Language) -> Card:
    mof, hip = document.risk("mof_10y"), document.risk("hip_10y")
    sentences = [language.text("person.fracture.none")]
    if mof is not None:
        sentences = [language.text("person.fracture.mof", **frequency_words(mof, language))]
    if hip is not None:
        fields = frequency_words(hip, language, "person.fracture.hip_frequency")
        sentences.append(language.text("person.fracture.hip", **fields))
    advice = language.text("person.fracture.do" if mof else "person.fracture.do_without_number")
    return _card("fracture", sentences, mof, (), advice, language)


def _falls(document: Document, language: Language) -> Card:
    risk = document.risk("falls_12m")
    advice = language.text("person.falls.do")
    if risk is None:
        return _card("falls", [language.text("person.falls.none")], None, (), advice, language)
    sentence = language.text("person.falls.risk", **frequency_words(risk, language))
    notes = () if document.lacks("sensor") else (language.text("falls_note"),)
    return _card("falls", [sentence], risk, notes, advice, language)


def _judged(card: Card, outcomes: tuple[str, ...], judged: Mapping[str, str], language: Language) -> Card:
    """The card with the clinician's word beside the number, or in its place where it must not be used."""
    said = tuple(dict.fromkeys(judged[name] for name in outcomes if name in judged))
    words = tuple(language.text(f"person.judged.{conclusion}") for conclusion in said)
    if NOT_USABLE in said:
        only = language.text(f"person.judged.{NOT_USABLE}")
        return replace(card, sentences=(only,), figures=(), picture_text="", notes=())
    return replace(card, notes=(*words, *card.notes))


def _unknown(document: Document, language: Language) -> list[str]:
    """What a person could still have done or tell: whole groups, and a history with gaps."""
    words = language.table("person.unknown_names")
    names = [
        words[item["group"]]
        for item in document.missing
        if item["group"] in words and (document.lacks(item["group"]) or item["group"] == "clinical")
    ]
    return [language.text("person.unknown", names=language.listed(names))] if names else []


def _card(
    subject: str,
    sentences: list[str],
    risk: Risk | None,
    notes: tuple[str, ...],
    advice: str,
    language: Language,
) -> Card:
    figures: tuple[Figure, ...] = ()
    picture_text = ""
    if risk is not None:
        filled = frequency(risk.probability).filled
        figures = hundred_people(filled)
        picture_text = language.text("person.picture", n=f"{filled.normalize():f}")
    title = language.text(f"person.{subject}.title")
    return Card(title, tuple(sentences), figures, picture_text, notes, advice)


def _alerts(document: Document, language: Language) -> tuple[str, ...]:
    """What the person must know about today's tests."""
    alerts = []
    if document.unusable:
        key = "person.retest" if document.unusable == 1 else "person.retests"
        alerts.append(language.text(key, count=document.unusable))
    if document.has_flag("no_engine"):
        alerts.append(language.text("person.no_engine"))
    if document.has_flag("age_out_of_scope"):
        alerts.append(language.text("person.too_young", age=plain(MODEL_AGE, language)))
    return tuple(alerts)
