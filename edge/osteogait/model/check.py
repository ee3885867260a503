"""Is the model fit for work here? Signature, manifest, and every installed engine on the golden vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.model.in_use import active_bundle, trusted

if TYPE_CHECKING:
    from osteofusion.bundle import Bundle
    from osteofusion.engines.probe import Verdict


def installed_engines() -> tuple[str, ...]:
    """The engines whose runtime is installed, in order of preference; nothing is imported to find out."""
    from osteofusion.engines.base import ENGINES, MODULES

    return tuple(name for name in ENGINES if find_spec(MODULES[name]) is not None)


def golden_runs(bundle: Path) -> list[Verdict]:
    """The verdict on every installed engine, each from a child process of its own."""
    from osteofusion.engines.probe import probe

    return [probe(name, bundle) for name in installed_engines()]


def verify_model(bundle: Path | None = None, lang: str = "en") -> dict[str, Any]:
    """The bundle (the active one by default) against signature and manifest, then the engines on its golden vectors.

    `ok` only when all that is installed agrees; `bundle` is a sentence where the bundle is refused.
    """
    from osteofusion.bundle import open_bundle
    from osteofusion.errors import BundleError

    try:
        folder = bundle or active_bundle()
        opened = open_bundle(folder, trust=trusted())
    except BundleError as error:
        return {"ok": False, "bundle": error.message(lang), "error": error.code, "engines": []}
    verdicts = [verdict_fields(verdict) for verdict in golden_runs(folder)]
    return {
        "ok": bool(verdicts) and all(verdict["passed"] for verdict in verdicts),
        "bundle": identity(opened),
        "engines": verdicts,
    }


def identity(bundle: Bundle) -> dict[str, Any]:
    """Which model, which release of it, and who signed that."""
    return {
        "id": bundle.id,
        "version": bundle.version,
        "counter": bundle.counter,
        "sha256": bundle.sha256,
        "path": str(bundle.path),
        "signed_by": signer(bundle),
    }


def signer(bundle: Bundle) -> dict[str, str] | None:
    """The key that signed, as people and programs read it; None for a draft."""
    key = bundle.signed_by
    return None if key is None else {"key": key.id, "name": key.name, "use": key.use, "since": key.since}


def verdict_fields(verdict: Verdict) -> Mapping[str, Any]:
    """A verdict for JSON, where a difference that is no number has no place."""
    fields = asdict(verdict)
    difference = fields["largest_logit_difference"]
    return fields | {"largest_logit_difference": difference if 0 <= difference < float("inf") else None}
