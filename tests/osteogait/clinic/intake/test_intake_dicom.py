"""DICOM reports: written here with pydicom, read in the process with limits; none of a real scanner was at hand."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteogait.clinic.intake import dicom_door
from osteogait.errors import MissingExtra, Rejected

pydicom = pytest.importorskip("pydicom")
from pydicom.dataset import Dataset, FileMetaDataset  # noqa: E402
from pydicom.sequence import Sequence  # noqa: E402
from pydicom.uid import ExplicitVRLittleEndian, generate_uid  # noqa: E402

ENHANCED = "1.2.840.10008.5.1.4.1.1.88.22"


def _code(value: str, scheme: str, meaning: str) -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Sequence([item])


def _item(kind: str, name: tuple[str, str, str], relation: str = "CONTAINS", **more: object) -> Dataset:
    item = Dataset()
    item.ValueType, item.RelationshipType, item.ConceptNameCodeSequence = kind, relation, _code(*name)
    for key, value in more.items():
        setattr(item, key, value)
    return item


def _number(meaning: str, value: str, unit: str) -> Dataset:
    measured = Dataset()
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = value, _code(unit, "UCUM", unit)
    return _item("NUM", ("1", "99DXA", meaning), MeasuredValueSequence=Sequence([measured]))


def _region(title: str, *items: Dataset, site: tuple[str, str, str] | None = None) -> Dataset:
    found = list(items)
    if site is not None:
        found.insert(
            0,
            _item(
                "CODE",
                ("363698007", "SCT", "Finding Site"),
                "HAS CONCEPT MOD",
                ConceptCodeSequence=_code(*site),
            ),
        )
    return _item("CONTAINER", ("2", "99DXA", title), ContentSequence=Sequence(found))


def _report(*regions: Dataset, sop: str = ENHANCED, reference: str = "NHANES III", **header: str) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report = Dataset()
    report.file_meta = meta
    report.SOPClassUID, report.SOPInstanceUID = sop, meta.MediaStorageSOPInstanceUID
    named = {
        "PatientID": "A-0001",
        "StudyDate": "20251229",
        "StudyTime": "101500",
        "TimezoneOffsetFromUTC": "+0800",
    }
    for key, value in (
        named | {"Manufacturer": "HOLOGIC", "ManufacturerModelName": "Horizon A"} | header
    ).items():
        setattr(report, key, value)
    context = (
        [_item("TEXT", ("3", "99DXA", "Reference database"), "HAS OBS CONTEXT", TextValue=reference)]
        if reference
        else []
    )
    report.ContentSequence = Sequence([*context, *regions])
    out = io.BytesIO()
    report.save_as(out, enforce_file_format=True)
    return out.getvalue()


NECK = _region(
    "Femur",
    _number("BMD", "0.546", "g/cm2"),
    _number("T-score", "-2.6", "{T-score}"),
    _number("BMC", "2.9", "g"),
    site=("29627003", "SCT", "Structure of neck of femur"),
)


def test_a_report_is_read_with_site_maker_and_reference(read) -> None:
    found = read(_report(NECK, _region("AP Spine L1-L4", _number("BMD", "0.78", "g/cm2"))), "r.dcm")
    assert found.kind == "dicom_sr"
    assert [(item.variable, item.value) for item in found.accepted] == [
        ("fn_bmd", 0.546),
        ("fn_t", -2.6),
        ("ls_bmd", 0.78),
    ]
    item = found.accepted[0]
    assert (item.notes["brand"], item.notes["model"], item.notes["reference_db"]) == (
        "HOLOGIC",
        "Horizon A",
        "NHANES III",
    )
    assert item.taken_at.isoformat() == "2025-12-29T02:15:00+00:00"
    assert dict(found.ignored) == {"other-content": 1}


def test_single_vertebrae_and_unknown_sites_are_counted(read) -> None:
    lone = [_region(f"AP Spine {which}", _number("BMD", "0.7", "g/cm2")) for which in ("L2", "L2-L4")]
    found = read(_report(*lone, _region("Whole body", _number("BMD", "1.0", "g/cm2"))), "r.dcm")
    assert dict(found.ignored) == {"other-content": 3}


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"reference": ""}, "missing-reference-db"),
        ({"Manufacturer": ""}, "missing-brand"),
        ({"PatientID": "Z"}, "unknown-person"),
        ({"TimezoneOffsetFromUTC": ""}, "no-zone"),
        ({"StudyDate": ""}, "bad-time"),
    ],
)
def test_every_refusal(read, reasons, how, reason) -> None:
    found = read(_report(_region("Total hip", _number("T-score", "-1.2", "{T-score}")), **how), "r.dcm")
    assert [said for _, said in reasons(found)] == [reason]
    assert not found.accepted


def test_a_density_without_unit_is_refused(read, reasons) -> None:
    found = read(_report(_region("Total hip", _number("BMD", "0.7", "1"))), "r.dcm")
    assert [said for _, said in reasons(found)] == ["unknown-unit"]


def test_a_partial_report_is_not_read(read) -> None:
    assert dict(read(_report(NECK, CompletionFlag="PARTIAL"), "r.dcm").ignored) == {"not-final": 1}


def test_a_picture_is_no_report(read) -> None:
    with pytest.raises(Rejected) as rejected:
        read(_report(NECK, sop="1.2.840.10008.5.1.4.1.1.7"), "r.dcm")
    assert rejected.value.code == "intake_dicom_class"


def test_a_deep_report_and_a_damaged_one_are_rejected(read) -> None:
    deep = _number("BMD", "0.7", "g/cm2")
    for _ in range(30):
        deep = _region("Total hip", deep)
    good = _report(NECK)
    for content in (_report(deep), good[:200], good[:132] + b"\xff" * 300):
        with pytest.raises(Rejected) as rejected:
            read(content, "r.dcm")
        assert rejected.value.code == "intake_dicom"


def test_a_name_alone_makes_no_report(read) -> None:
    with pytest.raises(Rejected) as rejected:
        read(b"BMD 0.7", "r.dcm")
    assert rejected.value.code == "intake_not_dicom"


def test_the_child_has_limits_and_says_no_words_of_the_file() -> None:
    code = (
        "import resource, osteogait.clinic.intake.dicom_child as child;"
        "child.contents = lambda content: bytearray(2 * child.MEMORY);"
        "print(child.main(), resource.getrlimit(resource.RLIMIT_AS)[0] == child.MEMORY)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], input=b"secret", capture_output=True, check=True
    )
    assert done.stdout.split() == [b"4", b"True"]
    assert b"secret" not in done.stderr


def test_a_child_that_hangs_is_ended(read, monkeypatch) -> None:
    monkeypatch.setattr(dicom_door, "SECONDS", 0.01)
    with pytest.raises(Rejected) as rejected:
        read(_report(NECK), "r.dcm")
    assert rejected.value.code == "intake_dicom"


def test_without_the_part_the_door_says_so(read, monkeypatch) -> None:
    monkeypatch.setattr(dicom_door.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra):
        read(_report(NECK), "r.dcm")


TEXT = st.text(max_size=20)
ITEM = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["NUM", "TEXT", "CODE", "CONTAINER", ""]),
        "relation": st.sampled_from(["CONTAINS", "HAS CONCEPT MOD", ""]),
        "name_code": st.sampled_from(["38263-0", "24966-4", ""]) | TEXT,
        "name_scheme": st.sampled_from(["LN", "SCT", ""]),
        "name_meaning": st.sampled_from(["BMD", "T-score", "Total hip", "Reference database"]) | TEXT,
        "value_code": TEXT,
        "value_scheme": TEXT,
        "value_meaning": TEXT,
        "TextValue": TEXT,
        "number": st.sampled_from(["0.7", "-1", ""]) | TEXT,
        "unit": st.sampled_from(["g/cm2", ""]) | TEXT,
    }
)


@settings(max_examples=100, deadline=None)
@given(
    items=st.lists(ITEM, max_size=6),
    header=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("PatientID", "StudyDate", "StudyTime", "Manufacturer"), TEXT)
    ),
)
def test_whatever_the_child_says_is_mapped_or_counted(read, items, header) -> None:
    from osteogait.clinic.intake.dicom_child import HEADER

    said = {
        "header": dict.fromkeys(HEADER, "") | {"PatientID": "A-0001", "StudyDate": "20251229"} | header,
        "items": [{**item, "above": list(range(number))} for number, item in enumerate(items)],
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dicom_door, "_contents", lambda content: json.loads(json.dumps(said)))
        found = read(b"\x00" * 128 + b"DICM", "r.dcm")
    numbers = sum(item["type"] == "NUM" for item in items)
    assert (
        len({item.row for item in (*found.accepted, *found.refused)}) + sum(found.ignored.values()) == numbers
    )


def test_a_deflated_bomb_ends_with_the_child(read) -> None:
    report = pydicom.dcmread(io.BytesIO(_report(NECK)))
    report.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    out = io.BytesIO()
    report.save_as(out, enforce_file_format=True)
    whole = out.getvalue()
    begin = 144 + int.from_bytes(whole[140:144], "little")
    packer = zlib.compressobj(1, wbits=-15)
    bomb = whole[:begin] + packer.compress(zlib.decompress(whole[begin:], -15))
    bomb += packer.compress(b"\xfc\xff\xfc\xffOB\x00\x00" + (300 * 2**20).to_bytes(4, "little"))
    bomb += b"".join(packer.compress(bytes(2**20)) for _ in range(300)) + packer.flush()
    assert len(bomb) < 2_000_000
    with pytest.raises(Rejected) as rejected:
        read(bomb, "r.dcm")
    assert rejected.value.code == "intake_dicom"
    assert read(whole, "r.dcm").accepted
