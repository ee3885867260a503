"""What `osteogait model show` tells of a model, for programs and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typer

from osteogait.model.in_use import active_bundle, bundles_folder, trusted
from osteogait.words import sentence


def model_facts(bundle: Path | None = None) -> dict[str, Any]:
    """Identity, signer, data tiers, outcomes, countries, engines, files and the record of installations.

    Raises BundleError when the bundle (by default the active one) is refused.
    """
    from osteofusion.bundle import open_bundle
    from osteofusion.install_state import read_state
    from osteofusion.schema import default_bundle
    from osteogait.model.check import identity, installed_engines

    trust = trusted()
    opened = open_bundle(bundle or active_bundle(), trust=trust)
    state, metadata = read_state(bundles_folder()), opened.metadata
    before = state.placed[-2] if len(state.placed) > 1 else None
    return identity(opened) | {
        "shipped": opened.path == default_bundle(),
        "intended_use": metadata.get("intended_use"),
        "data_tier": metadata.get("data_tier"),
        "outcomes": metadata.get("heads", {}).get("outcomes"),
        "members": metadata.get("heads", {}).get("members"),
        "countries": sorted(metadata.get("countries", {})),
        "engines": {name: _version(name) for name in installed_engines()},
        "files": {name: {"size": e.size, "sha256": e.sha256} for name, e in opened.manifest.files.items()},
        "before": None if before is None else {"version": before.version, "counter": before.counter},
        "can_go_back": state.active is not None,
        "highest_counter": {name: mark.counter for name, mark in state.highest.items()},
        "trusted_keys": [
            {"key": key.id, "name": key.name, "use": key.use, "since": key.since, "revoked": key.revoked}
            for key in trust.keys.values()
        ],
    }


def _version(engine: str) -> str:
    packages = {"litert": "ai-edge-litert"}
    return version(packages.get(engine, engine))


def print_facts(facts: Mapping[str, Any], lang: str) -> None:
    """The facts as lines of `label: value`."""
    for label, text in _lines(facts, lang):
        typer.echo(sentence(f"model_label_{label}", lang, {}) + text)


def _lines(facts: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    yield "model", f"{facts['id']} {facts['version']}"
    yield "counter", str(facts["counter"])
    yield "signed", _key(facts["signed_by"], lang)
    yield "intended_use", _in_language(facts["intended_use"], lang)
    yield "data_tier", _pairs(facts["data_tier"])
    if facts["countries"]:
        yield "countries", ", ".join(facts["countries"])
    yield "engines", _pairs(facts["engines"]) or "-"
    yield "files", ", ".join(f"{name} {entry['size']} B" for name, entry in facts["files"].items())
    yield "folder", facts["path"]
    if facts["can_go_back"]:
        before = facts["before"]
        shipped = sentence("model_shipped", lang, {})
        yield "before", shipped if before is None else f"{before['version']} ({before['counter']})"
    if facts["highest_counter"]:
        yield "highest", _pairs(facts["highest_counter"])
    yield "keys", "; ".join(_key(key, lang) for key in facts["trusted_keys"])


def _key(key: Mapping[str, str], lang: str) -> str:
    use = sentence(f"key_use_{key['use'] or 'none'}", lang, {})
    gone = sentence("key_gone", lang, {"reason": key["revoked"]}) if key.get("revoked") else ""
    return sentence("model_key", lang, {"name": key["name"], "key": key["key"], "use": use, "gone": gone})


def _in_language(text: object, lang: str) -> str:
    return str(text[lang]) if isinstance(text, Mapping) else str(text)


def _pairs(table: Mapping[str, object] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in (table or {}).items())
