"""The strip above the signals: one row for every kind of event that was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rich.cells import cell_len

from osteogait.report.trace.scale import Scale
from osteogait.report.trace.svg import Page
from osteogait.report.trace.wording import Wording

ROW = 24.0
TEXT = 13.0
CELL = 0.58 * TEXT
"""Width of a letter in pixels, on the wide side: a word that may not fit is left out."""
LEFT, RIGHT, PLAIN, LOST = "#0072B2", "#D55E00", "#555555", "#000000"
"""Of the palette that people with any colour vision tell apart (Okabe & Ito 2008); shape and row tell it too."""
FILLS = {"walking_bouts": "#E3EEF6", "turns": "#FBF3B4", "phases": "#EDE4F3", "rises": "#D9F0E6"}
EDGES = {"walking_bouts": "#0072B2", "turns": "#8A7A00", "phases": "#8A4F9E", "rises": "#00765A"}
MARK = 5.5


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time with the words that stand in it, and shorter ones for a narrow place."""

    start_s: float
    end_s: float
    text: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `kind` (a key of words.yaml), stretches or moments."""

    kind: str
    spans: tuple[Span, ...] = ()
    moments_s: tuple[float, ...] = ()


def event_rows(
    document: Mapping[str, Any], lost: Sequence[tuple[float, float]], wording: Wording
) -> tuple[Row, ...]:
    """The rows that have something in them, in the order in which they are drawn."""
    events = document["events"]
    contacts = events["initial_contacts"]
    rows = [
        Row(f"contacts_{name}", moments_s=tuple(c["time_s"] for c in contacts if c["side"] == side))
        for name, side in (("left", "left"), ("right", "right"), ("unsided", None))
    ]
    rows.append(Row("walking_bouts", tuple(Span(b["start_s"], b["end_s"]) for b in events["walking_bouts"])))
    rows.append(Row("turns", tuple(_turn(turn, wording) for turn in events["turns"])))
    phases = [
        Span(
            part["start_s"],
            part["end_s"],
            f"{number} {wording.either('phase_names', part['name'])}",
            str(number),
        )
        for number, part in enumerate(events.get("phases") or (), start=1)
    ]
    rows.append(Row("phases", tuple(phases)))
    rises = [
        Span(part["start_s"], part["end_s"], str(number))
        for number, part in enumerate(events.get("rises") or (), start=1)
    ]
    rows.append(Row("rises", tuple(rises)))
    rows.append(Row("lost", tuple(Span(start, end) for start, end in lost)))
    return tuple(row for row in rows if row.spans or row.moments_s)


def _turn(turn: Mapping[str, float], wording: Wording) -> Span:
    way = "left" if turn["angle_deg"] > 0 else "right"
    angle = f"{abs(turn['angle_deg']):.0f}"
    text = wording.text(f"turned.{way}", angle=angle)
    return Span(turn["start_s"], turn["end_s"], text, f"{angle}°")


def draw_rows(page: Page, rows: Sequence[Row], time: Scale, top: float, wording: Wording) -> float:
    """Draws the rows from `top` downwards and gives where they end."""
    for number, row in enumerate(rows):
        y = top + number * ROW
        color = {"contacts_left": LEFT, "contacts_right": RIGHT}.get(row.kind, "#222")
        page.words((time.start - 10, y + 17), wording.text(row.kind), TEXT, anchor="end", color=color)
        page.line((time.start, y + ROW), (time.end, y + ROW), "#E5E5E5")
        for span in row.spans:
            _draw_span(page, row.kind, span, time, y)
        half = _half_width(row.moments_s, time)
        for moment in row.moments_s:
            _draw_contact(page, row.kind, (time.at(moment), y), half)
    return top + len(rows) * ROW


def _draw_span(page: Page, kind: str, span: Span, time: Scale, y: float) -> None:
    x, width = time.at(span.start_s), time.at(span.end_s) - time.at(span.start_s)
    if kind == "lost":
        page.area(x, y + 6, max(width, 1.0), ROW - 12, LOST)
        return
    page.area(x, y + 2, width, ROW - 4, FILLS[kind], EDGES[kind])
    for text in (span.text, span.short):
        if text and cell_len(text) * CELL <= width:
            page.words((x + width / 2, y + 17), text, TEXT, anchor="middle")
            return


def _half_width(moments_s: Sequence[float], time: Scale) -> float:
    """Half the width of a mark: marks of the usual step must not touch."""
    if len(moments_s) < 2:
        return MARK
    between = sorted(time.at(b) - time.at(a) for a, b in pairwise(sorted(moments_s)))
    return min(MARK, max(1.0, 0.4 * between[len(between) // 2]))


def _draw_contact(page: Page, kind: str, at: tuple[float, float], half: float) -> None:
    """Left: full triangle; right: hollow triangle; unknown: hollow diamond."""
    x, middle = at[0], at[1] + ROW / 2
    if kind == "contacts_unsided":
        corners = [(x, middle - MARK), (x + half, middle), (x, middle + MARK), (x - half, middle)]
        page.shape(corners, "#fff", PLAIN)
        return
    color = LEFT if kind == "contacts_left" else RIGHT
    corners = [(x - half, middle - MARK), (x + half, middle - MARK), (x, middle + MARK)]
    page.shape(corners, color if kind == "contacts_left" else "#fff", color)
