"""The page of all parts: administrators see it, and the tests of look and access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.assets import FOLDER
from osteogait.web.place import ADMINISTRATORS, Place

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

MARK = '<symbol id="'


def drawings() -> list[str]:
    """Names of all drawings."""
    return sorted(path.stem for path in (FOLDER / "img" / "drawings").glob("*.svg"))


def icons() -> list[str]:
    """Names of all icons, as they stand in their one file."""
    text = (FOLDER / "img" / "icons.svg").read_text(encoding="utf-8")
    return [part.split('"', 1)[0] for part in text.split(MARK)[1:]]


def gallery(call: Call) -> Response:
    """All parts, with made-up values."""
    return call.page("parts/gallery.html.j2", drawings=drawings(), icons=icons())


PLACES = (Place("/gallery", gallery, ADMINISTRATORS, name="gallery.parts"),)
