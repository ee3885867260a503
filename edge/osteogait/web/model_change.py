"""A change of the model stands in the audit, also when it was changed while the station was not running."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from osteogait.storage.audit import BOX

if TYPE_CHECKING:
    from osteogait.assessment.model import Model
    from osteogait.storage.audit import Audit


def note_model(audit: Audit, model: Model) -> None:
    """A row for the model that answers from now on, unless the one before it is the same."""
    bundle = model.bundle
    facts = {"id": bundle.id, "version": bundle.version, "counter": bundle.counter, "sha256": bundle.sha256}
    last = audit.last("model")
    if last is None or json.loads(last.details) != facts:
        audit.add(BOX, "model", "model", **facts)
