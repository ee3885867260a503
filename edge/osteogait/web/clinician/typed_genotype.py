"""A genotype as it is typed: the two letters of the plus strand, read by the rules of the files."""

from __future__ import annotations

from datetime import datetime
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from osteogait.clinic.values import UNKNOWN
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteogait.storage.records import Value


def genotypes_of(rsid: str) -> tuple[str, ...]:
    """The pairs of letters that there are, such as A/A, A/G, G/G."""
    from osteogait.clinic.intake.genotype_value import panel

    pairs = combinations_with_replacement(sorted(panel()[rsid]["alleles"]), 2)
    return tuple("/".join(pair) for pair in pairs)


def is_counted(rsid: str) -> bool:
    """Whether it is settled which letter goes with lower bone density, so that the model may use the variant."""
    from osteogait.clinic.intake.genotype_value import panel

    return panel()[rsid]["counts"] is not None


def typed_genotype(rsid: str, text: str, *, by: str, taken_at: datetime) -> Value:
    """The value of the store: a count where the letter is settled, else the letters; CaseError for other letters."""
    from osteogait.clinic.intake.genotype_value import BUILD, panel
    from osteogait.storage.records import Value

    if text != UNKNOWN and text not in genotypes_of(rsid):
        allowed = ", ".join(genotypes_of(rsid))
        raise CaseError("unknown_choice", feature=rsid, value=text[:20], allowed=allowed)
    counts = panel()[rsid]["counts"]
    known = text != UNKNOWN
    held: float | str = float(text.count(counts)) if known and counts is not None else text
    notes = {"alleles": text, "strand": "+", "build": BUILD} if known else {}
    return Value(
        rsid, held, "1", "typed", text, None, taken_at, code=rsid, by=by,
        notes=notes if is_counted(rsid) or not known else {**notes, "usable": False},
    )  # fmt: skip
