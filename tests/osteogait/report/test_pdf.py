"""The report on paper: pages, text and pictures that can be read, files whole or not at all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osteogait.errors import MissingExtra, OsteogaitError
from osteogait.report import pdf
from osteogait.report.build import build_report
from osteogait.report.language import load_language
from osteogait.report.pdf import write_pdf
from osteogait.report.render import write_report

Cases = dict[str, Callable[[str], dict[str, Any]]]


def _pages(path: Path) -> list[str]:
    """The text of each page without white space (lines break anywhere in Chinese)."""
    run = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return [re.sub(r"\s+", "", page) for page in run.stdout.split("\f")[:-1]]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_three_pages_at_most_and_the_notice_on_each(
    document: dict[str, Any], lang: str, tmp_path: Path
) -> None:
    write_report(document, tmp_path / "report.pdf", lang)
    language = load_language(lang)
    pages = _pages(tmp_path / "report.pdf")
    report = build_report(document, lang=lang)
    assert 2 <= len(pages) <= 3
    for page in pages:
        assert _squeezed(language.text("notice")) in page
        assert report.digest in page
    person = pages[0]  # one page for the person, whole
    for card in report.person.cards:
        for words in (card.title, *card.sentences, *card.notes, card.advice):
            assert all(_squeezed(line) in person for line in words.split()), words
    assert _squeezed(report.person.closing) in person
    assert _squeezed(language.text("clinic.heading")) in pages[1]
    assert document["model"]["sha256"] in pages[-1] + pages[-2]


def test_pages_are_drawn_in_both_languages(cases: Cases, lang: str, tmp_path: Path) -> None:
    write_report(cases["everything"](lang), tmp_path / "report.pdf", lang)
    subprocess.run(["pdftoppm", "-r", "40", "-gray", tmp_path / "report.pdf", tmp_path / "page"], check=True)
    for picture in sorted(tmp_path.glob("page-*.pgm")):
        pixels = picture.read_bytes().split(b"\n", 3)[3]
        dark = sum(pixel < 128 for pixel in pixels) / len(pixels)
        assert 0.003 < dark < 0.3, f"{picture.name}: {dark:.3f} of the page is dark"


def test_chinese_fonts_are_inside_the_file(cases: Cases, tmp_path: Path) -> None:
    write_report(cases["everything"]("zh"), tmp_path / "report.pdf", "zh")
    run = subprocess.run(["pdffonts", tmp_path / "report.pdf"], capture_output=True, text=True, check=True)
    fonts = [line.split() for line in run.stdout.splitlines()[2:]]
    assert any("CJK" in font[0] for font in fonts)
    assert all("yes" in font for font in fonts), run.stdout
    assert (tmp_path / "report.pdf").stat().st_size < 600_000


def test_large_type_for_the_person() -> None:
    style = (Path(pdf.__file__).parent / "templates/style.css.j2").read_text(encoding="utf-8")
    (printed,) = re.findall(r"\.person { page: person; font-size: (\d+)pt", style)
    assert int(printed) >= 14
    smaller = re.findall(r"^\s*\.person (\S+) { font-size: (?:0\.|\d{1,2}(?:\.\d)?pt)", style, re.MULTILINE)
    assert set(smaller) == {".notice"}  # the fixed text at the foot is the one exception


def test_colours_can_be_read() -> None:
    style = (Path(pdf.__file__).parent / "templates/style.css.j2").read_text(encoding="utf-8")
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    for text in ("ink", "quiet", "accent", "rise"):
        for ground in ("#ffffff", named["tint"]):
            assert _contrast(named[text], ground) >= 4.5, (text, ground)


def _contrast(first: str, second: str) -> float:
    """Contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_nothing_is_fetched_for_a_page(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"refers to http://example\.org/spy\.png"):
        write_pdf("<img src='http://example.org/spy.png'>", tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["report.docx", "report", "report.htm"])
def test_another_format_is_refused(cases: Cases, tmp_path: Path, name: str) -> None:
    with pytest.raises(OsteogaitError) as refused:
        write_report(cases["everything"]("en"), tmp_path / name, "en")
    assert refused.value.code == "report_suffix"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".pdf", ".html"])
def test_a_place_that_cannot_be_written_is_named(cases: Cases, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "missing" / f"report{suffix}"
    with pytest.raises(OsteogaitError) as refused:
        write_report(cases["age_and_sex"]("en"), path, "en")
    assert refused.value.code == "output_unwritable"
    assert str(path) in refused.value.message("zh")


def test_a_failed_write_leaves_the_old_report(
    cases: Cases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("the old one")

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OsteogaitError, match="No space left"):
        write_report(cases["age_and_sex"]("en"), path, "en")
    assert path.read_text() == "the old one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_a_missing_pdf_part_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingExtra) as missing:
        write_pdf("<p>", tmp_path / "report.pdf")
    assert "osteogait[pdf]" in missing.value.message("en")


def test_missing_system_libraries_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0': no such file\nAdditionally, ...")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(OsteogaitError) as missing:
        write_pdf("<p>", tmp_path / "report.pdf")
    assert missing.value.code == "pdf_libraries"
    assert "libpango-1.0-0" in missing.value.message("zh")


def test_the_room_is_light_until_a_report_is_made() -> None:
    program = (
        "import sys, osteogait.report.render, osteogait.report.pdf\n"
        "heavy = {'weasyprint', 'jinja2', 'sqlalchemy', 'numpy', 'onnxruntime'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
