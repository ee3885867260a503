"""A bundle as bytes: only one that breaks no rule is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from osteogait.errors import OsteogaitError
from osteogait.report.fhir.invariants import invariants

MEDIA_TYPE = "application/fhir+json"
SHOWN = 3


def bundle_bytes(made: Mapping[str, Any]) -> bytes:
    """`made` as JSON; OsteogaitError (`fhir_broken`) naming rules and places when it breaks one: nothing goes out."""
    problems = invariants(made)
    if problems:
        told = "; ".join(f"{one.rule} ({one.place})" for one in problems[:SHOWN])
        raise OsteogaitError("fhir_broken", count=len(problems), problems=told)
    text = json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()
