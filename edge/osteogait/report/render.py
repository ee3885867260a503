"""The report's data as one self-contained HTML page, and as a file."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.errors import OsteogaitError, UsageError
from osteogait.report.build import build_report
from osteogait.report.data import ReportData

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

RANGE = re.compile(r"([<>]?[\d.]+%?–[<>]?[\d.]+%)")
HTML_TAGS = {"en": "en", "zh": "zh-Hans"}


def render_html(data: ReportData) -> str:
    """One HTML page that needs nothing from outside: style and pictures are inside."""
    return _template().render(report=data, words=data.words, html_lang=HTML_TAGS[data.lang])


def write_report(assessment: Mapping[str, Any], path: Path, lang: str) -> None:
    """The report of `assessment` at `path`, as PDF or HTML by its suffix.

    The file is there whole or not at all; UsageError for another suffix, OsteogaitError for a place that cannot be
    written, MissingExtra when the PDF part is not installed.
    """
    suffix = path.suffix.lower()
    if suffix not in (".pdf", ".html"):
        raise UsageError("report_suffix", file=path)
    html = render_html(build_report(assessment, lang=lang))
    if suffix == ".html":
        write_html(html, path)
    else:
        from osteogait.report.pdf import write_pdf

        write_pdf(html, path)


def write_html(html: str, path: Path) -> None:
    """The page at `path`, whole or not at all."""
    write_whole(path, lambda part: part.write_text(html, encoding="utf-8"))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a file beside `path`, makes it durable, then gives it its name."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
    except OSError as error:
        raise OsteogaitError("output_unwritable", file=path, reason=error.strerror or error) from error
    part = Path(name)
    try:
        write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise OsteogaitError("output_unwritable", file=path, reason=error.strerror or error) from error
    finally:
        part.unlink(missing_ok=True)


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("osteogait.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = _unbroken
    return environment.get_template("report.html.j2")


def _unbroken(text: str) -> Markup:
    """`text`, escaped, no range of percents broken at the end of a line."""
    from markupsafe import Markup, escape

    parts = RANGE.split(text)  # the ranges stand at the odd places
    return Markup("").join(
        Markup('<span class="whole">{}</span>').format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )
