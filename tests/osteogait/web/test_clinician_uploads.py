"""Files: looked at before anything is kept, kept byte for byte with their rows, and never twice."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.clinician.pending import MOST, Waiting
from osteogait.web.station import Station

HEADER = "patient_id,collected_at,code_system,code,name,value,comparator,unit,ref_low,ref_high,method,lab,fasting\n"
GOOD = "C-1001,2026-01-05T07:40+08:00,LN,41171-0,CTX,0.62,,ng/mL,0.104,1.008,ECLIA,central,Y\n"
CENSORED = "C-1001,2026-01-05T07:40+08:00,LN,2731-8,PTH,8,<,pg/mL,,,,,\n"
STRANGER = "C-9999,2026-01-05T07:40+08:00,LN,41171-0,CTX,0.62,,ng/mL,,,,,Y\n"
NO_ZONE = "C-1001,2026-01-06T07:40,LN,41171-0,CTX,0.62,,ng/mL,,,,,Y\n"
GENES = (
    "patient_id,rsid,allele1,allele2,strand,build,lab,collected_at\n"
    "C-1001,rs4355801,A,G,+,GRCh38,laboratory,2026-01-05T07:40+08:00\n"
)


@pytest.fixture
def clinician(visitors: Visitors, known: Any) -> Visitor:
    visitor = visitors.signed_in(Role.CLINICIAN)
    visitor.get("/uploads")
    return visitor


def preview(clinician: Visitor, content: str | bytes, name: str = "lab.csv") -> Any:
    body = content.encode() if isinstance(content, str) else content
    return clinician.post("/uploads", files={"file": (name, body)})


def word(page: Any) -> str:
    found = re.search(r'name="word" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def confirm(clinician: Visitor, page: Any) -> Any:
    return clinician.post("/uploads/confirm", {"word": word(page)})


def test_every_row_is_shown_before_anything_is_kept(clinician: Visitor, known: Any, station: Station) -> None:
    page = preview(clinician, HEADER + GOOD + CENSORED + STRANGER + NO_ZONE)
    assert page.status_code == 200
    for text in (
        "2 rows accepted",
        "2 rows refused",
        "C-9999",
        "Wang Xiulan",
        "0.62 ng/mL",
        "Keep 2 values",
        "5 January",
    ):
        assert text in page.text
    assert station.store.values_of(known.person) == ()
    assert len(station.documents.of(known.person)) == 1  # the one that was there


def test_a_confirmed_file_is_kept_with_its_rows(clinician: Visitor, known: Any, station: Station) -> None:
    content = HEADER + GOOD + CENSORED + STRANGER
    answer = confirm(clinician, preview(clinician, content))
    assert "2 values are kept." in answer.text
    document = station.documents.of(known.person)[-1]
    assert station.documents.read(document) == content.encode()
    assert (document.kind, document.report["accepted"]) == ("lab_csv", 2)
    assert document.report["refused"] == [{"row": 4, "reason": "unknown-person"}]
    ctx, pth = station.store.values_of(known.person)
    assert (ctx.variable, ctx.value, ctx.document_id, ctx.document_row) == ("ctx", 0.62, document.id, 2)
    assert (pth.variable, pth.comparator, pth.document_row) == ("pth", "<", 3)
    assert any(row.action == "create" and document.id in row.object for row in station.audit.rows(None, None))


def test_the_same_file_twice_does_nothing_twice(clinician: Visitor, known: Any, station: Station) -> None:
    first = preview(clinician, HEADER + GOOD)
    second = preview(clinician, HEADER + GOOD)
    confirm(clinician, first)
    assert "nothing was done twice" in confirm(clinician, second).text
    assert len(station.store.values_of(known.person)) == 1
    assert len(station.documents.of(known.person)) == 2


def test_a_file_of_two_people_goes_to_both(
    clinician: Visitor, known: Any, other: Any, station: Station
) -> None:
    confirm(clinician, preview(clinician, HEADER + GOOD + GOOD.replace("C-1001", "C-2002")))
    assert [value.variable for value in station.store.values_of(known.person)] == ["ctx"]
    assert [value.variable for value in station.store.values_of(other.person)] == ["ctx"]


def test_nobody_takes_away_what_a_file_says_of_others(
    clinician: Visitor, known: Any, other: Any, station: Station
) -> None:
    both = HEADER + GOOD + GOOD.replace("C-1001", "C-2002")
    page = preview(clinician, both)
    assert "The file speaks of several people" in page.text
    confirm(clinician, page)
    alone = preview(clinician, HEADER + CENSORED)
    assert "several people" not in alone.text
    confirm(clinician, alone)
    clinician.get(f"/people/{known.person}/exports")
    record = clinician.post(f"/people/{known.person}/exports", {"kind": "package"}).content
    with zipfile.ZipFile(io.BytesIO(record)) as packed:
        inside = {name: packed.read(name) for name in packed.namelist()}
    assert not any(b"C-2002" in content for content in inside.values())
    originals = [content for name, content in inside.items() if name.startswith("originals/")]
    assert originals == [(HEADER + CENSORED).encode()]
    left_out = json.loads(inside["manifest.json"])["left_out"]
    assert any("speaks of other people" in reason for reason in left_out.values())


def test_a_row_that_may_go_in_later_goes_in_with_the_same_file(
    clinician: Visitor, known: Any, station: Station
) -> None:
    genes = GENES + "C-1001,rs3736228,C,T,+,GRCh38,laboratory,2026-01-05T07:40\n"
    station.consents.give(known.person, "genetics", lang="en", signer="herself", by="t")
    confirm(clinician, preview(clinician, genes, "genes.csv"))
    station.settings.put("zone", "Asia/Shanghai", "a")
    for _ in range(2):
        confirm(clinician, preview(clinician, genes, "genes.csv"))
    values = station.store.values_of(known.person)
    assert [value.variable for value in values] == ["rs4355801", "rs3736228"]
    assert len({value.document_id for value in values}) == 1


def test_a_confirmation_counts_once_and_for_its_session_alone(
    clinician: Visitor, visitors: Visitors, known: Any, station: Station
) -> None:
    page = preview(clinician, HEADER + GOOD)
    thief = visitors.signed_in(Role.CLINICIAN)
    thief.get("/uploads")
    assert thief.post("/uploads/confirm", {"word": word(page)}).status_code == 422
    assert station.store.values_of(known.person) == ()
    confirm(clinician, page)
    assert clinician.post("/uploads/confirm", {"word": word(page)}).status_code == 422
    assert len(station.store.values_of(known.person)) == 1


def test_rows_without_consent_are_refused(clinician: Visitor, known: Any, station: Station) -> None:
    page = preview(clinician, GENES, "genes.csv")
    assert "1 row refused" in page.text
    station.consents.give(known.person, "genetics", lang="en", signer="herself", by="t")
    confirm(clinician, preview(clinician, GENES, "genes.csv"))
    (value,) = station.store.values_of(known.person)
    assert value.variable == "rs4355801"


def test_the_clinics_zone_is_assumed_where_it_is_set(clinician: Visitor, station: Station) -> None:
    station.settings.put("zone", "Asia/Shanghai", "a")
    assert "1 row accepted" in preview(clinician, HEADER + NO_ZONE).text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.pdf", b"%PDF-1.7 nothing"),
        ("table.xls", b"\xd0\xcf\x11\xe0 nothing"),
        ("bundle.json", b"{"),
        ("bundle.json", b'{"resourceType": "Bundle", "entry": NaN}'),
        ("book.xlsx", b"PK\x03\x04 no workbook"),
        ("lab.csv", b"a;b;c\n1;2;3\n"),
        ("empty.csv", b""),
        ("../../etc/passwd", b"\x00\x01\x02"),
    ],
)
def test_a_file_that_cannot_be_read_says_so(
    clinician: Visitor, known: Any, station: Station, name: str, content: bytes
) -> None:
    answer = preview(clinician, content, name)
    assert answer.status_code in (200, 422)
    assert "Keep" not in answer.text
    assert station.store.values_of(known.person) == ()


def test_names_and_rows_are_shown_escaped(clinician: Visitor) -> None:
    page = preview(clinician, HEADER + GOOD.replace("C-1001", "<b>x</b>"), "<img src=x>.csv")
    assert "<b>x</b>" not in page.text
    assert "<img src=x>" not in page.text


def test_no_file_is_said(clinician: Visitor) -> None:
    assert "Please choose a file first." in clinician.post("/uploads", {}).text


def test_the_original_comes_back_byte_for_byte(clinician: Visitor, known: Any, station: Station) -> None:
    confirm(clinician, preview(clinician, HEADER + GOOD))
    document = station.documents.of(known.person)[-1]
    page = clinician.get(f"/people/{known.person}/files").text
    assert document.sha256 in page
    answer = clinician.post(f"/documents/{document.id}")
    assert answer.content == (HEADER + GOOD).encode()
    assert "attachment" in answer.headers["content-disposition"]
    assert "C-1001" not in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    "kind", ["lab_csv", "dxa_csv", "genotype_csv", "lab_xlsx", "dxa_xlsx", "genotype_xlsx"]
)
def test_templates_can_be_taken_along(clinician: Visitor, kind: str) -> None:
    answer = clinician.get("/uploads/template", params={"kind": kind})
    assert answer.status_code == 200
    assert len(answer.content) > 100


def test_another_template_there_is_none(clinician: Visitor) -> None:
    assert clinician.get("/uploads/template", params={"kind": "../x"}).status_code == 404


def test_only_a_few_files_wait() -> None:
    waiting = Waiting()
    words = [waiting.add("session", f"{number}.csv", b"x") for number in range(MOST + 2)]
    assert waiting.take(words[0], "session") is None
    assert waiting.take(words[-1], "another") is None
    assert waiting.take(words[-1], "session") is not None
    assert waiting.take(words[-1], "session") is None
