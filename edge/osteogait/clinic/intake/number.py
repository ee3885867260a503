"""The one number parser of doors and forms: text in, an exact finite decimal out; never float() on what was written."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from osteogait.clinic.intake.reason import RowRefused, shown

LONGEST = 40  # characters; a float has 17 digits
_WIDE = str.maketrans("０１２３４５６７８９．＋－−", "0123456789.+--")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_TYPED = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
COMPARATORS = ("<", ">", "=", "<=", ">=")
_COMPARED = re.compile(r"(<=|>=|<|>|=)\s*(.*)", re.DOTALL)
_WIDE_SIGNS = str.maketrans("＜＞＝≤≥", "<>=<>")


def read_number(text: str) -> Decimal:
    """The number that `text` writes with a decimal point; RowRefused `not-a-number` for all else."""
    plain = text.strip().translate(_WIDE)
    if _COMMA.fullmatch(plain):
        raise RowRefused("not-a-number", variant="decimal_comma", value=shown(text))
    if not plain:
        raise RowRefused("not-a-number", variant="empty_value")
    if len(plain) > LONGEST or not _NUMBER.fullmatch(plain):
        raise RowRefused("not-a-number", value=shown(text))
    return checked(Decimal(plain), text)


def read_typed(text: str) -> Decimal:
    """The same for what a person types into a field: digits, one point, no exponent; RowRefused `not-a-number`."""
    if not _TYPED.fullmatch(text.strip().translate(_WIDE)):
        raise RowRefused("not-a-number", value=shown(text))
    return read_number(text)


def checked(number: Decimal, text: object) -> Decimal:
    """`number` if a float can hold it and does not turn it into zero or infinity."""
    if not number.is_finite() or not math.isfinite(float(number)) or (number and not float(number)):
        raise RowRefused("not-a-number", value=shown(text))
    return number


def read_comparator(text: str) -> str:
    """`<`, `>`, `<=`, `>=`, or nothing for an exact value (`=` or empty)."""
    plain = text.strip().replace("≤", "<=").replace("≥", ">=").translate(_WIDE_SIGNS)
    if plain and plain not in COMPARATORS:
        raise RowRefused("bad-comparator", value=shown(text))
    return plain.removeprefix("=")


def split_comparator(text: str) -> tuple[str, str]:
    """Comparator and number of a text such as `<0.05`; the comparator is empty where there is none."""
    found = _COMPARED.fullmatch(text.strip().replace("≤", "<=").replace("≥", ">=").translate(_WIDE_SIGNS))
    return (read_comparator(found[1]), found[2]) if found else ("", text)
