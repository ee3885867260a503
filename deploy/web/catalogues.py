"""The catalogues of the screen: sentences gathered from templates and code, kept in .po files, compiled to .mo.

python deploy/web/catalogues.py [ROOM...]  gather and compile; new sentences come in empty (zh) or as they are (en)
python deploy/web/catalogues.py --check    nothing is written; exit 1 names what is missing, doubtful or left over
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).resolve().parents[2] / "edge" / "osteogait" / "web"
LOCALE = WEB / "locale"
LANGUAGES = ("en", "zh_Hans")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "say": None,
}
OPTIONS = {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
SCREENING = WEB.parent / "screening"
ROOMS = ("therapist", "kiosk", "clinician", "live", "gallery")


def sources() -> dict[str, list[Path]]:
    """The files of every domain: a room's own folder and templates; everything else belongs to `frame`."""
    found: dict[str, list[Path]] = {name: [] for name in ("frame", *ROOMS)}
    files = [*WEB.rglob("*.py"), *(WEB / "templates").rglob("*.j2")]
    for path in sorted(files):
        inside = path.relative_to(WEB).parts
        room = (inside[1] if inside[0] == "templates" else inside[0]).partition(".")[0]
        room = "gallery" if path.name.startswith("gallery") else room
        found[room if room in ROOMS else "frame"].append(path)
    found["live"] += sorted(SCREENING.rglob("*.py"))
    return found


def gathered(paths: list[Path]) -> Catalog:
    """Every sentence in `paths`."""
    catalog = Catalog()
    for path in paths:
        for line, message, comments, context in _found(path):
            place = (path.relative_to(WEB.parent).as_posix(), line)
            catalog.add(message, locations=[place], auto_comments=comments, context=context)
    return catalog


def _found(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
    content = io.BytesIO(path.read_bytes())
    yield from extract(method, content, KEYWORDS, (), OPTIONS)  # type: ignore[arg-type, misc]


def merged(domain: str, language: str, template: Catalog) -> Catalog:
    """What is translated already, with the sentences of today."""
    path = po_path(domain, language)
    old = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=language)
    new = Catalog(locale=language, project="osteogait", fuzzy=False, creation_date=old.creation_date)
    for message in template:
        if not message.id:
            continue
        before = old.get(message.id, message.context)
        said = before.string if before is not None and not before.fuzzy else ""
        if language == "en" and not _whole(said):
            said = message.id if isinstance(message.id, str) else tuple(message.id)
        new.add(
            message.id, said, context=message.context, locations=[(place, None) for place in _places(message)]
        )
    return new


def _places(message: object) -> list[str]:
    return sorted({place for place, _ in message.locations})  # type: ignore[attr-defined]


def _whole(said: str | tuple[str, ...] | list[str]) -> bool:
    return bool(said) and (isinstance(said, str) or all(said))


def po_path(domain: str, language: str) -> Path:
    """Where the catalogue lies."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def compile_all() -> None:
    """Every .po as the .mo beside it."""
    for path in sorted(LOCALE.rglob("*.po")):
        with path.open("rb") as file, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(file))


def as_text(catalog: Catalog) -> bytes:
    """The catalogue as it is kept: no dates, no line numbers, so that only a change of words changes it."""
    content = io.BytesIO()
    write_po(content, catalog, width=110, sort_output=True, omit_header=False)
    dated = (
        b'"POT-Creation-Date',
        b'"PO-Revision-Date',
        b'"Last-Translator',
        b'"Language-Team',
        b'"Generated-By',
    )
    return b"".join(
        line for line in content.getvalue().splitlines(keepends=True) if not line.startswith(dated)
    )


def gather(rooms: list[str]) -> None:
    """The catalogues of these rooms anew, of all where none is named."""
    for domain, paths in sources().items():
        if rooms and domain not in rooms:
            continue
        template = gathered(paths)
        for language in LANGUAGES:
            path = po_path(domain, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_text(merged(domain, language, template)))
    compile_all()


def problems() -> list[str]:
    """What is not as it should be, a line each."""
    found = []
    for domain, paths in sources().items():
        template = gathered(paths)
        for language in LANGUAGES:
            path = po_path(domain, language)
            if not path.exists() or path.read_bytes() != as_text(merged(domain, language, template)):
                found.append(f"{domain} {language}: sentences changed; run python deploy/web/catalogues.py")
                continue
            with path.open("rb") as file:
                found += [
                    f"{domain} {language}: {one.id!r}" for one in read_po(file) if one.id and _open(one)
                ]
    return found


def _open(message: object) -> bool:
    return message.fuzzy or not _whole(message.string)  # type: ignore[attr-defined]


def main() -> int:
    """Gather, or check."""
    if "--check" not in sys.argv:
        gather(sys.argv[1:])
    found = problems()
    for line in found:
        sys.stdout.write(f"{line}\n")
    return 1 if found and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
