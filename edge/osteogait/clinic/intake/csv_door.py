"""A CSV file of lab, DXA or genotype values."""

from __future__ import annotations

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.collect import Collector
from osteogait.clinic.intake.measurement import Kind
from osteogait.clinic.intake.sheet import read_sheet, sheet_of
from osteogait.clinic.intake.text_table import decoded, read_table

KINDS: dict[str, Kind] = {"lab": "lab_csv", "dxa": "dxa_csv", "genotype": "genotype_csv"}


def read_csv(content: bytes, border: Border, collector: Collector) -> tuple[Kind, str]:
    """Every row of the file into `collector`; which table it is, and its encoding."""
    text, encoding = decoded(content)
    table = read_table(text)
    sheet = sheet_of(table.header)
    read_sheet(sheet, table.header, table.rows, border, collector)
    return KINDS[sheet.name], encoding
