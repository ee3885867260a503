"""HL7 v2 results, ORU^R01, from a file or a connection: numbers of OBX segments with codes we know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.code_table import known_lab_codes
from osteogait.clinic.intake.collect import Collector
from osteogait.clinic.intake.lab_value import WrittenLab, read_lab
from osteogait.clinic.intake.loinc import SYSTEMS, is_loinc
from osteogait.clinic.intake.measurement import Measurement, Persons
from osteogait.clinic.intake.moment import iso_from_hl7
from osteogait.clinic.intake.number import split_comparator
from osteogait.clinic.intake.reason import RowRefused, Said, shown
from osteogait.errors import Rejected

VERSION = "2.5.1"
VERSIONS = ("2.3", "2.3.1", "2.4", "2.5", VERSION, "2.6")  # the fields read here are the same in all of them
# HL7 table 0211; none named: UTF-8, of which ASCII is a part. The names with GB are as vendors write them
CHARSETS = {
    "": "utf-8",
    "ASCII": "ascii",
    "8859/1": "latin-1",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "GB 18030-2000": "gb18030",
    "GB18030": "gb18030",
    "GB 18030": "gb18030",
    "GBK": "gb18030",
}
FINAL = ("F", "C")
NUMERIC = ("NM", "SN", "ST")
_RANGE = re.compile(r"\s*([0-9.]+)\s*(?:-|~|–|--)\s*([0-9.]+)\s*", re.ASCII)
_FRAME = b"\x0b\x1c"


@dataclass(frozen=True, slots=True)
class Signs:
    """The separators that a message declares in MSH-1 and MSH-2."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str


class Segment:
    """One segment as texts: a field of one component is that component, never a row of single characters."""

    def __init__(self, fields: list[str], signs: Signs) -> None:
        self._fields, self._signs = fields, signs
        self.name = fields[0]

    def raw(self, number: int) -> str:
        """Field `number` as it stands; nothing when the segment ends before it."""
        return self._fields[number] if number < len(self._fields) else ""

    def parts(self, number: int) -> list[str]:
        """The components of the first repetition of a field, unescaped."""
        return self._parts(self.raw(number).split(self._signs.repetition)[0])

    def part(self, number: int, component: int = 1) -> str:
        """One component (from 1) of a field; nothing when there is none."""
        found = self.parts(number)
        return found[component - 1] if component <= len(found) else ""

    def repetitions(self, number: int) -> list[list[str]]:
        """The components of every repetition of a field."""
        return [self._parts(text) for text in self.raw(number).split(self._signs.repetition)]

    def _parts(self, text: str) -> list[str]:
        return [self._plain(piece).strip() for piece in text.split(self._signs.component)]

    def _plain(self, text: str) -> str:
        """Escaped separators as themselves; other escapes, such as highlighting, stay as they are."""
        sign = self._signs
        if not sign.escape:
            return text
        known = {
            "F": sign.field,
            "S": sign.component,
            "T": sign.subcomponent,
            "R": sign.repetition,
            "E": sign.escape,
        }
        mark = re.escape(sign.escape)
        return re.sub(f"{mark}([FSTRE]){mark}", lambda found: known[found[1]], text)


@dataclass(frozen=True, slots=True)
class Result:
    """An OBX with the PID and OBR above it, and its line in the file."""

    pid: Segment | None
    obr: Segment | None
    obx: Segment
    line: int


def read_hl7(content: bytes, border: Border, collector: Collector) -> str:
    """Every OBX of every message into `collector`, by its line in the file; the encoding it was read with."""
    text, encoding = _decoded(content)
    for result in _results(text, border, collector):
        ignored = _ignored(result.obx)
        if ignored:
            collector.ignore(ignored)
            continue
        collector.take(result.line, partial(_read, result, border), result.obx.raw(3))
    return encoding


def _decoded(content: bytes) -> tuple[str, str]:
    """The text by the character set that the first message declares in MSH-18."""
    plain = content.removeprefix(b"\xef\xbb\xbf").translate(None, _FRAME)
    found = re.search(rb"(?:^|[\r\n])MSH(.)([^\r\n]*)", plain)
    if found is None:
        raise Rejected("intake_hl7", line=1)
    fields = found[2].split(found[1])
    declared = fields[16].split(b"~")[0].decode("ascii", "replace").strip() if len(fields) > 16 else ""
    encoding = CHARSETS.get(declared.upper())
    allowed = ", ".join(name for name in CHARSETS if name)
    if encoding is None:
        raise Rejected("intake_hl7_charset", value=shown(declared), allowed=allowed)
    try:
        return plain.decode(encoding), encoding
    except UnicodeDecodeError as error:
        if not declared:
            return _undeclared(plain), "gb18030"
        raise Rejected("intake_hl7_charset", value=shown(declared), allowed=allowed) from error


def _undeclared(plain: bytes) -> str:
    try:
        return plain.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Rejected("intake_encoding", byte=error.start) from error


def _results(text: str, border: Border, collector: Collector) -> Iterator[Result]:
    """All OBX in order, each under the latest PID and OBR of its message."""
    pid = obr = None
    for number, segment in _segments(text):
        if segment.name == "MSH":
            pid = obr = None
            _check_message(segment, collector)
        elif segment.name == "PID":
            pid, obr = segment, None
            collector.meet(border.whose(_identifiers(segment)))
        elif segment.name == "OBR":
            obr = segment
        elif segment.name == "OBX":
            yield Result(pid, obr, segment, number)


