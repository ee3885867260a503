"""Pictures of every page: each role's tour in both languages and all sizes, with one sheet to look through.

python tests/browser/screenshots.py [ROOM...] [--lang en] [--size tablet] [--theme dark]   into build/screenshots/
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

import harness

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOURS = Path(__file__).with_name("tours")
OUT = harness.REPO / "build" / "screenshots"
PARAMETER = re.compile(r"\{[^}]+\}")
NO_PAGES = {"/people/found", "/uploads/template"}
"""A fragment that a page fetches while somebody types, and a file to take away."""
TABLETS = ("tablet", "tall")
STYLE = """body { font: 14px sans-serif; display: flex; flex-wrap: wrap; gap: 16px }
img { max-width: 400px; border: 1px solid #888 } li { color: #b00 } figure { margin: 0; max-width: 400px }"""


@dataclass(frozen=True)
class Look:
    """How a tour is walked, and the paths it came by."""

    lang: str
    size: str
    theme: str
    seen: set[str]


class Boxes:
    """The box of a language with its example, and new ones."""

    def __init__(self, folder: Path, lang: str) -> None:
        self._folder, self._lang = folder, lang
        self._made: list[harness.Box] = []
        self.usual = self._start(accounts=True)

    def new(self) -> harness.Box:
        """A box before its first run."""
        return self._start(accounts=False)

    def _start(self, *, accounts: bool) -> harness.Box:
        folder = self._folder / f"{self._lang}{len(self._made)}"
        self._made.append(harness.start_box(folder, accounts=accounts, lang=self._lang))
        return self._made[-1]

    def close(self) -> None:
        """All of them."""
        for box in self._made:
            box.close()


@dataclass(frozen=True)
class Picture:
    """What was taken, and what is wrong with it."""

    room: str
    stop: str
    look: Look
    file: str
    wrong: tuple[str, ...]


def tours(rooms: list[str]) -> dict[str, tuple[harness.Stop, ...]]:
    """Stops by room, of all rooms where none is named."""
    found = {}
    for path in sorted(TOURS.glob("*.py")):
        if not rooms or path.stem in rooms:
            spec = importlib.util.spec_from_file_location(f"tour_{path.stem}", path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            found[path.stem] = module.TOUR
    return found


def walk(
    browser: Browser, boxes: Boxes, room: str, stops: tuple[harness.Stop, ...], look: Look
) -> Iterator[Picture]:
    """One tour in one language at one size; every role keeps its page."""
    pages: dict[object, harness.Opened] = {}
    for number, stop in enumerate(stops, 1):
        if look.size not in stop.sizes:
            continue
        who = (stop.role, stop.new_box)
        if who not in pages:
            box = boxes.new() if stop.new_box else boxes.usual
            pages[who] = harness.open_page(browser, box, stop.role, look.lang, look.size, look.theme)
        name = f"{room}-{number:02d}-{stop.name}-{look.lang}-{look.size}.png"
        wrong = take(pages[who], stop, look.size, OUT / name)
        yield Picture(room, f"{number:02d} {stop.name}", look, name, wrong)
    for opened in pages.values():
        look.seen.update(opened.seen)
    harness.close_all(list(pages.values()))


def take(opened: harness.Opened, stop: harness.Stop, size: str, file: Path) -> tuple[str, ...]:
    """The picture of one stop; everything wrong with it, a line each."""
    page, before = opened.page, len(opened.wrong)
    wrong = []
    try:
        if stop.path:
            page.goto(stop.path.format(**opened.box.known))
        if stop.steps is not None:
            stop.steps(page)
    except Exception as error:  # the other pictures are wanted all the same
        wrong.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    page.wait_for_timeout(150)
    wide, high = harness.scrolls(page)
    wrong += [f"{wide} px wider than the window"] if wide else []
    wrong += [f"{high} px higher than the window"] if high and stop.fits and size in TABLETS else []
    shoot(page, file)
    return (*wrong, *opened.wrong[before:])


def shoot(page: Page, file: Path) -> None:
    """The whole page: the window grows, so that what sticks to its bottom stays there; a dialog as it is seen."""
    width, height = page.viewport_size["width"], page.viewport_size["height"]  # type: ignore[index]
    whole = height + harness.scrolls(page)[1]
    if whole > height and not page.locator("dialog[open]").count():
        page.set_viewport_size({"width": width, "height": min(whole, 8000)})
    page.screenshot(path=file)
    page.set_viewport_size({"width": width, "height": height})


def sheet(pictures: list[Picture]) -> str:
    """All pictures beside each other, what is wrong below each."""
    rows = []
    for one in pictures:
        notes = "".join(f"<li>{html.escape(text)}</li>" for text in one.wrong)
        title = html.escape(f"{one.room} {one.stop} {one.look.lang} {one.look.size}")
        picture = f'<a href="{one.file}"><img src="{one.file}" loading="lazy" alt=""></a>'
        rows.append(f"<figure><figcaption>{title}<ul>{notes}</ul></figcaption>{picture}</figure>")
    return f"<!doctype html><meta charset=utf-8><title>osteogait</title><style>{STYLE}</style>{''.join(rows)}"


def unseen(seen: set[str]) -> list[str]:
    """Pages of the app that no tour came by; pictures, files and what a page fetches for itself are none."""
    from osteogait.web.app import places

    pages = {place.path for place in places() if "GET" in place.methods and not place.quiet}
    pages = {path for path in pages - NO_PAGES if not path.startswith("/api/") and "." not in path}
    return sorted(
        path for path in pages if not any(re.fullmatch(PARAMETER.sub("[^/]+", path), one) for one in seen)
    )


def wanted() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rooms", nargs="*", help="tours to walk; all where none is named")
    parser.add_argument("--lang", action="append", choices=harness.LANGUAGES)
    parser.add_argument("--size", action="append", choices=harness.SIZES)
    parser.add_argument("--theme", default="light", choices=("light", "dark"))
    return parser.parse_args()


def all_pictures(
    browser: Browser, folder: Path, asked: argparse.Namespace, seen: set[str]
) -> Iterator[Picture]:
    """Every tour, at every size, in every language."""
    for lang in asked.lang or harness.LANGUAGES:
        boxes = Boxes(folder, lang)
        try:
            for size in asked.size or harness.SIZES:
                for room, stops in tours(asked.rooms).items():
                    yield from walk(browser, boxes, room, stops, Look(lang, size, asked.theme, seen))
        finally:
            boxes.close()


def main() -> int:
    """Walk, take, write the sheet; exit 1 when something is wrong on a page."""
    asked, missing = wanted(), harness.chromium_missing()
    if missing:
        print(missing, file=sys.stderr)  # noqa: T201
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    pictures: list[Picture] = []
    seen: set[str] = set()
    with tempfile.TemporaryDirectory() as folder, harness.chromium() as browser:
        for picture in all_pictures(browser, Path(folder), asked, seen):
            pictures.append(picture)
            print(picture.file, *picture.wrong, sep="\n  ")  # noqa: T201
    (OUT / "index.html").write_text(sheet(pictures), encoding="utf-8")
    print(f"{len(pictures)} pictures: {OUT / 'index.html'}")  # noqa: T201
    missed = [] if asked.rooms else unseen(seen)
    print(*(f"no picture of {path}" for path in missed), sep="\n")  # noqa: T201
    return 1 if missed or any(one.wrong for one in pictures) else 0


if __name__ == "__main__":
    sys.exit(main())
