"""The model bundle on disk: what its manifest promises is checked before a byte of it is interpreted.

Signatures and roll-back come with a later version; here the manifest names every file with its sha256.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osteofusion.errors import BundleError
from osteofusion.yaml_text import read_yaml

MANIFEST_FILE, METADATA_FILE = "manifest.json", "metadata.yaml"
MANIFEST_SCHEMA = "osteofusion.manifest/1"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked bundle: its folder, the sha256 of its manifest, and its metadata."""

    path: Path
    sha256: str
    metadata: dict[str, Any]

    @property
    def version(self) -> str:
        """Version of the model."""
        return str(self.metadata["version"])


def open_bundle(path: Path) -> Bundle:
    """The bundle in `path`; BundleError when a file is missing, extra, altered or not understood."""
    manifest, digest = _manifest(path)
    found = {item.name for item in path.iterdir() if item.is_file()} - {MANIFEST_FILE}
    for name in sorted(found - set(manifest)):
        raise BundleError("bundle_file_changed", path=name)
    for name, expected in manifest.items():
        if name not in found:
            raise BundleError("bundle_file_missing", path=name)
        if hashlib.sha256((path / name).read_bytes()).hexdigest() != expected:
            raise BundleError("bundle_file_changed", path=name)
    metadata = read_yaml((path / METADATA_FILE).read_text(encoding="utf-8"))
    return Bundle(path, digest, metadata)


def _manifest(path: Path) -> tuple[dict[str, str], str]:
    try:
        content = (path / MANIFEST_FILE).read_bytes()
    except OSError as error:
        raise BundleError("bundle_file_missing", path=MANIFEST_FILE) from error
    try:
        manifest = json.loads(content)
        if manifest["schema"] != MANIFEST_SCHEMA:
            raise ValueError(manifest["schema"])
        files = {str(name): str(entry["sha256"]) for name, entry in manifest["files"].items()}
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError("bundle_not_understood", path=MANIFEST_FILE, reason=repr(error)) from error
    return files, hashlib.sha256(content).hexdigest()


def write_manifest(path: Path) -> None:
    """Name every file of the folder with its sha256 and size, in canonical JSON."""
    files = {
        item.name: {"sha256": hashlib.sha256(item.read_bytes()).hexdigest(), "size": item.stat().st_size}
        for item in sorted(path.iterdir())
        if item.is_file() and item.name != MANIFEST_FILE
    }
    text = json.dumps({"schema": MANIFEST_SCHEMA, "files": files}, sort_keys=True, indent=1)
    (path / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")
