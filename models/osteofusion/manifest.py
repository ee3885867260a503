"""The manifest of a bundle: which model this is, and what each of its files must be, in one canonical spelling."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from osteofusion.errors import BundleError

MANIFEST_FILE = "manifest.json"
MANIFEST_SCHEMA = "osteofusion.manifest/2"
MANIFEST_BYTES = 32_000  # ten files take about 1.5 kB
BUNDLE_BYTES = 64_000_000  # five members on two engines take about 1.5 MB
HIGHEST_COUNTER = 2**31 - 1

MODEL_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,31}")
SHA256 = re.compile(r"[0-9a-f]{64}")
# plain names of data: no path, no hidden file, nothing that a Python or a shell would run
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,58}\.(?:yaml|json|onnx|tflite|npz|md)")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Hash and size [bytes] of one file."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Identity of a model and its files; `counter` only ever rises from one release of a model to the next."""

    id: str
    version: str
    counter: int
    files: Mapping[str, FileEntry]

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        """The manifest in `content`; BundleError for another schema, another spelling or an impossible entry."""
        fields = _fields(content)
        found = fields.get("schema")
        if found != MANIFEST_SCHEMA:
            raise BundleError("bundle_schema", path=MANIFEST_FILE, found=found, expected=MANIFEST_SCHEMA)
        try:
            files = {name: FileEntry(**entry) for name, entry in fields["files"].items()}
            manifest = cls(fields["id"], fields["version"], fields["counter"], files)
            manifest.check()
            same = bytes(manifest) == content
        except BundleError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _not_understood(repr(error)) from error
        if not same:
            raise _not_understood("not in canonical form")
        return manifest

    def __bytes__(self) -> bytes:
        """Canonical JSON: sorted keys, one entry a line, a line feed at the end."""
        files = {name: asdict(entry) for name, entry in self.files.items()}
        whole = {
            "schema": MANIFEST_SCHEMA,
            "id": self.id,
            "version": self.version,
            "counter": self.counter,
            "files": files,
        }
        return (json.dumps(whole, sort_keys=True, indent=1) + "\n").encode("ascii")

    def check(self) -> None:
        """BundleError for a file name that is none, ValueError for any other entry that cannot be."""
        _match(MODEL_ID, self.id)
        _match(VERSION, self.version)
        _whole(self.counter, HIGHEST_COUNTER)
        for name, entry in self.files.items():
            if not FILE_NAME.fullmatch(name) or name == MANIFEST_FILE:
                raise BundleError("bundle_file_name", path=ascii(name))
            _match(SHA256, entry.sha256)
            _whole(entry.size, 2**63)
        total = sum(entry.size for entry in self.files.values())
        if total > BUNDLE_BYTES:
            raise BundleError("bundle_too_large", size=total, limit=BUNDLE_BYTES)


def _fields(content: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(content)
    except (RecursionError, ValueError) as error:
        raise _not_understood(repr(error)) from error
    if not isinstance(fields, dict):
        raise _not_understood("not an object")
    return fields


def _not_understood(reason: str) -> BundleError:
    return BundleError("bundle_not_understood", path=MANIFEST_FILE, reason=reason)


def _match(pattern: re.Pattern[str], text: str) -> None:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} does not look like {pattern.pattern}")


def _whole(number: object, highest: int) -> None:
    if type(number) is not int or not 0 <= number <= highest:
        raise ValueError(f"{number!r} is not a whole number from 0 to {highest}")
