"""Which missing test would narrow which answer, as the document of the contract holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osteofusion.schema import Schema
    from osteofusion.value_of_information import Gain, ValueOfInformation

DIGITS = 4


def missing_tests(
    information: ValueOfInformation | None, outcomes: Iterable[str], schema: Schema, lang: str
) -> dict[str, Any]:
    """Examinations of which something is missing, by outcome, the most useful first; only for `outcomes`."""
    if information is None:
        return {}
    from osteofusion.examinations import examinations

    labels = {test.id: test.label[lang] for test in examinations(schema)}
    return {outcome: _gains(information.examinations[outcome], labels) for outcome in outcomes}


def missing_groups(
    information: ValueOfInformation | None, outcomes: Iterable[str], schema: Schema, lang: str
) -> dict[str, Any]:
    """The same for whole groups of values."""
    if information is None:
        return {}
    labels = {group.id: group.label[lang] for group in schema.groups}
    return {outcome: _gains(information.groups[outcome], labels) for outcome in outcomes}


def _gains(gains: Iterable[Gain], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": gain.id,
            "label": labels[gain.id],
            "features": list(gain.features),
            "narrowing": round(gain.narrowing, DIGITS),
            "decides": gain.decides,
            "noticeable": gain.noticeable,
        }
        for gain in gains
    ]
