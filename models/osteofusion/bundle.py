"""The model bundle on disk: verified before a byte of it is interpreted.

The order is the protection: signature over the raw bytes of the manifest, then the manifest, then the set of files,
their sizes and hashes, and only then what is inside them. A damaged model usually loads and silently gives other
numbers, so no parser of a model format is asked whether a file is whole.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteofusion.compiled import COMPILED_FILE, YAML_FILES, compile_files, content_of
from osteofusion.digest import sha256
from osteofusion.durable import replace_file, sync_folder
from osteofusion.errors import BundleError, SignatureError
from osteofusion.manifest import MANIFEST_BYTES, MANIFEST_FILE, FileEntry, Manifest
from osteofusion.signature import SIGNATURE_BYTES, SIGNATURE_FILE, Signature, sign_bytes, verify_bytes
from osteofusion.trust_list import TrustedKey, TrustList, default_trust

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

METADATA_FILE = "metadata.yaml"
METADATA_SCHEMA = "osteofusion.metadata/2"
METADATA_BYTES = 1_000_000  # with all tables of uncertainty about 60 kB


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked bundle: its folder, its manifest and the sha256 of that, its metadata, and who signed it.

    `content` are the bytes that were hashed, by file name; `signed_by` is None only for a draft of the lab.
    """

    path: Path
    sha256: str
    metadata: dict[str, Any]
    manifest: Manifest
    signed_by: TrustedKey | None
    content: Mapping[str, bytes]

    @property
    def id(self) -> str:
        """Which model this is, whatever its version."""
        return self.manifest.id

    @property
    def version(self) -> str:
        """Version of the model."""
        return self.manifest.version

    @property
    def counter(self) -> int:
        """Rises with every release of the model."""
        return self.manifest.counter


def open_bundle(path: Path, *, trust: TrustList | None = None) -> Bundle:
    """The bundle in `path`, signed by a key of `trust` (by default the keys of the package and of the site).

    Raises SignatureError when it is unsigned, or signed by a key that is unknown, revoked or not meant for this
    model, or when the signature is wrong; BundleError when a file is missing, extra, altered, no plain file, or
    not understood, or when the bundle needs a newer app.
    """
    content = _read(path, MANIFEST_FILE, MANIFEST_BYTES)
    key = _signer(path, content, trust or default_trust())
    manifest = Manifest.from_bytes(content)
    if manifest.id not in key.models:
        raise SignatureError("key_not_for_model", key=key.id, name=key.name, model=manifest.id)
    return _opened(path, content, manifest, key)


def read_draft(path: Path) -> Bundle:
    """The bundle in `path` that the lab has written and nobody has signed; never for an answer about a person."""
    content = _read(path, MANIFEST_FILE, MANIFEST_BYTES)
    return _opened(path, content, Manifest.from_bytes(content), None)


def write_manifest(path: Path, *, version: str | None = None, counter: int | None = None) -> Manifest:
    """Name every file of the folder with its sha256 and size; a signature that no longer fits is removed.

    Identity, version and counter are those of metadata.yaml; BundleError when `version` or `counter` says otherwise.
    """
    metadata = _metadata({METADATA_FILE: _read(path, METADATA_FILE, METADATA_BYTES)})
    _compile(path)
    names = sorted(set(_names(path)) - {MANIFEST_FILE, SIGNATURE_FILE})
    contents = {name: (path / name).read_bytes() for name in names}
    files = {name: FileEntry(sha256(held).hex(), len(held)) for name, held in contents.items()}
    try:
        manifest = Manifest(str(metadata["id"]), str(metadata["version"]), metadata["counter"], files)
        manifest.check()
    except BundleError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError("bundle_not_understood", path=METADATA_FILE, reason=repr(error)) from error
    for name, wanted in (("version", version), ("counter", counter)):
        if wanted is not None and wanted != getattr(manifest, name):
            found = getattr(manifest, name)
            raise BundleError("bundle_identity", field=name, found=found, expected=wanted)
    _store(path, bytes(manifest))
    return manifest


def set_counter(path: Path, counter: int) -> None:
    """Give the bundle in `path` another counter: its line in metadata.yaml; the manifest is to be written anew."""
    content = _read(path, METADATA_FILE, METADATA_BYTES)
    changed, lines = re.subn(rb"(?m)^counter: [0-9]+$", b"counter: %d" % counter, content)
    if lines != 1:
        raise BundleError("bundle_not_understood", path=METADATA_FILE, reason=f"{lines} lines with a counter")
    if changed != content:
        replace_file(path / METADATA_FILE, changed)


def sign(path: Path, private: Ed25519PrivateKey) -> Signature:
    """Sign the manifest of `path`, which must fit its files; the signature is in place, durable, on return."""
    draft = read_draft(path)
    signature = sign_bytes(bytes(draft.manifest), private)
    replace_file(path / SIGNATURE_FILE, bytes(signature))
    return signature


