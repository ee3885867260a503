"""A plot as a file: SVG by ourselves, PNG by resvg (extra `pdf`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from osteogait.errors import MissingExtra, UsageError
from osteogait.report.render import write_whole

SUFFIXES = (".svg", ".png")


def check_plot(out: Path, recordings: Sequence[Path]) -> None:
    """UsageError when `out` is no plot, or when there is not exactly one recording to draw."""
    if out.suffix.lower() not in SUFFIXES:
        raise UsageError("plot_suffix", file=out)
    if len(recordings) != 1:
        raise UsageError("plot_one", count=len(recordings))


def write_plot(
    recording: Path,
    document: Mapping[str, Any],
    out: Path,
    lang: str,
    name_of_measure: Callable[[str, str], str],
) -> bool:
    """Draws the file `recording` with its measures `document` at `out`, whole or not at all.

    False when the file is refused: there is nothing to draw. MissingExtra when PNG is asked for and can't be made,
    OsteogaitError for a place that can't be written.
    """
    from gaitsignal.errors import RecordingError
    from gaitsignal.readers import read_recording
    from osteogait.report.trace.figure import draw_figure
    from osteogait.report.trace.wording import Wording

    try:
        samples = read_recording(recording)
    except RecordingError:
        return False
    svg = draw_figure(samples, document, Wording(lang, name_of_measure))
    content = png(svg) if out.suffix.lower() == ".png" else svg.encode()
    write_whole(out, lambda part: part.write_bytes(content))
    return True


def png(svg: str) -> bytes:
    """The picture in its own size; MissingExtra when resvg is not installed."""
    try:
        import resvg_py
    except ImportError as error:
        raise MissingExtra("pdf") from error
    return bytes(resvg_py.svg_to_bytes(svg_string=svg))
