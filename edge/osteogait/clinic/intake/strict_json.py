"""JSON as data of a clinic: no NaN, no infinity, no key twice, no depth without end; decimals kept as written."""

from __future__ import annotations

import itertools
import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from osteogait.clinic.intake.number import LONGEST, checked
from osteogait.clinic.intake.reason import RowRefused
from osteogait.errors import Rejected

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
DEEPEST = 64  # FHIR documents reach about 20


def read_json(content: bytes) -> Any:
    """The value in `content` (UTF-8, BOM allowed), fractions as Decimal; Rejected says what is wrong."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected("intake_json_encoding", byte=error.start) from error
    try:
        value = json.loads(
            text,
            parse_constant=_refuse,
            parse_float=_decimal,
            parse_int=_integer,
            object_pairs_hook=_once,
        )
    except json.JSONDecodeError as error:
        raise Rejected("intake_json", line=error.lineno) from error
    except RecursionError as error:
        raise Rejected("intake_json_depth", limit=DEEPEST) from error
    _check_depth(value, escapes="\\u" in text)
    return value


def _refuse(text: str) -> NoReturn:
    raise Rejected("intake_json_number", value=text[:LONGEST])


def _decimal(text: str) -> Decimal:
    if len(text) > LONGEST:
        _refuse(text)
    try:
        return checked(Decimal(text), text)
    except (RowRefused, ArithmeticError):
        _refuse(text)


def _integer(text: str) -> int:
    if len(text) > LONGEST:
        _refuse(text)
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Rejected("intake_json_twice", key=twice[:LONGEST])
    return found


def _check_depth(value: Any, *, escapes: bool) -> None:
    """Rejected for what is nested too deep, or holds halves of letters or NUL, which only escapes can write."""
    level = [value]
    for _ in range(DEEPEST):
        if escapes and any(_NO_TEXT.search(item) for item in level if isinstance(item, str)):
            raise Rejected("intake_nul")
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (itertools.chain(item, item.values()) if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise Rejected("intake_json_depth", limit=DEEPEST)
