"""What clinicians concluded of a result otherwise than the estimate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from osteogait.report.document import OUTCOMES

if TYPE_CHECKING:
    from osteogait.storage.signatures import Signature

NOT_JUDGED: Mapping[str, str] = MappingProxyType({})
"""Nobody concluded otherwise."""


def conclusions(acts: Iterable[Signature]) -> dict[str, str]:
    """By outcome, the last conclusion that overrode it: `higher`, `lower`, `other` or `not_usable`."""
    found = (act.override for act in acts if act.override is not None)
    return {OUTCOMES[int(one["outcome"])]: str(one["conclusion"]) for one in found}
