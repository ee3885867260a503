"""Which model answered on which engine, signed by whom, as the document of the contract holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from osteogait.model.check import signer

if TYPE_CHECKING:
    from osteogait.assessment.model import Model


def model_part(model: Model) -> dict[str, Any]:
    """Identity of bundle, engine and key; `engines_refused` are those that were tried and not used, each with why."""
    bundle = model.bundle
    return {
        "id": bundle.id,
        "version": bundle.version,
        "counter": bundle.counter,
        "sha256": bundle.sha256,
        "signed_by": signer(bundle),
        "engine": model.engine_name,
        "engines_refused": [
            {"engine": verdict.engine, "reason": verdict.reason} for verdict in model.refused
        ],
        "data_tier": dict(bundle.metadata["data_tier"]),
    }
