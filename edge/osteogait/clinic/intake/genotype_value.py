"""One genotype: two alleles of a known variant on the plus strand, counted where the counted allele is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from osteogait.clinic.intake.border import GENETICS, Border
from osteogait.clinic.intake.measurement import Measurement
from osteogait.clinic.intake.reason import RowRefused, Said, shown

_COMPLEMENT = {"A": "T", "T": "A", "C": "G", "G": "C"}
_MINUS = "−-"
BUILD = "GRCh38"


@dataclass(frozen=True, slots=True)
class WrittenGenotype:
    """The texts of one row, exactly as written."""

    patient_id: str
    rsid: str
    allele1: str
    allele2: str
    strand: str
    build: str
    lab: str
    collected_at: str


@cache
def panel() -> Mapping[str, Any]:
    """The variants that are known, by rsid: their alleles on the plus strand and the one that is counted."""
    text = files("osteogait.clinic.intake").joinpath("genotypes.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def read_genotype(written: WrittenGenotype, border: Border, row: int) -> Measurement:
    """The measurement behind `written`; RowRefused with the first reason against it."""
    facts = border.person(written.patient_id, GENETICS)
    moment = border.moment(written.collected_at, facts)
    rsid = written.rsid.strip().lower()
    if rsid not in panel():
        raise RowRefused(
            "unknown-code", variant="unknown_rsid", value=shown(written.rsid), allowed=", ".join(panel())
        )
    alleles = tuple(_allele(text) for text in (written.allele1, written.allele2))
    plus = _plus(alleles, tuple(panel()[rsid]["alleles"]), written.strand.strip(), written.build.strip())
    counted = panel()[rsid]["counts"]
    text = "/".join(plus)
    notes = {
        "alleles": text,
        "strand": "+",
        "build": BUILD,
        "lab": written.lab.strip(),
        **(moment.notes or {}),
    }
    return Measurement(
        patient_id=written.patient_id.strip(),
        person=facts.person,
        variable=rsid,
        value=text if counted is None else float(plus.count(counted)),
        unit="1",
        comparator="",
        written_value=f"{written.allele1.strip()}/{written.allele2.strip()}",
        written_unit="",
        code=rsid,
        taken_at=moment.at,
        row=row,
        day_only=moment.day_only,
        usable=counted is not None,
        needs_consent=GENETICS,
        notes={key: note for key, note in notes.items() if note},
        warnings=(*moment.warnings, *(() if counted else (Said("not-counted", {"value": text}),))),
    )


def _allele(text: str) -> str:
    plain = text.strip().upper()
    if plain not in _COMPLEMENT:
        raise RowRefused("bad-allele", value=shown(text))
    return plain


def _plus(alleles: tuple[str, ...], known: tuple[str, ...], strand: str, build: str) -> tuple[str, ...]:
    """The alleles on the plus strand, sorted; RowRefused `ambiguous-strand` where that is not certain.

    Without a strand only a variant whose alleles are not each other's complement tells it by itself.
    """
    said = {
        "alleles": "/".join(alleles),
        "known": "/".join(known),
        "strand": shown(strand),
        "build": shown(build),
    }
    turned = tuple(_COMPLEMENT[allele] for allele in alleles)
    if build != BUILD or (strand and strand not in ("+", *_MINUS)):
        raise RowRefused("ambiguous-strand", variant="strand_or_build", **said)
    palindromic = _COMPLEMENT[known[0]] in known
    candidates = {"+": [alleles], "": [] if palindromic else [alleles, turned]}.get(strand, [turned])
    fitting = [pair for pair in candidates if set(pair) <= set(known)]
    if len(fitting) != 1:
        raise RowRefused("ambiguous-strand", **said)
    return tuple(sorted(fitting[0]))
