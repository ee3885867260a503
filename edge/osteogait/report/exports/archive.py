"""Zip files that are the same bytes for the same content, with a list of what is inside and its hashes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

MOMENT = (1980, 1, 1, 0, 0, 0)
"""Of every member: the first that zip knows, so that the same content gives the same file."""
READ_ONLY_OWNER = 0o600 << 16
MANIFEST = "manifest.json"


def json_bytes(content: object) -> bytes:
    """Readable JSON; ValueError for NaN and infinity."""
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")


def archive(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """A zip of `files` by name, with a manifest of `about` and the size and SHA-256 of each."""
    listed = {
        name: {"bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}
        for name in sorted(files)
    }
    manifest = json_bytes({"schema": "osteogait.export/1", **about, "files": listed})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name in sorted({**files, MANIFEST: manifest}):
            member = zipfile.ZipInfo(name, MOMENT)
            member.external_attr = READ_ONLY_OWNER
            member.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(member, manifest if name == MANIFEST else files[name])
    return out.getvalue()
