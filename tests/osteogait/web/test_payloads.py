"""Whatever somebody types stays text: on every page, in reports, tables and packages, in any script."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.report.exports.cells import NUMBER
from osteogait.web.station import Station

PLAIN = "Wang Xiulan"
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "</title></textarea></script><b>bold",
    "{{71933*7}}{% raw %}${71933*7}#{71933*7}",
    "%(name)s %s %d 100%",
    "王秀兰<b>女</b>",
    "\u202eevil\u202c\u2066right\u2069",
    "Zo\u0308e\u0301 👵🏽🦴",
    "=1+1",
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "&lt;b&gt;&amp;amp;",
    "javascript:alert(1)//",
    "../../etc/passwd",
    "-->]]><!--",
)
RUN = "503531"
"""What 71933*7 is, should anything ever work it out."""
LAB = "patient_id,collected_at,code_system,code,name,value,comparator,unit,ref_low,ref_high,method,lab,fasting\n"


class _Skeleton(HTMLParser):
    """Tags with the names of their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.texts += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def owner(visitors: Visitors) -> Visitor:
    return visitors.signed_in(Role.OWNER)


def _names(owner: Visitor, known: Any, account: str, text: str) -> None:
    """`text` wherever a name can be typed; earlier ones are gone."""
    fields = {"name": text, "clinic_id": text[:60], "height": "", "weight": ""}
    assert owner.post(f"/people/{known.person}/details", fields).status_code == 200
    sensor = {"address": "AA:BB:CC:DD:EE:FF", "name": text, "model": "witmotion"}
    owner.post("/sensors/remove", {"address": sensor["address"]})
    assert owner.post("/sensors/enrol", sensor).status_code == 200
    station: Station = owner.client.app.app.state.station  # type: ignore[attr-defined]
    from sqlalchemy import update

    from osteogait.storage.access_tables import AccountRow

    with station.store.session() as session:
        session.execute(update(AccountRow).where(AccountRow.id == account).values(display=text))


def _pages(known: Any) -> tuple[str, ...]:
    person, result = known.person, known.result
    return (
        "/people", f"/people/{person}", f"/people/{person}/details", f"/people/{person}/consent",
        f"/people/{person}/tests", f"/people/{person}/trend", f"/visits/{known.visit}", "/accounts", "/sensors",
        "/reports", f"/people/{person}/reports", f"/results/{result}", f"/people/{person}/values",
        f"/people/{person}/files", f"/people/{person}/exports", "/my-account",
    )  # fmt: skip


def test_a_name_is_text_on_every_page(owner: Visitor, visitors: Visitors, known: Any) -> None:
    account = visitors.account(Role.OWNER).id
    _names(owner, known, account, PLAIN)
    plain = {path: _Skeleton(owner.get(path).text) for path in _pages(known)}
    shown = 0
    for text in PAYLOADS:
        _names(owner, known, account, text)
        for path in _pages(known):
            answer = owner.get(path)
            assert answer.status_code == 200, (path, text)
            found = _Skeleton(answer.text)
            assert found.tags == plain[path].tags, (path, text)
            assert RUN not in answer.text
            shown += any(text in one for one in found.texts)
    assert shown > len(PAYLOADS) * len(plain) // 2


def test_whoever_agrees_or_searches_is_text(owner: Visitor, known: Any) -> None:
    where = f"/people/{known.person}/consent"
    owner.get(where)
    owner.post(where, {"signer": PLAIN, "purpose": "research"})
    plain = _Skeleton(owner.get(where).text)
    for text in PAYLOADS:
        owner.post(f"{where}/back", {"purpose": "research"})
        owner.post(where, {"signer": text, "purpose": "research"})
        found = _Skeleton(owner.get(where).text)
        assert found.tags == plain.tags, text
        assert any(text in one for one in found.texts), text
        searched = owner.get("/people", params={"q": text})
        assert "<img src=x" not in searched.text
        assert owner.get("/people/new", params={"name": text}).text.count("<script") == 3


def test_comments_and_reasons_are_text_on_the_page_and_in_the_report(owner: Visitor, known: Any) -> None:
    where = f"/results/{known.result}"
    owner.get(where)
    for text in PAYLOADS:
        assert owner.post(f"{where}/comment", {"comment": text}).status_code == 200
    override = {"outcome": "falls_12m", "conclusion": "higher", "reason": PAYLOADS[1]}
    owner.post(f"{where}/override", override)
    page = owner.get(where).text
    report = owner.post(f"{where}/report", {"lang": "zh", "kind": "html"}).text
    for html in (page, report):
        found = _Skeleton(html)
        assert not [tag for tag in found.tags if any(name.startswith("on") for name in tag[1])]
        assert not [tag for tag in found.tags if tag == ("img", ("src", "onerror"))]
        assert RUN not in html
        said = " ".join(" ".join(found.texts).split())
        missing = [text for text in PAYLOADS if " ".join(text.split()) not in said]
        assert not missing
    assert "<script" not in report


