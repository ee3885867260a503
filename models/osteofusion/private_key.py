"""The private key of who signs bundles: made, kept to its owner, read for one signature. Never on a box."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from osteofusion.durable import sync_folder, write_file
from osteofusion.errors import TrustError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

OWNER_ONLY = 0o600
OTHERS = 0o077
PEM_BYTES = 4_000  # an Ed25519 key in PKCS 8 takes 119


def new_private_key(path: Path) -> Ed25519PrivateKey:
    """A fresh key in a new file `path` that only its owner can read; TrustError when the name is taken."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = Ed25519PrivateKey.generate()
    try:
        write_file(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), OWNER_ONLY)
        sync_folder(path.parent)
    except FileExistsError as error:
        raise TrustError("key_file_exists", path=str(path)) from error
    except OSError as error:
        raise TrustError("key_file_unreadable", path=str(path), reason=error.strerror) from error
    return private


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """The Ed25519 key in the PEM file `path` (PKCS 8, not encrypted).

    TrustError when anybody but its owner may read the file, or when it holds something else; no message repeats
    what is inside.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _private_bytes(path)
    try:
        private = load_pem_private_key(content, password=None)
    except TypeError as error:  # the library's way to ask for a password
        raise TrustError("key_file_encrypted", path=str(path)) from error
    except Exception as error:
        raise TrustError("key_file_not_understood", path=str(path)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise TrustError("key_file_not_understood", path=str(path))
    return private


def public_entry(private: Ed25519PrivateKey, name: str, use: str, model: str, since: str) -> str:
    """The public half as a file of a trust list (see osteofusion.trust_list): YAML in the spelling of JSON."""
    from osteofusion.trust_list import KEY_SCHEMA

    entry = {
        "schema": KEY_SCHEMA,
        "name": name,
        "use": use,
        "models": [model],
        "since": since,
        "public_key": private.public_key().public_bytes_raw().hex(),
    }
    return json.dumps(entry, ensure_ascii=False, indent=1) + "\n"


def _private_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & OTHERS:
                raise TrustError("key_file_open", path=str(path), mode=f"{mode:o}")
            return file.read(PEM_BYTES)
    except OSError as error:
        raise TrustError("key_file_unreadable", path=str(path), reason=error.strerror) from error
