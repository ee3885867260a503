"""What the files of a bundle that people read hold, once more as JSON: a box that needs no YAML parser starts sooner.

`compiled.json` is written with the manifest and listed in it like any other file. Each entry names the SHA-256 of the
file it was made from: an entry that does not fit its file counts for nothing, and the file itself is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from osteofusion.digest import sha256
from osteofusion.errors import BundleError
from osteofusion.parts import Parts, part
from osteofusion.yaml_text import YamlError, read_yaml

COMPILED_FILE, COMPILED_SCHEMA = "compiled.json", "osteofusion.compiled/1"
YAML_FILES = ("features.yaml", "metadata.yaml")


def content_of(parts: Parts, name: str) -> Any:
    """What the YAML file `name` of a bundle holds, not to be changed; YamlError when it is not YAML."""
    source = part(parts, name)
    entry = compiled_entry(parts, name, source)
    return read_yaml(source.decode("utf-8")) if entry is None else entry


def compiled_entry(parts: Parts, name: str, source: bytes) -> Any:
    """What compiled.json says of the file `name` with the bytes `source`; None where it has no entry that fits."""
    try:
        entry = _table(part(parts, COMPILED_FILE)).get(name)
    except BundleError:
        return None  # none there
    return entry["content"] if entry and entry["sha256"] == sha256(source).hex() else None


def compile_files(files: Mapping[str, bytes], more: Mapping[str, Any]) -> bytes:
    """compiled.json for `files`: its YAML files that JSON can say without loss, and `more` by name."""
    contents = {name: _faithful(files[name]) for name in YAML_FILES if name in files} | dict(more)
    entries = {
        name: {"sha256": sha256(files[name]).hex(), "content": content}
        for name, content in contents.items()
        if content is not None
    }
    return _lines({"schema": COMPILED_SCHEMA, **entries})


def _faithful(source: bytes) -> Any:
    """The content of a YAML file, None when it is none or would come back from JSON as something else."""
    try:
        content = read_yaml(source.decode("utf-8"))
        return content if repr(json.loads(json.dumps(content, allow_nan=False))) == repr(content) else None
    except (YamlError, RecursionError, TypeError, ValueError):
        return None


def _lines(table: Mapping[str, Any]) -> bytes:
    """JSON with one line a file."""
    items = (
        f"{json.dumps(name)}: {json.dumps(content, ensure_ascii=False)}" for name, content in table.items()
    )
    return ("{\n" + ",\n".join(items) + "\n}\n").encode()


@lru_cache(maxsize=1)
def _table(content: bytes) -> dict[str, Any]:
    """The entries by file name; none when this is damaged or of another schema: then the files themselves are read."""
    try:
        table = json.loads(content)
        entries = {name: entry for name, entry in table.items() if name != "schema"}
        good = table["schema"] == COMPILED_SCHEMA and all(
            {"sha256", "content"} == set(e) for e in entries.values()
        )
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return {}
    return entries if good else {}
