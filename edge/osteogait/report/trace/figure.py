"""The page: title, events, signals over one time axis, measures and remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from osteogait.report.trace.event_rows import EDGES, FILLS, LEFT, RIGHT, Row, draw_rows, event_rows
from osteogait.report.trace.scale import FloatArray, Scale, pieces, span_of, tick_text
from osteogait.report.trace.side_column import draw_column
from osteogait.report.trace.signals import Lane, Traces, traces
from osteogait.report.trace.svg import Page
from osteogait.report.trace.wording import Wording

if TYPE_CHECKING:
    from gaitsignal.recording import Recording

WIDTH, HEIGHT = 1600, 900
LEFT_EDGE, RIGHT_EDGE, COLUMN, MARGIN = 130.0, 1150.0, 1190.0, 24.0
PLANE_EDGE = 760.0
"""Right edge of the signals of a stance, whose sway from above stands beside them."""
TOP, BOTTOM = 80.0, 846.0
LANE_GAP, LANE_HEAD = 8.0, 18.0
LEAST = {"m/s2": 1.0, "deg/s": 20.0, "deg": 5.0}
"""A lane shows at least this much, so that noise does not look like movement."""
LEAST_SWAY = 0.2
COLORS = {
    "up": "#222222",
    "right": LEFT,
    "forward": RIGHT,
    "1": LEFT,
    "2": RIGHT,
    "level": LEFT,
    "yaw": "#00765A",
    "lean": "#8A4F9E",
}
LABEL, TICK = 13.0, 12.0
LOST_SHADE = "#E9E9E9"
MANY_CONTACTS = 160
"""More are shown in their rows only: their lines would hide the signal."""


def draw_figure(recording: Recording, document: Mapping[str, Any], wording: Wording) -> str:
    """The plot of `recording` with what `document`, its measures document, says was found in it, as SVG."""
    name = PurePath(str(document["recording"])).name
    protocol = wording.report.either("clinic.protocols", document["protocol"])
    page = Page(WIDTH, HEIGHT, f"{protocol} · {name}")
    seen = traces(recording, document)
    _draw_title(page, f"{protocol} · {name}", recording, document, wording)
    edge = RIGHT_EDGE if seen.plane is None else PLANE_EDGE
    time = Scale(recording.start_s, recording.start_s + max(recording.duration_s, 0.1), LEFT_EDGE, edge)
    rows = event_rows(document, seen.lost, wording)
    top = draw_rows(page, rows, time, TOP, wording) + LANE_GAP
    _draw_shades(page, rows, seen, time, top)
    _draw_lanes(page, seen, rows, time, top, wording)
    _draw_time(page, time, wording)
    if seen.plane is not None:
        _draw_plane(page, seen.plane, seen.lanes[1:3], wording)
    draw_column(page, document, (COLUMN, TOP + 14, WIDTH - MARGIN, HEIGHT - MARGIN), wording)
    return page.text({"en": "en", "zh": "zh-Hans"}[wording.lang])


def _draw_title(
    page: Page, title: str, recording: Recording, document: Mapping[str, Any], wording: Wording
) -> None:
    usable = bool(document["usable"])
    verdict = wording.report.text("clinic.usable" if usable else "clinic.not_usable")
    page.words((MARGIN, 36), title, 21, bold=True)
    page.words(
        (WIDTH - MARGIN, 36), verdict, 21, anchor="end", bold=True, color="#00654D" if usable else "#A00000"
    )
    site = wording.either("sites", recording.site[:40])
    facts = wording.text(
        "facts", seconds=f"{recording.duration_s:.1f}", rate=f"{recording.fs_hz:.4g}", site=site
    )
    share = 100.0 * float(np.mean(~recording.measured)) if recording.n else 0.0
    if share > 0:
        facts += f" · {wording.text('lost_total', percent=f'{share:.2g}')}"
    names = [wording.either("phase_names", part["name"]) for part in document["events"].get("phases") or ()]
    if names:
        facts += f" · {wording.text('phases')}{wording.report.text('colon')}"
        facts += wording.report.text("comma").join(f"{n} {name}" for n, name in enumerate(names, start=1))
    page.words((MARGIN, 60), facts, 14, color="#444")


def _draw_shades(page: Page, rows: Sequence[Row], seen: Traces, time: Scale, top: float) -> None:
    """Turns, rises and holes behind the signals, so that they can be compared with them."""
    for row in rows:
        if row.kind in ("turns", "rises"):
            for span in row.spans:
                x = time.at(span.start_s)
                page.area(x, top, time.at(span.end_s) - x, BOTTOM - top, FILLS[row.kind])
        if row.kind == "phases":
            for border in sorted({s.start_s for s in row.spans} | {s.end_s for s in row.spans}):
                x = time.at(border)
                page.line((x, top), (x, BOTTOM), EDGES["phases"], dash="5 4")
    for start, end in seen.lost:
        page.area(time.at(start), top, time.at(end) - time.at(start), BOTTOM - top, LOST_SHADE)


def _draw_lanes(
    page: Page, seen: Traces, rows: Sequence[Row], time: Scale, top: float, wording: Wording
) -> None:
    height = (BOTTOM - top - LANE_GAP * (len(seen.lanes) - 1)) / len(seen.lanes)
    moments = {row.kind: row.moments_s for row in rows if row.moments_s}
    common = _common_span([lane for lane in seen.lanes if lane.name.startswith("sway")])
    x = _pixels(time, seen.time_s)
    for number, lane in enumerate(seen.lanes):
        y = top + number * (height + LANE_GAP)
        span = common if lane.name.startswith("sway") else span_of(lane.y, LEAST[lane.unit])
        scale = Scale(*span, y + height, y + LANE_HEAD)
        page.area(time.start, y, time.end - time.start, height, "none", "#999")
        if number == 0 and sum(map(len, moments.values())) <= MANY_CONTACTS:
            _draw_contact_lines(page, moments, time, (y, y + height))
        _draw_ticks(page, scale, time)
        color = COLORS[lane.name.removeprefix("sway_")]
        page.curve(pieces(x, _pixels(scale, lane.y), int(time.end - time.start)), color)
        heading = f"{wording.text(lane.name)} ({wording.text(lane.unit)})"
        page.words((time.start + 6, y + 14), heading, LABEL, bold=True, color=color)


def _common_span(lanes: Sequence[Lane]) -> tuple[float, float]:
    """One span for both directions of sway: they are compared with each other."""
    return span_of(np.concatenate([np.zeros(1), *(lane.y for lane in lanes)]), LEAST_SWAY)


def _draw_contact_lines(
    page: Page, moments: Mapping[str, Sequence[float]], time: Scale, ends: tuple[float, float]
) -> None:
    for kind, seconds in moments.items():
        color = {"contacts_left": LEFT, "contacts_right": RIGHT}.get(kind, "#777")
        dash = {"contacts_left": "", "contacts_right": "5 3"}.get(kind, "1 3")
        for moment in seconds:
            x = time.at(moment)
            page.line((x, ends[0] + LANE_HEAD), (x, ends[1]), color, width=0.7, dash=dash)


def _draw_ticks(page: Page, scale: Scale, time: Scale) -> None:
    ticks = scale.ticks(max(3, int(abs(scale.end - scale.start) / 34)))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else scale.high - scale.low
    for tick in ticks:
        y = scale.at(tick)
        page.line((time.start, y), (time.end, y), "#DDD" if tick else "#AAA", width=0.7)
        page.words((time.start - 8, y + 4), tick_text(tick, step), TICK, anchor="end")


def _draw_time(page: Page, time: Scale, wording: Wording) -> None:
    ticks = time.ticks(int((time.end - time.start) / 70))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    for tick in ticks:
        x = time.at(tick)
        page.line((x, BOTTOM), (x, BOTTOM + 5), "#555")
        page.words((x, BOTTOM + 20), tick_text(tick, step), TICK, anchor="middle")
    page.words(((time.start + time.end) / 2, BOTTOM + 40), wording.text("time"), LABEL, anchor="middle")


def _draw_plane(page: Page, plane: FloatArray, lanes: Sequence[Lane], wording: Wording) -> None:
    """The sway from above: right to the right, forward upwards, both on one scale."""
    to_the_right, upwards = (wording.text(lane.name.replace("sway", "plane")) for lane in lanes)
    left, right = PLANE_EDGE + 62, RIGHT_EDGE
    side = right - left
    top = (TOP + BOTTOM - side) / 2
    reach = max(LEAST_SWAY / 2, 1.08 * float(np.nanmax(np.abs(plane), initial=0.0)))
    across, along = Scale(-reach, reach, left, right), Scale(-reach, reach, top + side, top)
    page.area(left, top, side, side, "none", "#999")
    ticks = across.ticks(5)
    for tick in ticks:
        text = tick_text(tick, ticks[1] - ticks[0])
        page.line((across.at(tick), top), (across.at(tick), top + side), "#DDD", width=0.7)
        page.line((left, along.at(tick)), (right, along.at(tick)), "#DDD", width=0.7)
        page.words((across.at(tick), top + side + 17), text, TICK, anchor="middle")
        page.words((left - 6, along.at(tick) + 4), text, TICK, anchor="end")
    for points in pieces(_pixels(across, plane[:, 0]), _pixels(along, plane[:, 1]), len(plane)):
        page.curve([points], "#222", width=0.9)
    page.words((left, top - 12), f"{wording.text('plane')} ({wording.text('m/s2')})", LABEL, bold=True)
    page.words((right, top + side + 36), f"{to_the_right} →", LABEL, anchor="end")
    page.words((left + 6, top + 18), f"↑ {upwards}", LABEL)


def _pixels(scale: Scale, numbers: FloatArray) -> FloatArray:
    """`Scale.at` of many numbers at once."""
    return scale.start + (numbers - scale.low) * ((scale.end - scale.start) / (scale.high - scale.low))
