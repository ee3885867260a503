"""The page as PDF, by WeasyPrint (extra `pdf`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from osteogait.errors import MissingExtra, OsteogaitError
from osteogait.report.render import write_whole


def write_pdf(html: str, path: Path) -> None:
    """`html` as a PDF at `path`, whole or not at all; nothing is fetched from anywhere.

    Raises MissingExtra when WeasyPrint is not installed, OsteogaitError when its system libraries are not.
    """
    content = render_pdf(html)
    write_whole(path, lambda part: part.write_bytes(content))


def render_pdf(html: str) -> bytes:
    """`html` as the bytes of a PDF; raises as `write_pdf` does."""
    weasyprint = load_weasyprint()

    class Offline(weasyprint.urls.URLFetcher):  # type: ignore[misc, name-defined]
        """Refuses every address: the report carries all it needs."""

        def fetch(self, url: str, headers: Any = None) -> NoReturn:
            raise weasyprint.urls.FatalURLFetchingError(f"the report refers to {url}")

    document = weasyprint.HTML(string=html, url_fetcher=Offline())
    try:
        content: bytes = document.write_pdf(pdf_tags=True)
    except weasyprint.urls.FatalURLFetchingError as error:  # a BaseException: it must not pass as such
        raise RuntimeError(str(error)) from error
    return content


def load_weasyprint() -> Any:
    """WeasyPrint with its system libraries; raises as `write_pdf` does."""
    try:
        import weasyprint
    except ImportError as error:
        raise MissingExtra("pdf") from error
    except OSError as error:  # Pango is a system library and comes with the Debian package, not with pip
        raise OsteogaitError("pdf_libraries", reason=str(error).splitlines()[0]) from error
    return weasyprint
