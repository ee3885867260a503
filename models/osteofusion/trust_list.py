"""Whose signatures count: public keys as data, shipped with the package and extended or revoked by the site.

One key a file, `NAME.yaml`. A key: `schema`, `name`, `use` (development or release), `models` (ids that it may
sign), `since` (a date, for people: the box has no clock that could be trusted), `public_key` (64 hexadecimal
digits), and, when it must not count any more, `revoked` with the reason. To revoke a key that somebody else listed,
its `schema`, `id` and `revoked` are enough. A revocation holds wherever it stands.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from osteofusion.errors import SignatureError, TrustError
from osteofusion.manifest import MODEL_ID
from osteofusion.signature import KEY_ID, PUBLIC_BYTES, key_id
from osteofusion.yaml_text import read_yaml

KEY_SCHEMA = "osteofusion.trusted-key/1"
USES = ("development", "release")
KEY_FIELDS = {"schema", "name", "use", "models", "since", "public_key"}
REVOCATION_FIELDS = {"schema", "id", "revoked"}
FILE_BYTES = 4_000  # a key takes about 250
WRITABLE_BY_OTHERS = 0o002
SITE_FOLDER = "OSTEOGAIT_TRUST"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key (32 bytes), who holds it, what it may sign; `revoked` says why it no longer counts."""

    id: str
    name: str
    use: str
    models: tuple[str, ...]
    since: str
    public: bytes
    revoked: str = ""


@dataclass(frozen=True, slots=True)
class TrustList:
    """All keys by id, the revoked ones too, so that a refusal can name them."""

    keys: Mapping[str, TrustedKey]

    def key(self, found: str) -> TrustedKey:
        """The key `found`; SignatureError when nobody here trusts it, or does no longer."""
        key = self.keys.get(found)
        if key is None:
            raise SignatureError("key_unknown", key=found)
        if key.revoked:
            raise SignatureError("key_revoked", key=found, name=key.name, reason=key.revoked)
        return key


def shipped_folder() -> Path:
    """Folder of the keys that ship with the package."""
    return Path(__file__).with_name("trust")


def load_trust(site: Path | None = None) -> TrustList:
    """The keys of the package and, where there is one, of the folder `site`.

    TrustError for a file that is not understood, a key that stands twice, or a site folder that is missing or that
    everybody may write to: a list of which a part was skipped would trust what somebody revoked.
    """
    entries = list(_entries(shipped_folder()))
    if site is not None:
        _check_rights(site)
        entries += _entries(site)
    keys: dict[str, TrustedKey] = {}
    for path, key in entries:
        if not isinstance(key, TrustedKey):
            continue
        if key.id in keys:
            raise TrustError("trust_key_twice", path=str(path), key=key.id)
        keys[key.id] = key
    for path, gone in entries:
        if not isinstance(gone, TrustedKey):
            found, reason = gone
            known = keys.get(found, TrustedKey(found, path.stem, "", (), "", b""))
            keys[found] = replace(known, revoked=reason)
    return TrustList(keys)


def default_trust() -> TrustList:
    """The keys of the package and those of the folder that `OSTEOGAIT_TRUST` names."""
    named = os.environ.get(SITE_FOLDER)
    return load_trust(Path(named) if named else None)


Revocation = tuple[str, str]  # key id and reason


def _entries(folder: Path) -> Iterable[tuple[Path, TrustedKey | Revocation]]:
    for path in sorted(folder.iterdir()):
        if path.suffix != ".yaml" or not path.is_file():
            raise TrustError("trust_file_name", path=str(path))
        yield path, _entry(path)


def _check_rights(folder: Path) -> None:
    if not folder.is_dir():
        raise TrustError("trust_folder_missing", path=str(folder))
    for path in (folder, *folder.iterdir()):
        if path.stat().st_mode & WRITABLE_BY_OTHERS:
            raise TrustError("trust_writable", path=str(path))


def _entry(path: Path) -> TrustedKey | Revocation:
    try:
        content = path.read_bytes()
        if len(content) > FILE_BYTES:
            raise ValueError(f"{len(content)} bytes, at most {FILE_BYTES}")
        fields = read_yaml(content.decode("utf-8"))
        if fields["schema"] != KEY_SCHEMA:
            raise ValueError(f"schema is {fields['schema']!r}, not {KEY_SCHEMA!r}")
        return _revocation(fields) if set(fields) == REVOCATION_FIELDS else _key(fields)
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise TrustError("trust_not_understood", path=str(path), reason=str(error)) from error


def _revocation(fields: Mapping[str, Any]) -> Revocation:
    if not KEY_ID.fullmatch(fields["id"]):
        raise ValueError(f"id {fields['id']!r}")
    return fields["id"], _reason(fields["revoked"])


def _key(fields: Mapping[str, Any]) -> TrustedKey:
    if set(fields) - {"revoked"} != KEY_FIELDS:
        raise ValueError(f"keys {sorted(fields)}, expected {sorted(KEY_FIELDS)}")
    public = bytes.fromhex(fields["public_key"])
    models = tuple(fields["models"])
    if len(public) != PUBLIC_BYTES or fields["use"] not in USES:
        raise ValueError(f"public key of {len(public)} bytes, use {fields['use']!r}")
    if isinstance(fields["models"], str) or not models or not all(map(MODEL_ID.fullmatch, models)):
        raise ValueError(f"models {fields['models']!r}")
    return TrustedKey(
        id=key_id(public),
        name=_reason(fields["name"]),
        use=fields["use"],
        models=models,
        since=datetime.date.fromisoformat(str(fields["since"])).isoformat(),
        public=public,
        revoked=_reason(fields["revoked"]) if "revoked" in fields else "",
    )


def _reason(text: object) -> str:
    """Words for people: one line that says something."""
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        raise ValueError(f"{text!r} is not a line of text")
    return text.strip()
