"""The three tables with exact headers, lab, DXA and genotype: rows of cells become measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.collect import Collector
from osteogait.clinic.intake.dxa_value import WrittenDxa, read_dxa
from osteogait.clinic.intake.genotype_value import WrittenGenotype, read_genotype
from osteogait.clinic.intake.lab_value import WrittenLab, read_lab
from osteogait.clinic.intake.measurement import Measurement
from osteogait.clinic.intake.reason import RowRefused, Said, shown

COMPARATOR = "comparator"  # the one column in which a lone = is no formula
EXAMPLE = "EXAMPLE"  # patient_id of the row that shows how a template is filled in; it is never read

LAB = (
    "patient_id",
    "collected_at",
    "code_system",
    "code",
    "name",
    "value",
    "comparator",
    "unit",
    "ref_low",
    "ref_high",
    "method",
    "lab",
    "fasting",
)
DXA = (
    "patient_id",
    "site",
    "side",
    "bmd_g_cm2",
    "t_score",
    "z_score",
    "brand",
    "model",
    "software",
    "reference_db",
    "scan_date",
)
GENOTYPE = ("patient_id", "rsid", "allele1", "allele2", "strand", "build", "lab", "collected_at")
_DXA_FIELDS = (
    "patient_id",
    "site",
    "side",
    "bmd",
    "t",
    "z",
    "brand",
    "model",
    "software",
    "reference_db",
    "scan_date",
)

Reader = Callable[[dict[str, str], Border, int], tuple[Measurement, ...]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of table: its exact header and how a row of it is read."""

    name: str
    header: tuple[str, ...]
    read: Reader


def _lab(cells: dict[str, str], border: Border, row: int) -> tuple[Measurement, ...]:
    return (read_lab(WrittenLab(**cells), border, row),)


def _dxa(cells: dict[str, str], border: Border, row: int) -> tuple[Measurement, ...]:
    named = dict(zip(_DXA_FIELDS, (cells[name] for name in DXA), strict=True))
    return read_dxa(WrittenDxa(**named), border, row)


def _genotype(cells: dict[str, str], border: Border, row: int) -> tuple[Measurement, ...]:
    return (read_genotype(WrittenGenotype(**cells), border, row),)


SHEETS = (Sheet("lab", LAB, _lab), Sheet("dxa", DXA, _dxa), Sheet("genotype", GENOTYPE, _genotype))


def sheet_of(header: Iterable[str]) -> Sheet:
    """The kind of table whose header has most in common with `header`; the lab table when none has."""
    given = set(header)
    return max(SHEETS, key=lambda sheet: len(given & set(sheet.header) - {"patient_id"}))


def check_header(sheet: Sheet, header: tuple[str, ...]) -> tuple[Said, ...]:
    """What is wrong with the header; the order of columns is free, their names are not."""
    missing = [name for name in sheet.header if name not in header]
    unknown = [name for name in header if name not in sheet.header]
    twice = sorted({name for name in header if header.count(name) > 1} - set(unknown))
    kind = {"kind": sheet.name, "allowed": ", ".join(sheet.header)}
    return (
        *(Said("missing-column", {"value": name, **kind}) for name in missing),
        *(Said("unknown-column", {"value": shown(name), **kind}) for name in unknown),
        *(Said("unknown-column", {"value": name}, "column_twice") for name in twice),
    )


def read_sheet(
    sheet: Sheet,
    header: tuple[str, ...],
    rows: Iterable[tuple[int, tuple[str, ...]]],
    border: Border,
    collector: Collector,
    header_row: int = 1,
) -> None:
    """Every row into `collector`; with a wrong header no row can be read, and the header is refused instead."""
    problems = check_header(sheet, header)
    for said in problems:
        collector.refuse(header_row, said)
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            collector.ignore("blank-row")
        elif problems:
            collector.ignore("unread-row")
        elif len(cells) != len(header):
            collector.meet("")  # whose row it is cannot be told
            said = Said("wrong-cell-count", {"found": len(cells), "expected": len(header)})
            collector.refuse(number, said, ", ".join(cells))
        else:
            _read_row(sheet, dict(zip(header, cells, strict=True)), number, border, collector)


def _read_row(sheet: Sheet, cells: dict[str, str], number: int, border: Border, collector: Collector) -> None:
    if cells["patient_id"].strip().upper() == EXAMPLE:
        collector.ignore("example-row")
        return
    collector.meet(border.whose([cells["patient_id"]]))

    def read() -> tuple[Measurement, ...]:
        for name, text in cells.items():
            equals = name == COMPARATOR and text.strip() == "="
            if text.lstrip().startswith("=") and not equals:
                raise RowRefused("formula", value=shown(text))
        return sheet.read(cells, border, number)

    collector.take(number, read, ", ".join(cells.values()))
