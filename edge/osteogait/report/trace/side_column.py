"""The column beside the signals: measures with units, then remarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len, set_cell_size

from osteogait.folding import folded
from osteogait.report.quantities import unit_text
from osteogait.report.trace.svg import Page
from osteogait.report.trace.wording import Wording

TEXT = 13.0
LINE = 18.0
CELL = 0.56 * TEXT
"""Mean width of a letter in pixels."""
SHARE_OF_REMARKS = 0.6
COLORS = {"info": "#333333", "warn": "#7A4B00", "reject": "#A00000"}


def draw_column(
    page: Page, document: Mapping[str, Any], box: tuple[float, float, float, float], wording: Wording
) -> None:
    """Measures and remarks inside `box` (left, top, right, bottom); what has no room is counted."""
    left, top, right, bottom = box
    cells = int((right - left) / CELL)
    remarks = _remarks(document, cells, wording)
    room = int((bottom - top) / LINE) - 3
    wanted = len(document["measures"]) or 1
    lines_of_remarks = min(len(remarks), max(int(room * SHARE_OF_REMARKS), room - wanted))
    page.words((left, top), wording.text("measures"), TEXT + 1, bold=True)
    y = _draw_measures(page, document, (left, top + LINE, right), room - lines_of_remarks, wording)
    y += 0.6 * LINE
    page.words((left, y), wording.text("remarks"), TEXT + 1, bold=True)
    y += LINE
    for text, color in _shortened(remarks, lines_of_remarks, wording):
        page.words((left, y), text, TEXT, color=color)
        y += LINE


def _draw_measures(
    page: Page,
    document: Mapping[str, Any],
    place: tuple[float, float, float],
    room: int,
    wording: Wording,
) -> float:
    left, y, right = place
    entries = list(document["measures"].items())
    shown = entries if len(entries) <= room else entries[: room - 1]
    for key, entry in shown:
        unit = unit_text(entry["unit"], wording.report)
        value = f"{three_digits(entry['value'])} {unit}".rstrip()
        space = int((right - left) / CELL) - cell_len(value) - 2
        name = wording.measure(key)
        page.words((left, y), name if cell_len(name) <= space else f"{set_cell_size(name, space - 1)}…", TEXT)
        page.words((right, y), value, TEXT, anchor="end")
        y += LINE
    if not entries:
        page.words((left, y), wording.text("none"), TEXT)
        y += LINE
    elif len(shown) < len(entries):
        page.words((left, y), wording.text("more_measures", count=len(entries) - len(shown)), TEXT)
        y += LINE
    return y


def three_digits(value: float) -> str:
    """Three significant digits without exponent, whole numbers whole; a true minus sign."""
    if value == round(value) or abs(value) >= 100:
        text = f"{value:.0f}"
    elif abs(value) >= 1e-3:
        text = f"{value:#.3g}".rstrip(".")
    else:
        text = f"{value:.1e}"
    return text.replace("-", "\u2212")


def _remarks(document: Mapping[str, Any], cells: int, wording: Wording) -> list[tuple[str, str]]:
    """Every line of every flag with its colour, the gravest flags first."""
    gravity = {"reject": 0, "warn": 1, "info": 2}
    lines = []
    for flag in sorted(document["flags"], key=lambda flag: gravity[flag["severity"]]):
        severity = wording.report.text(f"clinic.severity.{flag['severity']}")
        told = f"{severity}{wording.report.text('colon')}{flag['message']}"
        lines += [(line, COLORS[flag["severity"]]) for line in folded(told, cells, 2).split("\n")]
    return lines or [(wording.text("none"), COLORS["info"])]


def _shortened(lines: list[tuple[str, str]], room: int, wording: Wording) -> list[tuple[str, str]]:
    """The lines that have room, the last one saying how many lines are left out."""
    if len(lines) <= room:
        return lines
    left_out = wording.text("more_remarks", count=len(lines) - room + 1)
    return [*lines[: room - 1], (left_out, COLORS["info"])]
