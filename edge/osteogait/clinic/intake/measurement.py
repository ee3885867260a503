"""What comes through a door: measurements, refused rows, and the account of the whole file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from osteogait.clinic.intake.reason import Said

Kind = Literal[
    "lab_csv", "dxa_csv", "genotype_csv", "lab_xlsx", "dxa_xlsx", "genotype_xlsx", "fhir", "hl7", "dicom_sr"
]
SUFFIXES: Mapping[str, str] = {"fhir": ".json", "hl7": ".hl7", "dicom_sr": ".dcm"}
TABLES = ("csv", "xlsx")


ALONE = "of_one_person"
"""In the account that is kept with a file: true where it speaks of nobody but its person."""


def suffix_of(kind: str) -> str:
    """How the name of a file of `kind` ends; `.bin` for a kind that no door knows."""
    end = kind.rpartition("_")[2]
    return f".{end}" if end in TABLES else SUFFIXES.get(kind, ".bin")


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Whom a clinic identifier means: pseudonym, birth year, sex; purposes agreed to (None: not asked here)."""

    person: str
    birth_year: int
    sex: str
    consents: frozenset[str] | None = None


Persons = Callable[[str], PersonFacts | None]
# person, variable, time (UTC), side -> the value stored at that moment, None for none
Stored = Callable[[str, str, datetime, str], float | str | None]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value in the stored unit, with what the file wrote beside it; `row` is its line or entry in the file.

    `value` is a number, or the alleles as text where no effect allele is settled. Not `usable`: kept and shown as
    written, never given to the model. `taken_at` is UTC; `day_only` says that the file names a day without a time:
    then it is noon of that day in its zone. `notes` holds what was written of method, lab, fasting, ref_low,
    ref_high, brand, model, software, reference_db, side, site, scanner_generation, alleles, zone; only what the
    file says stands there.
    """

    patient_id: str
    person: str
    variable: str
    value: float | str
    unit: str
    comparator: str
    written_value: str
    written_unit: str
    code: str
    taken_at: datetime
    row: int
    day_only: bool = False
    usable: bool = True
    needs_consent: str = "test"
    notes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Said, ...] = ()

    @property
    def side(self) -> str:
        """`left`, `right` or nothing."""
        return self.notes.get("side", "")


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that did not go in: where, the text that offends, and why. Screen only: the text may name a person."""

    row: int
    text: str
    said: Said

    @property
    def reason(self) -> str:
        """The stable key, such as `bad-time`."""
        return self.said.reason


@dataclass(frozen=True, slots=True)
class Intake:
    """The account of one file; every row of it is accepted, refused or counted in `ignored`, none is lost.

    `people` are the pseudonyms of whom the file speaks, with an empty one where it speaks of somebody unknown.
    """

    kind: Kind
    sha256: str
    encoding: str
    accepted: tuple[Measurement, ...] = ()
    refused: tuple[Refused, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[Said, ...] = ()
    people: frozenset[str] = frozenset()

    @property
    def warned(self) -> tuple[Measurement, ...]:
        """Accepted rows that carry a warning."""
        return tuple(item for item in self.accepted if item.warnings)