def test_the_pdf_shows_the_words_and_runs_nothing(owner: Visitor, known: Any, tmp_path: Path) -> None:
    where = f"/results/{known.result}"
    owner.get(where)
    owner.post(
        f"{where}/comment", {"comment": f"{PAYLOADS[0]} {PAYLOADS[5]} <a href='file:///etc/passwd'>x</a>"}
    )
    answer = owner.post(f"{where}/report", {"lang": "en", "kind": "pdf"})
    assert answer.content.startswith(b"%PDF")
    assert not re.search(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|URI)\b", answer.content)
    (tmp_path / "report.pdf").write_bytes(answer.content)
    run = subprocess.run(
        ["pdftotext", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
    )
    said = "".join(run.stdout.split())
    assert "<script>alert(1)</script>" in said
    assert RUN not in said


@pytest.mark.parametrize("text", PAYLOADS)
def test_the_name_of_a_file_is_text_and_no_path(
    owner: Visitor, known: Any, station: Station, text: str
) -> None:
    owner.get("/uploads")
    content = LAB + "C-1001,2026-01-05T07:40+08:00,LN,41171-0,CTX,0.62,,ng/mL,,,ECLIA,<b>lab</b>,Y\n"
    page = owner.post("/uploads", files={"file": (f"{text}.csv", content.encode())})
    assert page.status_code == 200, page.text
    assert "<img src=x" not in page.text
    assert RUN not in page.text
    word = re.search(r'name="word" value="([^"]+)"', page.text)
    assert word is not None
    owner.post("/uploads/confirm", {"word": word[1]})
    inside = {path.resolve() for path in station.folder.rglob("*")}
    assert all(station.folder.resolve() in path.parents for path in inside)
    assert not [path for path in inside if "passwd" in path.name or "script" in path.name]
    original = owner.post(f"/documents/{station.documents.of(known.person)[-1].id}")
    assert original.content == content.encode()
    assert text not in original.headers["content-disposition"]
    assert original.headers["content-disposition"].startswith("attachment")


def _cells(content: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]


def _formulas(content: bytes) -> list[str]:
    cells = [cell.lstrip() for cell in _cells(content)]
    return [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@")) and not NUMBER.fullmatch(cell.strip())
    ]


def test_no_table_holds_a_formula(owner: Visitor, known: Any) -> None:
    owner.get("/uploads")
    good = "C-1001,2026-01-05T07:40+08:00,LN,41171-0,CTX,0.62,,ng/mL,,,ECLIA,-7 lab,Y\n"
    bad = good.replace("CTX", "=HYPERLINK(1)")
    page = owner.post("/uploads", files={"file": ("=1+1.csv", f"{LAB}{good}{bad}".encode())})
    word = re.search(r'name="word" value="([^"]+)"', page.text)
    assert word is not None
    owner.post("/uploads/confirm", {"word": word[1]})
    owner.post("/sensors/remove", {"address": "=cmd|' /C calc'!A0"})
    owner.post(f"/people/{known.person}/consent", {"signer": "=1+1", "purpose": "research"})
    tables = [owner.post(f"/people/{known.person}/exports", {"kind": "csv"}).content]
    tables.append(owner.post("/audit/export").content)
    package = zipfile.ZipFile(
        io.BytesIO(owner.post(f"/people/{known.person}/exports", {"kind": "package"}).content)
    )
    inside = [package.read(name) for name in package.namelist() if name.endswith(".csv")]
    tables += [
        content for content in inside if content.startswith("\ufeff".encode())
    ]  # not what was uploaded
    assert len(tables) >= 2
    for table in tables:
        assert len(_cells(table)) > 10
        assert _formulas(table) == []


@pytest.mark.parametrize("name", ["a\x00b", "\x00", "x" * 5000, "\ufeff\u200b", "\ud800"])
def test_signs_that_are_no_text_never_break_the_box(owner: Visitor, known: Any, name: str) -> None:
    body = f"csrf={owner.csrf}&name=".encode() + name.encode("utf-8", "surrogatepass").replace(
        b"\x00", b"%00"
    )
    owner.get(f"/people/{known.person}/details")
    for path in (f"/people/{known.person}/details", "/accounts", "/sensors/enrol", "/settings"):
        answer = owner.client.post(
            path,
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded", "x-csrf-token": owner.csrf},
        )
        assert answer.status_code < 500, path
        assert "\x00" not in answer.text
