"""Tests of function beside published bands and the verdicts of rule sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gaitsignal.norms import Band, Norm, norm_beside
from gaitsignal.scoring.rule_set import rule_set
from osteogait.report.data import FunctionRow
from osteogait.report.document import Compared, Document
from osteogait.report.language import Language
from osteogait.report.pictures import band_picture
from osteogait.report.quantities import fixed, unit_text
from osteogait.report.values import RECORDING, value_line

if TYPE_CHECKING:
    from osteofusion.schema import Feature, Schema

OLDEST = 99  # a published group that ends here or later is open upwards


@dataclass(frozen=True, slots=True)
class FunctionTest:
    """How a test is printed: `method` is that of its norm (None: no norm), `axis` what the picture shows at least."""

    axis: tuple[float, float]
    decimals: int
    method: str | None = None


TESTS: Mapping[str, FunctionTest] = {
    "gait_speed": FunctionTest((0.0, 2.0), 2, "stopwatch_20ft"),
    "chair_stand_5x": FunctionTest((0.0, 20.0), 1, "stopwatch"),
    "tug": FunctionTest((0.0, 20.0), 1, "stopwatch"),
    "grip_one_hand": FunctionTest((0.0, 50.0), 1),
    "one_leg_stance": FunctionTest((0.0, 40.0), 1),
}
"""In print order. Lumbar sway is not here on purpose: no public table with open formulas."""


@dataclass(frozen=True, slots=True)
class FunctionPart:
    """The rows, the sources behind them, and what must be known to read them."""

    rows: tuple[FunctionRow, ...]
    sources: tuple[str, ...]
    note: str


def function_part(document: Document, schema: Schema, language: Language) -> FunctionPart:
    """Every test of function that has a band or a cut-off, in print order."""
    rows, sources = [], []
    note = language.text("clinic.function_note")
    for name, test in TESTS.items():
        if name not in document.values:
            continue
        norm = _norm(name, test, document)
        compared = document.compared(name)
        if norm is None and not compared:
            continue
        rows.append(_row(schema.by_id[name], document.values[name], norm, compared, language))
        sources += _norm_source(norm, language) + [_rule_source(item) for item in compared]
        if test.method == "stopwatch" and _from_recording(document.values[name]):
            note = language.text("clinic.function_note_sensor")
    return FunctionPart(tuple(rows), tuple(dict.fromkeys(sources)), note)


def _norm(name: str, test: FunctionTest, document: Document) -> Norm | None:
    if test.method is None:
        return None
    return norm_beside(name, test.method, document.person["age"], document.person["sex"])


def _from_recording(held: Mapping[str, Any]) -> bool:
    return str(held["source"]).startswith(RECORDING)


def _row(
    feature: Feature,
    held: Mapping[str, Any],
    norm: Norm | None,
    compared: Sequence[Compared],
    language: Language,
) -> FunctionRow:
    test, value = TESTS[feature.id], held["value"]
    reference = [
        (_cutoff_words(item, language), language.text("yes" if item.met else "no")) for item in compared
    ]
    band = None if norm is None else norm.band
    if norm is not None and band is not None:
        side = "below" if value < band.low else "above" if value > band.high else "within"
        words = _band_words(band, norm, test.decimals, language)
        reference.insert(0, (words, language.text(f"clinic.position.{side}")))
    line = value_line(feature, held, language)
    ends = None if band is None else (band.low, band.mid, band.high)
    picture = band_picture(value, test.axis, ends, [item.limit for item in compared])
    return FunctionRow(line.name, line.value, tuple(reference), picture)


def _band_words(band: Band, norm: Norm, decimals: int, language: Language) -> str:
    first, last = norm.ages
    return language.text(
        "clinic.band",
        who=language.text(f"clinic.band_who.{norm.sex or 'any'}"),
        ages=f"{first}+" if last >= OLDEST else f"{first}{language.text('to')}{last}",
        low=fixed(band.low, decimals, language),
        high=fixed(band.high, decimals, language),
        unit=unit_text(norm.unit, language),
        kind=language.text(f"clinic.band_kind.{band.kind}"),
    ).strip()


def _cutoff_words(compared: Compared, language: Language) -> str:
    rules = rule_set(compared.rule_set)
    return language.text(
        f"clinic.cutoff.{compared.comparison}",
        rule=rules.short,
        what=rules.brief(compared.item, language.code),
        limit=compared.limit,
        unit=unit_text(compared.unit, language),
    )


def _rule_source(compared: Compared) -> str:
    short = rule_set(compared.rule_set).short
    return compared.citation if short in compared.citation else f"{compared.citation} ({short})"


def _norm_source(norm: Norm | None, language: Language) -> list[str]:
    if norm is None:
        return []
    count = (
        language.text("clinic.people", n=f"{norm.n:,}")
        if norm.n is not None
        else language.text("clinic.studies", n=norm.studies)
    )
    return [language.series([norm.source, count, norm.population[language.code]])]
