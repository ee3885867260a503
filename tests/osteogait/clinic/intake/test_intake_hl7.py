"""HL7 results: numbers, comparators, units and times as HL7 writes them; character sets honoured; traps refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteogait.errors import Rejected

MSH = "MSH|^~\\&|LIS|LAB|OG|CLINIC|20260105080000+0800||ORU^R01^ORU_R01|1|P|2.5.1"
PID = "PID|1||A-0001^^^CLINIC^MR||Doe^Jane"
OBR = "OBR|1|||PANEL|||202601050740+0800"
CTX = "OBX|1|NM|41171-0^CTX^LN||620|pg/mL|104-1008||||F"


def _message(*lines: str, head: str = MSH, pid: str = PID, obr: str = OBR, end: str = "\r") -> bytes:
    return end.join([head, pid, obr, *lines, ""]).encode()


def test_a_result_with_its_person_time_and_range(read) -> None:
    obx = CTX + "|||20260105074500+0800|LAB^Central laboratory||ECL^ECLIA"
    found = read(_message(obx), "r.hl7")
    (item,) = found.accepted
    assert (found.kind, found.encoding, item.row) == ("hl7", "utf-8", 4)
    assert (item.variable, item.value, item.written_value, item.written_unit) == ("ctx", 0.62, "620", "pg/mL")
    assert item.taken_at.isoformat() == "2026-01-04T23:45:00+00:00"
    assert (item.notes["ref_low"], item.notes["ref_high"], item.notes["lab"]) == (
        "104",
        "1008",
        "Central laboratory",
    )
    assert item.notes["method"] == "ECLIA"
    assert [said.reason for said in item.warnings] == ["fasting-unknown"]


def test_the_time_of_the_order_holds_where_the_result_has_none(read) -> None:
    (item,) = read(_message(CTX), "r.hl7").accepted
    assert item.taken_at.isoformat() == "2026-01-04T23:40:00+00:00"


def test_a_field_of_one_component_is_not_its_first_letter(read) -> None:
    (item,) = read(_message(CTX.replace("pg/mL", "ng/mL").replace("620", "0.62")), "r.hl7").accepted
    assert item.written_unit == "ng/mL"
    (item,) = read(_message(CTX.replace("|pg/mL|", "|pg/mL^picogram^UCUM|")), "r.hl7").accepted
    assert item.written_unit == "pg/mL"


@pytest.mark.parametrize(
    ("kind", "value", "comparator", "number"),
    [
        ("SN", "<^50", "<", 0.05),
        ("SN", ">=^620", ">=", 0.62),
        ("SN", "^620", "", 0.62),
        ("SN", "=^620", "", 0.62),
        ("ST", "<50", "<", 0.05),
        ("ST", " 620 ", "", 0.62),
        ("NM", "620", "", 0.62),
    ],
)
def test_numbers_and_comparators(read, kind, value, comparator, number) -> None:
    (item,) = read(
        _message(CTX.replace("|NM|", f"|{kind}|").replace("|620|", f"|{value}|")), "r.hl7"
    ).accepted
    assert (item.comparator, item.value, item.usable) == (comparator, number, not comparator)


@pytest.mark.parametrize(
    ("obx", "reason"),
    [
        (CTX.replace("|620|", "|six|"), "not-a-number"),
        (CTX.replace("|620|", "|<620|"), "not-a-number"),
        (CTX.replace("|620|", "|620~630|"), "not-a-number"),
        (CTX.replace("|NM|", "|SN|").replace("|620|", "|^2^-^4|"), "not-a-number"),
        (CTX.replace("|NM|", "|SN|"), "not-a-number"),
        (CTX.replace("pg/mL", ""), "unknown-unit"),
        (CTX.replace("pg/mL", "nmol/L"), "code-unit-clash"),
        (CTX.replace("41171-0", "41171-1"), "bad-check-digit"),
        (CTX.replace("^CTX^", "^P1NP^"), "name-code-mismatch"),
        (CTX.replace("|F", "|F|||2027"), "bad-time"),
        (CTX.replace("|F", "|F|||20260105074500"), "no-zone"),
    ],
)
def test_every_refusal_leaves_its_neighbours(read, reasons, obx, reason) -> None:
    found = read(_message(obx, "OBX|2|NM|1751-7^ALB^LN||40|g/L|||||F"), "r.hl7")
    assert reasons(found) == [(4, reason)]
    assert [item.row for item in found.accepted] == [5]


@pytest.mark.parametrize(
    ("obx", "kind"),
    [
        (CTX[:-1] + "P", "not-final"),
        (CTX[:-1], "not-final"),
        (CTX.replace("|NM|", "|CE|"), "other-type"),
        (CTX.replace("41171-0", "2276-4"), "other-code"),
        (CTX.replace("41171-0^CTX^LN", "CTX"), "other-code"),
        (CTX.replace("41171-0^CTX^LN", "41171-0^CTX^L"), "other-code"),
        (CTX.replace("|620|", "||"), "no-value"),
        (CTX.replace("|620|", '|""|'), "no-value"),
        ("OBX", "other-code"),
    ],
)
def test_what_is_passed_over_is_counted(read, obx, kind) -> None:
    found = read(_message(obx), "r.hl7")
    assert dict(found.ignored) == {kind: 1}
    assert not found.accepted
    assert not found.refused


def test_a_corrected_result_and_an_alternate_code(read) -> None:
    obx = CTX.replace("41171-0^CTX^LN", "LIS77^CTX^99LIS^41171-0^CTX^LN")[:-1] + "C"
    assert read(_message(obx), "r.hl7").accepted[0].code == "41171-0"


def test_person_by_any_of_the_identifiers_and_never_by_two(read, reasons) -> None:
    assert read(_message(CTX, pid="PID|1||X-1^^^A~A-0001^^^B"), "r.hl7").accepted
    for pid in ("PID|1||A-0001~B-0002", "PID|1", "PID|1||Z"):
        assert reasons(read(_message(CTX, pid=pid), "r.hl7")) == [(4, "unknown-person")]


def test_a_result_without_patient_above_it_is_nobodys(read, reasons) -> None:
    content = "\r".join([MSH, PID, OBR, CTX, MSH.replace("|1|P|", "|2|P|"), OBR, CTX]).encode()
    found = read(content, "r.hl7")
    assert [item.row for item in found.accepted] == [4]
    assert reasons(found) == [(7, "unknown-person")]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends_and_frames(read, end) -> None:
    assert read(b"\x0b" + _message(CTX, end=end) + b"\x1c\r", "r.hl7").accepted[0].row == 4


@pytest.mark.parametrize(
    ("declared", "encoding", "said"),
    [
        ("UNICODE UTF-8", "utf-8", "utf-8"),
        ("GB 18030-2000", "gb18030", "gb18030"),
        ("", "utf-8", "utf-8"),
        ("", "gb18030", "gb18030"),
    ],
)
def test_character_sets(read, declared, encoding, said) -> None:
    text = _message(CTX.replace("^CTX^", "^β-胶原降解产物^"), head=f"{MSH}||||||{declared}").decode()
    found = read(text.encode(encoding), "r.hl7")
    assert found.encoding == said
    assert found.accepted[0].notes["name"] == "β-胶原降解产物"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (MSH + "||||||KLINGON", "intake_hl7_charset"),
        (MSH + "||||||ASCII", "intake_hl7_charset"),
        (MSH.replace("ORU^R01^ORU_R01", "ADT^A01"), "intake_hl7_type"),
        (MSH.replace("2.5.1", "3.0"), "intake_hl7_version"),
        ("MSH|^^^^|x", "intake_hl7"),
        ("MSH", "intake_hl7"),
    ],
)
def test_messages_that_cannot_be_read(read, head, code) -> None:
    with pytest.raises(Rejected) as rejected:
        read(_message(CTX.replace("CTX", "骨"), head=head), "r.hl7")
    assert rejected.value.code == code
    assert rejected.value.message("zh")


def test_an_older_version_is_read_and_remarked_once(read) -> None:
    old = MSH.replace("2.5.1", "2.4")
    content = _message(CTX, head=old) + _message("OBX|2|NM|1751-7^ALB^LN||40|g/L|||||F", head=old)
    found = read(content, "r.hl7")
    assert len(found.accepted) == 2
    assert ["2.4" in said.message("en") for said in found.remarks] == [True]


def test_escaped_separators(read) -> None:
    (item,) = read(_message(CTX + "||||X^A\\T\\B \\F\\ C"), "r.hl7").accepted
    assert item.notes["lab"] == "A&B | C"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_bytes_after_a_header_are_read_or_rejected(read, noise, text) -> None:
    for content in (b"MSH" + noise, _message(CTX, text), _message(CTX) + noise, MSH.encode() + noise):
        try:
            found = read(content, "r.hl7")
        except Rejected:
            continue
        assert found.kind == "hl7"


def test_of_whom_a_message_speaks(read) -> None:
    def people(*pids: str) -> frozenset[str]:
        lines = [line for pid in pids for line in (MSH, pid, OBR, CTX)]
        return read("\r".join(lines).encode(), "r.hl7").people

    assert people(PID, "PID|1||X-1^^^A~A-0001^^^B") == {"person-1"}
    assert people(PID, "PID|1||B-0002") == {"person-1", "person-2"}
    assert people(PID, "PID|1||Z") == {"person-1", ""}
