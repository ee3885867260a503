"""The values behind an assessment, as lines a clinician can check against the paper."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from osteogait.report.data import Fact, ValueGroup, ValueLine
from osteogait.report.document import Document
from osteogait.report.language import Language
from osteogait.report.quantities import date_text, plain, score, with_unit

if TYPE_CHECKING:
    from osteofusion.schema import Feature, Schema

RECORDING = "recording:"
MEASURED_DIGITS = 3  # significant; more would claim a precision no test has
CONVERTED_DIGITS = 4  # a factor must not add digits that nobody wrote
SCORES = ("{T-score}", "{Z-score}")
COLUMNS = 2
MORNING = ("ctx", "pinp")  # they follow the time of day and, CTX, meals: both are printed beside them


def value_columns(
    document: Document, schema: Schema, language: Language
) -> tuple[tuple[ValueGroup, ...], ...]:
    """All values by group, in columns of about the same length."""
    groups = []
    for group in schema.groups:
        known = [
            feature
            for feature in schema.features
            if feature.group == group.id and feature.id in document.values
        ]
        if known:
            groups.append(_group(group.label[language.code], known, document, language))
    return _balanced(groups)


def _group(name: str, features: list[Feature], document: Document, language: Language) -> ValueGroup:
    """History goes into two sentences; everything else gets a line."""
    history = [feature for feature in features if feature.kind == "bool" and feature.group == "clinical"]
    lines = tuple(
        value_line(feature, document.values[feature.id], language)
        for feature in features
        if feature not in history
    )
    sentences = []
    for answer, key in ((True, "clinic.history_yes"), (False, "clinic.history_no")):
        named = [f.label[language.code] for f in history if bool(document.values[f.id]["value"]) is answer]
        if named:
            sentences.append(f"{language.text(key)}{language.text('colon')}{language.series(named)}")
    return ValueGroup(name, lines, tuple(sentences))


def _balanced(groups: list[ValueGroup]) -> tuple[tuple[ValueGroup, ...], ...]:
    """The groups in COLUMNS whose longest is shortest; inside a column in their order."""
    heights = [len(group.lines) + 2 * len(group.sentences) + 1.5 for group in groups]

    def longest(places: tuple[int, ...]) -> float:
        return max(sum(h for h, at in zip(heights, places, strict=True) if at == n) for n in range(COLUMNS))

    best = min(product(range(COLUMNS), repeat=len(groups)), key=longest)
    columns = [
        tuple(g for g, at in zip(groups, best, strict=True) if at == number) for number in range(COLUMNS)
    ]
    return tuple(column for column in columns if column)


def value_line(feature: Feature, held: Mapping[str, Any], language: Language) -> ValueLine:
    """One value, with what was written where the unit was another, the recording and the day."""
    from_recording = str(held["source"]).startswith(RECORDING)
    written = held.get("as_written") or {}
    converted = bool(written.get("unit")) and written["unit"] != held["unit"]
    notes = []
    if converted:
        text = with_unit(str(written["value"]), written["unit"], language)
        notes.append(language.text("clinic.written_as", text=text))
    if from_recording:
        notes.append(str(held["source"]).removeprefix(RECORDING))
    if held.get("taken_at"):
        notes.append(_taken(feature, held, language))
    notes += beside(feature, held, language)
    digits = MEASURED_DIGITS if from_recording else CONVERTED_DIGITS if converted else None
    text = _value_text(feature, held["value"], language, digits)
    return ValueLine(feature.label[language.code], text, language.text("comma").join(notes), from_recording)


def _taken(feature: Feature, held: Mapping[str, Any], language: Language) -> str:
    """The day; of a marker that follows the time of day, the time too, on the clock of the place."""
    day = language.text("clinic.on_date", date=date_text(held["taken_at"], language))
    if feature.id not in MORNING or held.get("beside", {}).get("day_only"):
        return day
    return language.text("clinic.at_time", day=day, time=held["taken_at"][11:16])


def beside(feature: Feature, held: Mapping[str, Any], language: Language) -> list[str]:
    """What the report of the value said besides: side, scanner and reference, fasting, the laboratory's own limits."""
    said = held.get("beside", {})
    notes = [language.text(f"clinic.sides.{said['side']}")] if said.get("side") in ("left", "right") else []
    for name in ("brand", "reference_db"):
        if said.get(name):
            text = language.either("clinic.bone_sources", str(said[name]))
            notes.append(language.text(f"clinic.{name}", text=text))
    if feature.id in MORNING:
        notes.append(language.text(f"clinic.fasting.{said.get('fasting', 'none')}"))
    low, high = (str(said.get(name, "")) for name in ("ref_low", "ref_high"))
    if low or high:
        unit = (held.get("as_written") or {}).get("unit") or held["unit"]
        limits = with_unit(f"{low or '…'}\u2013{high or '…'}", unit, language)
        notes.append(language.text("clinic.limits", limits=limits))
    return notes


def said(feature: Feature, values: Mapping[str, Mapping[str, Any]], language: Language) -> str:
    """The name of a value, with the answer where the name alone does not tell it (which sex, a no)."""
    name = feature.label[language.code]
    value = values[feature.id]["value"] if feature.id in values else None
    if value is None or not (feature.kind == "category" or (feature.kind == "bool" and not value)):
        return name
    answer = _value_text(feature, value, language, None)
    return f"{name}{language.text('colon')}{answer}"


def _value_text(feature: Feature, value: Any, language: Language, digits: int | None) -> str:
    if feature.kind == "bool":
        return language.text("yes" if value else "no")
    if feature.id == "sex":  # stored as its code 0 or 1 where it comes from the model's inputs
        name = (
            value if isinstance(value, str) else {code: word for word, code in feature.codes.items()}[value]
        )
        return language.either("choices", name)
    if isinstance(value, list | tuple):
        return language.listed([language.either("choices", str(item)) for item in value])
    if isinstance(value, str):
        return language.either("choices", value)
    if feature.unit in SCORES:
        return score(value, language)
    return with_unit(plain(value, language, digits), feature.unit, language)


def missing_facts(document: Document, schema: Schema, language: Language) -> tuple[Fact, ...]:
    """What the model had to do without, group by group."""
    names = {group.id: group.label[language.code] for group in schema.groups}
    facts, absent = [], missing_groups(document, schema, language)
    for item in document.missing:
        if not item["whole_group"]:
            labels = [schema.by_id[feature].label[language.code] for feature in item["features"]]
            facts.append(Fact(names[item["group"]], language.series(labels)))
    if absent:
        facts.append(Fact(language.text("clinic.missing_groups"), language.series(absent)))
    return tuple(facts)


def missing_groups(document: Document, schema: Schema, language: Language) -> list[str]:
    """The groups of which nothing at all is known."""
    return [group.label[language.code] for group in schema.groups if document.lacks(group.id)]
