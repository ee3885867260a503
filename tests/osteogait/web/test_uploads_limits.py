"""Bodies that are too large, too slow, too many, or built to break a parser: refused in words, at little cost."""

from __future__ import annotations

import asyncio
import io
import time
import tracemalloc
import zipfile
from typing import Any

import pytest
from starlette.requests import Request
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.app import places
from osteogait.web.place import SMALL_BODY
from osteogait.web.reading import MOST_FIELDS, Garbled, TooLarge, TooSlow, read_form
from osteogait.web.station import Station

BOMB_BYTES = 200_000_000
LARGE = max(place.body for place in places())
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def clinician(visitors: Visitors, known: Any) -> Visitor:
    visitor = visitors.signed_in(Role.CLINICIAN)
    visitor.get("/uploads")
    return visitor


def send(visitor: Visitor, name: str, content: bytes) -> Any:
    return visitor.post("/uploads", files={"file": (name, content)})


def _zip(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(name, "w", force_zip64=True) as member:
            for _ in range(size // 1_000_000):
                member.write(b"0" * 1_000_000)
    return out.getvalue()


def test_every_form_but_the_upload_takes_little(visitors: Visitors) -> None:
    del visitors
    large = {place.path for place in places() if place.body > SMALL_BODY}
    assert large == {"/uploads"}


def test_a_file_larger_than_the_place_takes_is_refused_without_being_kept(
    clinician: Visitor, station: Station, known: Any
) -> None:
    before = len(station.documents.of(known.person))
    answer = send(clinician, "large.csv", b"x" * (LARGE + 1))
    assert answer.status_code == 413
    assert "smaller file" in answer.text
    assert len(station.documents.of(known.person)) == before


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "../../evil.xml"])
def test_a_bomb_is_refused_at_once_and_never_unpacked(clinician: Visitor, name: str) -> None:
    content = _zip(name, BOMB_BYTES)
    assert len(content) < 1_000_000
    send(clinician, "warm.csv", b"a,b\n")  # the parsers are imported now
    tracemalloc.start()
    begun = time.process_time()
    answer = send(clinician, "lab.xlsx", content)
    took, (_, peak) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 422
    assert took <= 1.0
    assert peak < 50_000_000


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Bundle>&a;</Bundle>',
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><Bundle>&b;</Bundle>',
        b'\xef\xbb\xbf <!DOCTYPE x><Bundle xmlns="http://hl7.org/fhir"/>',
    ],
)
@pytest.mark.parametrize("name", ["bundle.xml", "bundle.json", "lab.csv"])
def test_xml_with_a_doctype_is_never_read(clinician: Visitor, name: str, content: bytes) -> None:
    answer = send(clinician, name, content)
    assert answer.status_code == 422
    assert "root:" not in answer.text


def test_a_workbook_with_entities_is_refused(clinician: Visitor) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            archive.writestr(part, '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    assert send(clinician, "lab.xlsx", out.getvalue()).status_code == 422


@pytest.mark.parametrize(
    "name",
    [
        "../../../x.csv",
        "/etc/cron.d/x.csv",
        "%2e%2e%2fx.csv",
        "a\\..\\b.csv",
        "CON.csv",
        "a\x00b.csv",
        "x" * 3000,
        ".csv",
    ],
)
def test_no_name_of_a_file_becomes_a_path(clinician: Visitor, station: Station, name: str) -> None:
    before = {path for path in station.folder.parent.rglob("*") if path.is_file()}
    answer = send(clinician, name, b"not,a,table\n1,2,3\n")
    assert answer.status_code in (200, 422)
    after = {path for path in station.folder.parent.rglob("*") if path.is_file()}
    assert {path.name for path in after - before} <= {"osteogait.sqlite-wal", "osteogait.sqlite-shm"}


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 1000, b"\xff\xfe\x00", b"{" * 100_000, b"[" * 100_000, b'{"a":1e999}',
     b"MSH|^~\\&|" + b"|" * 99_999,
     b"PK\x03\x04" + b"\x00" * 500, b"\x00" * 128 + b"DICM" + b"\xff" * 200, b'{"resourceType": NaN}', b'"' * 10_001],
    ids=lambda one: f"{len(one)}b",
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.hl7", "a.xlsx", "a.dcm"])
def test_broken_files_get_a_sentence(clinician: Visitor, name: str, content: bytes) -> None:
    begun = time.process_time()
    answer = send(clinician, name, content)
    assert answer.status_code == 422
    assert "role=" in answer.text
    assert time.process_time() - begun < 3.0


def test_too_many_fields_and_files_are_refused(clinician: Visitor) -> None:
    many = {f"f{number}": "x" for number in range(MOST_FIELDS + 1)}
    assert clinician.post("/uploads/confirm", many).status_code == 413
    files = [("file", (f"{number}.csv", b"x")) for number in range(30)]
    assert clinician.post("/uploads", files=files).status_code == 413


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "idna", "nothing"]
)
def test_a_form_in_another_encoding_is_refused(clinician: Visitor, charset: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800\r\n--x--\r\n'
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    answer = clinician.client.post("/uploads", content=body, headers={"content-type": kind})
    assert answer.status_code == 400
    assert "cannot be read" in answer.text


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
    ],
)
def test_a_body_that_is_no_form_changes_nothing(clinician: Visitor, kind: str) -> None:
    answer = clinician.client.post("/uploads", content=b"--y\r\nrubbish", headers={"content-type": kind})
    assert answer.status_code in (400, 403, 413)


def _request(chunks: list[bytes], pause_s: float, *, ends: bool = True) -> Request:
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause_s)
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or not ends}

    headers = [(b"content-type", URLENCODED["content-type"].encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)  # type: ignore[arg-type]


def test_a_body_that_drips_is_dropped() -> None:
    with pytest.raises(TooSlow):
        asyncio.run(read_form(_request([b"a=1&"] * 1000, 0.01), 4000, patience_s=0.1))


def test_a_body_that_breaks_off_is_no_error_of_the_box() -> None:
    with pytest.raises(TooSlow):
        asyncio.run(read_form(_request([b"a=1&"], 0, ends=False), 4000))


def test_the_limit_counts_what_came_not_what_was_announced() -> None:
    with pytest.raises(TooLarge):
        asyncio.run(read_form(_request([b"x" * 1000] * 10, 0), 4000))


def test_the_rest_of_a_large_body_passes_so_that_the_answer_is_read() -> None:
    request = _request([b"x" * 1000] * 10, 0)
    taken = 0
    arriving = request._receive

    async def counted() -> Any:
        nonlocal taken
        message = await arriving()
        taken += len(message.get("body", b""))
        return message

    request._receive = counted
    with pytest.raises(TooLarge):
        asyncio.run(read_form(request, 2000))
    assert taken == 10_000


def test_halves_of_characters_are_no_text() -> None:
    form = asyncio.run(read_form(_request([b"a=%ED%A0%80&b=%00x"], 0), 4000))
    assert "\ud800" not in form.text("a")
    assert form.text("b") == "x"
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xed\xa0\x80\r\n--x--\r\n'
    request = _request([body], 0)
    request.scope["headers"] = [(b"content-type", b"multipart/form-data; boundary=x; charset=utf-16")]
    with pytest.raises(Garbled):
        asyncio.run(read_form(request, 4000))