def _store(path: Path, content: bytes) -> None:
    try:
        if _read(path, MANIFEST_FILE, MANIFEST_BYTES) == content:
            return
    except BundleError:
        pass  # none there, or another schema's: it is written now
    (path / SIGNATURE_FILE).unlink(missing_ok=True)
    sync_folder(path)
    replace_file(path / MANIFEST_FILE, content)


def _compile(path: Path) -> None:
    """Write compiled.json anew where it does not fit the files it is made from."""
    from osteofusion.engines.golden import GOLDEN_FILE, packed_golden

    sources = {
        name: (path / name).read_bytes() for name in (*YAML_FILES, GOLDEN_FILE) if (path / name).is_file()
    }
    golden = {}
    with suppress(KeyError, TypeError, ValueError):  # left out here, refused where it is used
        golden[GOLDEN_FILE] = packed_golden(sources[GOLDEN_FILE])
    content, file = compile_files(sources, golden), path / COMPILED_FILE
    if not file.is_file() or file.read_bytes() != content:
        replace_file(file, content)


def _signer(path: Path, content: bytes, trust: TrustList) -> TrustedKey:
    """The trusted key that signed `content`."""
    try:
        signature = Signature.from_bytes(_read(path, SIGNATURE_FILE, SIGNATURE_BYTES))
    except BundleError as error:
        if error.code == "bundle_file_missing":
            raise SignatureError("bundle_unsigned", path=str(path)) from error
        raise
    key = trust.key(signature.key_id)
    verify_bytes(content, signature, key.public)
    return key


def _opened(path: Path, content: bytes, manifest: Manifest, key: TrustedKey | None) -> Bundle:
    """The bundle behind a manifest that may be believed: files first, then what they say."""
    found = set(_names(path)) - {MANIFEST_FILE, SIGNATURE_FILE}
    for name in sorted(found - set(manifest.files)):
        raise BundleError("bundle_file_extra", path=ascii(name))
    contents = {name: _checked(path, name, entry) for name, entry in manifest.files.items()}
    if METADATA_FILE not in contents:
        raise BundleError("bundle_file_missing", path=METADATA_FILE)
    metadata = _metadata(contents)
    for field in ("id", "version", "counter"):
        expected, said = getattr(manifest, field), metadata.get(field)
        if said != expected:
            raise BundleError("bundle_identity", field=field, found=said, expected=expected)
    _check_app(metadata)
    return Bundle(path, sha256(content).hex(), metadata, manifest, key, contents)


def _names(path: Path) -> list[str]:
    try:
        return [item.name for item in path.iterdir()]
    except OSError as error:
        raise BundleError("bundle_folder", path=str(path), reason=error.strerror) from error


def _checked(path: Path, name: str, entry: FileEntry) -> bytes:
    """The bytes of one file, which are what the manifest promises."""
    content = _read(path, name, entry.size, exact=True)
    if sha256(content).hex() != entry.sha256:
        raise BundleError("bundle_file_changed", path=name)
    return content


def _read(path: Path, name: str, limit: int, *, exact: bool = False) -> bytes:
    """A plain file of at most (or exactly) `limit` bytes; a link, a folder, a pipe is none, and nothing waits."""
    try:
        handle = os.open(path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise BundleError("bundle_file_kind", path=name) from error
        if error.errno in {errno.ENOENT, errno.ENOTDIR} and path.is_dir():
            raise BundleError("bundle_file_missing", path=name) from error
        raise BundleError("bundle_folder", path=str(path), reason=error.strerror) from error
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise BundleError("bundle_file_kind", path=name)
        if about.st_size > limit or (exact and about.st_size < limit):
            raise BundleError("bundle_file_size", path=name, found=about.st_size, expected=limit)
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(handle)


def _metadata(contents: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        metadata = content_of(contents, METADATA_FILE)
    except (ValueError, RecursionError) as error:
        raise BundleError("bundle_not_understood", path=METADATA_FILE, reason=repr(error)) from error
    found = metadata.get("schema") if isinstance(metadata, dict) else None
    if found != METADATA_SCHEMA:
        raise BundleError("bundle_schema", path=METADATA_FILE, found=found, expected=METADATA_SCHEMA)
    return dict(metadata)


def _check_app(metadata: Mapping[str, Any]) -> None:
    """BundleError when the bundle names a newer version of the app than this one."""
    wanted = metadata.get("min_app_version")
    if wanted is None:
        return
    from importlib.metadata import version

    here = version("osteogait")
    try:
        older = _numbers(here) < _numbers(str(wanted))
    except ValueError as error:
        raise BundleError("bundle_not_understood", path=METADATA_FILE, reason=repr(error)) from error
    if older:
        raise BundleError("bundle_needs_newer_app", wanted=wanted, found=here)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
