"""Tables for people at a terminal; the data for programs are printed by the commands themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from osteogait.folding import folded
from osteogait.model.in_use import active_schema
from osteogait.report.build import engine_words, key_words, release_words
from osteogait.report.document import Document
from osteogait.report.language import Language, load_language
from osteogait.report.outcomes import bone_status, result_axis, result_rows
from osteogait.report.quantities import unit_text
from osteogait.report.remarks import remarks
from osteogait.report.sureness import NOTHING, SOURCES, sureness
from osteogait.report.values import missing_groups

if TYPE_CHECKING:
    from osteofusion.schema import Schema

RESULT_WIDTH = 22
INTERVAL_WIDTH = 10
GUTTERS = 7  # cells that the frame of a three-column table takes
DETAIL = 2  # cells by which a line below another is moved in


def _console() -> Console:
    return Console(highlight=False, markup=False)  # a path may hold [brackets]


def number(value: float) -> str:
    """Three significant digits without exponent for what people read."""
    if value == round(value) or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.3g}"


def print_measures(document: Mapping[str, Any], lang: str = "en") -> None:
    """One recording: verdict, measures, events, flags."""
    console, language = _console(), load_language(lang)
    verdict = language.text(f"clinic.{'usable' if document['usable'] else 'not_usable'}")
    protocol = language.either("clinic.protocols", document["protocol"])
    console.print(Text(f"{document['recording']} · {protocol} · {verdict}", style="bold"), soft_wrap=True)
    if document["measures"]:
        console.print(_measures_table(document["measures"], language))
    counts = [
        f"{_named('events', name, lang)} {len(items)}" for name, items in document["events"].items() if items
    ]
    if counts:
        console.print(" · ".join(counts))
    for flag in document["flags"]:
        severity = language.text(f"clinic.severity.{flag['severity']}")
        _print_line(console, f"{severity} ({flag['code']}){language.text('colon')}{flag['message']}")


def _measures_table(measures: Mapping[str, Mapping[str, Any]], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("measure", "value", "unit", "key"):
        justify: Any = "right" if heading == "value" else "left"
        style = "dim" if heading == "key" else None
        table.add_column(language.text(f"screen.{heading}"), justify=justify, style=style)
    for key, entry in measures.items():
        unit = unit_text(entry["unit"], language)
        table.add_row(measure_name(key, language.code), number(entry["value"]), unit, key)
    return table


def measure_name(key: str, lang: str) -> str:
    """The words for a measure; its key where there are none."""
    stem, _, end = key.rpartition("_")
    endings = _names()["endings"]
    if end in endings and key not in _names()["names"]:
        return f"{_named('names', stem, lang)}, {endings[end][lang]}"
    return _named("names", key, lang)


def _named(kind: str, key: str, lang: str) -> str:
    found = _names()[kind].get(key)
    return key.replace("_", " ") if found is None else str(found[lang])


@cache
def _names() -> dict[str, Any]:
    text = files("osteogait").joinpath("measure_names.yaml").read_text(encoding="utf-8")
    names: dict[str, Any] = yaml.safe_load(text)
    return names


def print_assessment(document: Mapping[str, Any], lang: str) -> None:
    """One person: the four answers with their basis, what is missing, the flags, and what this is not.

    Words and rounding are those of the report.
    """
    console, language = _console(), load_language(lang)
    held = Document.of(document)
    console.print(_results_table(held, language, console.width))
    for line in _remarks(held, language):
        _print_line(console, line)
    _print_line(console, document["notice"], indent=0, style="dim")


def _results_table(held: Document, language: Language, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("outcome", "result", "interval"):
        table.add_column(language.text(f"clinic.{heading}"))
    rows = result_rows(held, result_axis(held), language)
    shown = [language.text("clinic.result"), *(row.result for row in rows)]
    widest = min(max(cell_len(text) for text in shown), RESULT_WIDTH)
    room = max(width - widest - INTERVAL_WIDTH - GUTTERS, 20)
    for row in rows:
        told = Text(folded(row.outcome, room), style="bold")
        told.append("\n" + " " * DETAIL + folded(row.basis, room - DETAIL, DETAIL), style="not bold")
        table.add_row(told, folded(row.result, widest), row.interval)
    return table


def _remarks(held: Document, language: Language) -> Iterable[str]:
    """What explains the table: lowest score, groups not known, doubt, tests that would help, flags, the model."""
    colon, bone = language.text("colon"), bone_status(held, language)
    if held.partial:
        yield bone.headline
    for fact in bone.facts:
        yield f"{fact.name}{colon}{fact.text}"
    schema = active_schema()
    missing = missing_groups(held, schema, language)
    if missing:
        yield f"{language.text('clinic.missing_groups')}{colon}{language.series(missing)}"
    if result_axis(held):
        yield language.text("clinic.interval_note")
    yield from _doubt(held, schema, language)
    for severity, text in remarks(held.content["flags"], language):
        yield f"{language.text('clinic.severity.' + severity)}{colon}{text}"
    if held.country is not None:
        yield f"{language.text('clinic.country_line')}{colon}{held.country}"
    yield from _model(held, language)


def _doubt(held: Document, schema: Schema, language: Language) -> Iterable[str]:
    """Ranges by source, what the estimates speak for, and the missing tests that would narrow them most."""
    colon, found = language.text("colon"), sureness(held, schema, language)
    if found is None:
        return
    for row in found.rows:
        if row.ranges[0] != NOTHING:
            ranges = dict(zip(SOURCES, row.ranges, strict=True))
            yield language.text("clinic.doubt_line", outcome=row.outcome, **ranges)
    for fact in found.judgements:
        yield f"{fact.name}{colon}{fact.text}"
    for row in found.rows:
        name = language.text("clinic.tests_line", outcome=row.outcome)
        yield f"{name}{colon}{language.series(list(row.tests))}"


def _model(held: Document, language: Language) -> Iterable[str]:
    """Which model answered, on which engine, signed by whom."""
    model = held.content["model"]
    if "signed_by" not in model:
        return
    parts = [release_words(model, language), engine_words(model, language)]
    if model["signed_by"] is not None:
        parts.append(key_words(model, language))
    yield f"{language.text('clinic.model_line')}{language.text('colon')}{language.series(parts)}"


def _print_line(console: Console, text: str, *, indent: int = DETAIL, style: str = "") -> None:
    console.print(Text(folded(text, console.width, indent), style=style), soft_wrap=True)
