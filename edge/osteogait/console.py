"""Tables for people at a terminal; the data for programs are printed by the commands themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from osteogait.words import sentence


def _console() -> Console:
    return Console(highlight=False, markup=False)  # a path may hold [brackets]


def number(value: float) -> str:
    """Three significant digits without exponent for what people read."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def percent(probability: float | None) -> str:
    """Whole percent from 10 % up, half percents below; a dash when there is no number."""
    if probability is None:
        return "–"
    shown = 100 * probability
    return f"{shown:.0f} %" if shown >= 10 else f"{round(2 * shown) / 2:.1f} %"


def interval(bounds: list[float] | None) -> str:
    """`low – high` in percent, or nothing."""
    return f"{percent(bounds[0])} – {percent(bounds[1])}" if bounds else ""


def print_measures(document: Mapping[str, Any]) -> None:
    """One recording: verdict, measures, events, flags."""
    console = _console()
    verdict = "usable" if document["usable"] else "not usable"
    table = Table(title=f"{document['recording']} · {document['protocol']} · {verdict}", title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    for key, entry in document["measures"].items():
        table.add_row(key, number(entry["value"]), entry["unit"])
    console.print(table)
    counts = {name: len(items) for name, items in document["events"].items() if items}
    if counts:
        console.print("  ".join(f"{name.replace('_', ' ')}: {count}" for name, count in counts.items()))
    for flag in document["flags"]:
        console.print(f"[{flag['severity']}] {flag['code']}: {flag['message']}", markup=False)


def print_assessment(document: Mapping[str, Any], lang: str) -> None:
    """One person: the four answers with their basis, what is missing, the flags, and what this is not."""
    console = _console()

    def word(code: str) -> str:
        return sentence(code, lang, {})

    table = Table(title_justify="left")
    for heading in ("outcome", "result", "interval", "basis"):
        table.add_column(word(f"table_{heading}"))
    bone = document["osteoporosis"]
    table.add_row(
        word("outcome_osteoporosis"),
        _status(bone, lang),
        interval(bone["interval"]),
        word(f"basis_{bone['basis']}"),
    )
    fracture = document["fracture_10y"]
    rows = [("mof_10y", fracture["mof"]), ("hip_10y", fracture["hip"]), ("falls_12m", document["falls_12m"])]
    for name, risk in rows:
        shown = percent(risk["probability"])
        table.add_row(word(f"outcome_{name}"), shown, interval(risk["interval"]), word(f"basis_{name}"))
    console.print(table)
    missing = [item["group"] for item in document["missing"] if item["whole_group"]]
    if missing:
        console.print(f"{word('table_missing')}: {', '.join(missing)}")
    for flag in document["flags"]:
        console.print(f"[{flag['severity']}] {flag['message']}", markup=False)
    console.print(document["notice"], style="dim")


def _status(bone: Mapping[str, Any], lang: str) -> str:
    said = sentence(f"status_{bone['status']}", lang, {})
    if bone["measured_status"]:
        measured = sentence(f"status_{bone['measured_status']}", lang, {})
        said = f"{measured} ({', '.join(bone['sites_measured'])}); {said}"
    return f"{said} {percent(bone['probability'])}" if bone["probability"] is not None else said
