"""A FRAX result that the clinician brings along: typed in, shown beside ours, never computed here, never mixed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osteogait.clinic.values import finite
from osteogait.errors import CaseError

FRAX_KEYS = ("mof_percent", "hip_percent", "country", "with_bmd")
PERCENT = (0.0, 100.0)
COUNTRY_LENGTH = 60  # "United States (Caucasian)" is the kind of text that stands on a FRAX page


@dataclass(frozen=True, slots=True)
class Frax:
    """Ten-year probabilities in percent as the FRAX page printed them, for which country, with or without BMD."""

    mof_percent: float | None
    hip_percent: float | None
    country: str
    with_bmd: bool


def read_frax(block: Mapping[str, Any]) -> Frax:
    """The FRAX result of a case; CaseError names the first thing that is wrong.

    One of the two probabilities is enough; country and `with_bmd` are needed, because without them the number
    cannot be read.
    """
    for key in block:
        if key not in FRAX_KEYS:
            raise CaseError("unknown_key", key=f"frax.{key}", allowed=", ".join(FRAX_KEYS))
    mof, hip = (_percent(block.get(key), f"frax.{key}") for key in FRAX_KEYS[:2])
    if mof is None and hip is None:
        raise CaseError("required", key="frax.mof_percent")
    if mof is not None and hip is not None and hip > mof:
        raise CaseError("frax_hip_above_mof", mof=mof, hip=hip)
    return Frax(mof, hip, _country(block.get("country")), _with_bmd(block.get("with_bmd")))


def _percent(value: object, key: str) -> float | None:
    if value is None:
        return None
    number = finite(key, value)
    low, high = PERCENT
    if not low <= number <= high:
        raise CaseError("outside_hard_range", feature=key, value=number, low=low, high=high, unit="%")
    return number


def _country(value: object) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise CaseError("required", key="frax.country")
    if not isinstance(value, str) or len(value) > COUNTRY_LENGTH or not value.isprintable():
        raise CaseError("frax_country", limit=COUNTRY_LENGTH)
    return value.strip()


def _with_bmd(value: object) -> bool:
    if value is None:
        raise CaseError("required", key="frax.with_bmd")
    if not isinstance(value, bool):
        raise CaseError("not_yes_no", feature="frax.with_bmd", value=value)
    return value
