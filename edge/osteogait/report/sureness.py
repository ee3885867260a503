"""How sure each answer is, where its doubt comes from, and which missing test would narrow it most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from osteogait.report.data import Fact, Sureness, SureRow
from osteogait.report.document import OUTCOMES, Document
from osteogait.report.language import Language
from osteogait.report.quantities import interval_text, percent_text

if TYPE_CHECKING:
    from osteofusion.schema import Schema

SOURCES = ("members", "missing", "rounding")
NAMED = 3  # tests that are named for an outcome
SPEAKS = {("yes",): "speaks_for", ("no",): "speaks_against", ("no", "yes"): "tells_neither"}
NOTHING = "\u2013"


def sureness(document: Document, schema: Schema, language: Language) -> Sureness | None:
    """A row an outcome that has a number; None for an assessment that tells nothing of its doubt."""
    shown = [name for name in OUTCOMES if document.risk(name) is not None and _told(document, name)]
    if not shown:
        return None
    rows = tuple(
        SureRow(
            language.text(f"clinic.short.{name}"),
            _ranges(document, name, language),
            helpful_tests(document, name, schema, language),
        )
        for name in shown
    )
    return Sureness(rows, judgements(document, language))


def judgements(document: Document, language: Language) -> tuple[Fact, ...]:
    """What the estimate says for or against, where people with real answers were there to check it."""
    facts = []
    for name in OUTCOMES:
        doubt = document.doubt(name)
        if document.risk(name) is None or doubt is None or doubt["judgement"] is None:
            continue
        text = language.both(_judgement(doubt, name, language))
        facts.append(Fact(language.text(f"clinic.short.{name}"), text))
    return tuple(facts)


def helpful_tests(document: Document, outcome: str, schema: Schema, language: Language) -> tuple[str, ...]:
    """The missing tests that would narrow `outcome` most, best first; one sentence when none would."""
    gains = document.missing_tests(outcome)
    said = []
    for gain in _apart(gain for gain in gains if gain["noticeable"]):
        test = _test_name(gain, schema, language)
        if gain["decides"]:
            said.append(language.text("clinic.test_decides", test=test))
        else:
            narrower = percent_text(gain["narrowing"])
            said.append(language.text("clinic.test_narrows", test=test, percent=narrower))
    if not said:
        said.append(language.text("clinic.no_test" if gains else "clinic.nothing_left"))
    return tuple(said)


def next_test(document: Document, schema: Schema, language: Language) -> str | None:
    """For the person: the one missing test that would tell most, or that none would; None when nobody asked."""
    asked = [name for name in OUTCOMES if document.risk(name) is not None and document.missing_tests(name)]
    for name in asked:
        best = document.missing_tests(name)[0]
        if best["noticeable"]:
            key = "person.next_question" if _is_question(best, schema) else "person.next_test"
            return language.text(key, test=best["label"])
    return language.text("person.no_next_test") if asked else None


def _told(document: Document, outcome: str) -> bool:
    return document.doubt(outcome) is not None or outcome in document.content.get("missing_tests", {})


def _ranges(document: Document, outcome: str, language: Language) -> tuple[str, ...]:
    """The range by each source; a dash where an equation answers, which has none."""
    doubt = document.doubt(outcome)
    if doubt is None:
        return (NOTHING,) * len(SOURCES)
    found = (doubt["sources"][name] for name in SOURCES)
    return tuple(interval_text((low, high), language) for low, high in found)


def _judgement(doubt: Mapping[str, Any], outcome: str, language: Language) -> list[str]:
    from osteofusion.words import remark

    what, judged = language.text(f"clinic.judged.{outcome}"), doubt["judgement"]
    said = [remark(SPEAKS[tuple(judged["not_ruled_out"])], language.code, {"label": what})]
    if judged["at_threshold"]:
        said.append(language.text("clinic.at_border"))
    if doubt["observed_share"] is not None:
        low, high = doubt["observed_share"]
        share = interval_text((low, high), language)
        said.append(language.text("clinic.observed", share=share, what=what))
    return said


def _apart(gains: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first of `gains` that have no value in common: the hip alone is no other test than hip and spine."""
    kept: list[Mapping[str, Any]] = []
    taken: set[str] = set()
    for gain in gains:
        if len(kept) < NAMED and not taken & set(gain["features"]):
            kept.append(gain)
            taken |= set(gain["features"])
    return kept


def _test_name(gain: Mapping[str, Any], schema: Schema, language: Language) -> str:
    key = "clinic.question" if _is_question(gain, schema) else "clinic.test"
    return language.text(key, test=gain["label"])


def _is_question(gain: Mapping[str, Any], schema: Schema) -> bool:
    """Whether the person can simply be asked."""
    found = [schema.by_id[name] for name in gain["features"] if name in schema.by_id]
    return bool(found) and all(f.kind == "bool" and f.group == "clinical" for f in found)
