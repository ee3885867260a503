"""The check digit of a LOINC code: it proves the form of a code, not its meaning."""

from __future__ import annotations

import re

_CODE = re.compile(r"(\d{1,7})-(\d)", re.ASCII)
SYSTEMS = ("LN", "LOINC", "http://loinc.org", "urn:oid:2.16.840.1.113883.6.1")


def is_loinc(code: str) -> bool:
    """Whether `code` has the form of LOINC and its check digit fits.

    Luhn modulus 10: every second digit from the right doubled, beginning with the last before the hyphen; digits
    summed; the check digit completes to a multiple of ten.
    """
    found = _CODE.fullmatch(code)
    if found is None:
        return False
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(found[1]))]
    total = sum(value // 10 + value % 10 for value in doubled)
    return (10 - total % 10) % 10 == int(found[2])
