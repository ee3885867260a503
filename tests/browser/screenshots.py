"""Pictures of every page: each role's tour in both languages and all sizes, with one sheet to look through.

python tests/browser/screenshots.py [ROOM...] [--lang en] [--size tablet] [--theme dark]   into build/screenshots/
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import shutil
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
TABLETS = ("tablet", "tall")
STYLE = """body { font: 14px sans-serif; display: flex; flex-wrap: wrap; gap: 16px }
img { max-width: 400px; border: 1px solid #888 } li { color: #b00 } figure { margin: 0; max-width: 400px }"""


@dataclass(frozen=True)
class Picture:
    """What was taken, and what is wrong with it."""

    room: str
    stop: str
    lang: str
    size: str
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
    browser: Browser,
    box: harness.Box,
    room: str,
    stops: tuple[harness.Stop, ...],
    lang: str,
    size: str,
    theme: str,
) -> Iterator[Picture]:
    """One tour in one language at one size; every role keeps its page."""
    pages: dict[str | None, harness.Opened] = {}
    for number, stop in enumerate(stops, 1):
        if size not in stop.sizes:
            continue
        if stop.role not in pages:
            pages[stop.role] = harness.open_page(browser, box, stop.role, lang, size, theme)
        opened = pages[stop.role]
        name = f"{room}-{number:02d}-{stop.name}-{lang}-{size}.png"
        wrong = take(opened, stop, size, OUT / name)
        yield Picture(room, f"{number:02d} {stop.name}", lang, size, name, wrong)
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
        title = html.escape(f"{one.room} {one.stop} {one.lang} {one.size}")
        picture = f'<a href="{one.file}"><img src="{one.file}" loading="lazy" alt=""></a>'
        rows.append(f"<figure><figcaption>{title}<ul>{notes}</ul></figcaption>{picture}</figure>")
    return f"<!doctype html><meta charset=utf-8><title>osteogait</title><style>{STYLE}</style>{''.join(rows)}"


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


def main() -> int:
    """Walk, take, write the sheet; exit 1 when something is wrong on a page."""
    asked, missing = wanted(), harness.chromium_missing()
    if missing:
        print(missing, file=sys.stderr)  # noqa: T201
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    pictures: list[Picture] = []
    with tempfile.TemporaryDirectory() as folder, harness.chromium() as browser:
        for lang in asked.lang or harness.LANGUAGES:
            box = harness.start_box(Path(folder) / lang, lang=lang)
            try:
                for size in asked.size or harness.SIZES:
                    for room, stops in tours(asked.rooms).items():
                        for picture in walk(browser, box, room, stops, lang, size, asked.theme):
                            pictures.append(picture)
                            print(picture.file, *picture.wrong, sep="\n  ")  # noqa: T201
            finally:
                box.close()
                shutil.rmtree(box.folder)
    (OUT / "index.html").write_text(sheet(pictures), encoding="utf-8")
    print(f"{len(pictures)} pictures: {OUT / 'index.html'}")  # noqa: T201
    return 1 if any(one.wrong for one in pictures) else 0


if __name__ == "__main__":
    sys.exit(main())