def _segments(text: str) -> Iterator[tuple[int, Segment]]:
    """Line and segment of all messages; the frame of a batch (FHS, BHS, BTS, FTS) is passed over."""
    signs: Signs | None = None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if not line.strip() or line[:3] in ("FHS", "BHS", "BTS", "FTS"):
            continue
        if line.startswith("MSH"):
            signs = _signs(line, number)
        if signs is None:
            raise Rejected("intake_hl7", line=number)
        yield number, Segment(_fields(line, signs), signs)


def _signs(line: str, number: int) -> Signs:
    declared = line[4:].split(line[3], 1)[0] if len(line) > 3 else ""
    signs = (line[3:4], *declared[:4])
    plain = any(sign.isalnum() or sign.isspace() for sign in signs)
    if len(signs) < 4 or len(set(signs)) < len(signs) or plain:
        raise Rejected("intake_hl7", line=number)
    return Signs(signs[0], signs[1], signs[2], signs[3], signs[4] if len(signs) > 4 else "")


def _fields(line: str, signs: Signs) -> list[str]:
    """The fields of a line as texts under their HL7 numbers: in MSH the separator itself is field 1."""
    fields = line.split(signs.field)
    return [fields[0], signs.field, *fields[1:]] if fields[0] == "MSH" else fields


def _check_message(header: Segment, collector: Collector) -> None:
    kind = f"{header.part(9, 1)}^{header.part(9, 2)}"
    if kind != "ORU^R01":
        raise Rejected("intake_hl7_type", value=shown(kind))
    version = header.part(12)
    if version not in VERSIONS:
        raise Rejected("intake_hl7_version", value=shown(version), allowed=", ".join(VERSIONS))
    remark = Said("remark", {"value": version}, "remark_version")
    if version != VERSION and remark not in collector.remarks:
        collector.remarks.append(remark)


def _code(obx: Segment) -> str:
    """The LOINC code of OBX-3, in its first or its alternate triplet; nothing when there is none that we know."""
    parts = obx.parts(3)
    pairs = [(parts[at], parts[at + 2]) for at in (0, 3) if at + 2 < len(parts)]
    loinc = [code for code, system in pairs if system in SYSTEMS]
    for code in loinc:
        if code in known_lab_codes() or not is_loinc(code):
            return code
    return ""


def _ignored(obx: Segment) -> str:
    """Why an OBX is passed over; nothing when it is to be read."""
    if not _code(obx):
        return "other-code"
    if obx.part(11) not in FINAL:
        return "not-final"
    if obx.part(2) not in NUMERIC:
        return "other-type"
    return "" if obx.raw(5).strip() not in ("", '""') else "no-value"


def _read(result: Result, border: Border) -> tuple[Measurement, ...]:
    obx, obr = result.obx, result.obr
    comparator, value = _value(obx)
    low, high = _range(obx.part(7))
    time = obx.part(14) or (obr.part(7) if obr is not None else "")
    written = WrittenLab(
        patient_id=_patient(result.pid, border.persons),
        collected_at=iso_from_hl7(time),
        code_system="LN",
        code=_code(obx),
        name=obx.part(3, 2),
        value=value,
        comparator=comparator,
        unit=obx.part(6),
        ref_low=low,
        ref_high=high,
        method=obx.part(17, 2) or obx.part(17),
        lab=obx.part(23) or obx.part(15, 2),
    )
    return (read_lab(written, border, result.line),)


def _value(obx: Segment) -> tuple[str, str]:
    """Comparator and number of OBX-5: NM is a number, ST may lead with `<`, SN is `<^number`; several are refused."""
    values = obx.repetitions(5)
    if len(values) != 1:
        raise RowRefused("not-a-number", value=shown(obx.raw(5)))
    parts = values[0]
    if obx.part(2) == "SN":
        if any(parts[2:]) or len(parts) < 2:  # ranges and ratios such as ^2^-^4
            raise RowRefused("not-a-number", value=shown(obx.raw(5)))
        return parts[0], parts[1]
    if len(parts) != 1:
        raise RowRefused("not-a-number", value=shown(obx.raw(5)))
    return split_comparator(parts[0]) if obx.part(2) == "ST" else ("", parts[0])


def _range(text: str) -> tuple[str, str]:
    """The two limits of `0.1-1.0`; nothing for what is written otherwise."""
    found = _RANGE.fullmatch(text)
    return (found[1], found[2]) if found else ("", "")


def _patient(pid: Segment | None, persons: Persons) -> str:
    """The one identifier of PID-3 that the clinic knows; RowRefused `unknown-person`."""
    names = _identifiers(pid)
    known = {facts.person: name for name in names if (facts := persons(name)) is not None}
    if len(known) != 1:
        variant = "" if names else "no_person"
        raise RowRefused("unknown-person", variant=variant, value=shown(", ".join(names)))
    return next(iter(known.values()))


def _identifiers(pid: Segment | None) -> list[str]:
    return [parts[0] for parts in pid.repetitions(3) if parts[0]] if pid is not None else []
