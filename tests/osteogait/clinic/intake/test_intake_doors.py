"""All doors: any bytes are read or rejected, nothing is lost, the words of every reason exist, nothing leaks."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteogait.clinic.intake.reason import IGNORED, REFUSED, WARNED, Said, ignored_message
from osteogait.clinic.intake.sheet import LAB
from osteogait.errors import MissingExtra, Rejected
from osteogait.words import codes

NAMES = st.sampled_from(
    ["a.csv", "a.xlsx", "a.json", "a.hl7", "a.dcm", "../../etc/passwd", "a\x00b", "CON", "%2e%2e/x", ""]
)
STARTS = st.sampled_from(
    [
        b"",
        b"\xef\xbb\xbf",
        b"PK\x03\x04",
        b"{",
        b"[",
        b"MSH|^~\\&|",
        b"<",
        b"%PDF",
        b"\x00" * 128 + b"DIC",
        ",".join(LAB).encode() + b"\n",
    ]
)
LIMITS = settings(max_examples=200, deadline=None)


@LIMITS
@given(name=NAMES, start=STARTS, content=st.binary(max_size=300))
def test_any_bytes_are_read_or_rejected(read, name, start, content) -> None:
    said = set()
    try:
        found = read(start + content, name)
    except (Rejected, MissingExtra) as error:
        said = {error.message("zh"), error.message("en")}
    else:
        assert found.sha256 == hashlib.sha256(start + content).hexdigest()
    assert len(said) in (0, 2)


CELL = st.text(
    alphabet=st.characters(blacklist_characters='\x00\r\n,"', blacklist_categories=("Cs",)), max_size=12
)


@LIMITS
@given(rows=st.lists(st.lists(CELL, min_size=len(LAB), max_size=len(LAB)), max_size=5))
def test_good_rows_survive_any_neighbours(read, lab, rows) -> None:
    good = lab({}).decode()
    bad = "".join(",".join(cells) + "\n" for cells in rows)
    found = read(
        (good + bad).encode()
        + good.splitlines()[1].replace("41171-0,CTX", "77370-5,").replace("0.62", "58").encode()
    )
    last = found.accepted[-1]
    assert (found.accepted[0].row, found.accepted[0].variable, last.variable) == (2, "ctx", "pinp")
    told = {item.row for item in (*found.accepted, *found.refused)}
    assert len(told) + sum(found.ignored.values()) == len(rows) + 2
    assert [item.row for item in found.refused] == sorted(item.row for item in found.refused)


def test_every_reason_has_its_words() -> None:
    known = set(codes())
    for reason in {*REFUSED, *WARNED}:
        variants = {"missing-site": "intake_missing_site", "name-code-mismatch": "intake_name_code_mismatch"}
        assert variants.get(reason, Said(reason).code) in known, reason
    for kind in IGNORED:
        for lang in ("en", "zh"):
            assert "3" in ignored_message(kind, lang, 3)


def test_the_first_page_loads_none_of_it() -> None:
    code = (
        "import sys, osteogait.clinic.intake.door, osteogait.clinic.intake.template;"
        "print([m for m in ('numpy', 'openpyxl', 'pydicom', 'osteofusion') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_error_of_the_file_repeats_no_cell_of_it(read) -> None:
    planted = "Zhang-Wei-1955"
    for content in (f'{planted},b\n"{planted}', f'{{"{planted}": ', f"<{planted}>", f"{planted};b"):
        with pytest.raises(Rejected) as rejected:
            read(content.encode(), "a.csv")
        assert planted not in str(rejected.value)
        assert planted not in rejected.value.message("zh")
