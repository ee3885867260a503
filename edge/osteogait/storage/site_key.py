"""The key of the site: what names somebody lies on the disk sealed, and is read with this key alone."""

from __future__ import annotations

import base64
import binascii
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.errors import StoreError
from osteogait.storage.access_tables import ConsentRow, IdentityRow
from osteogait.storage.database import sync_folder
from osteogait.storage.tables import DocumentRow

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    from osteogait.storage.store import Store

FILE = "identity.key"
"""Beside the database, and to be backed up apart from it."""
KEY_BYTES, NONCE_BYTES = 32, 12


class SiteKey:
    """Seals and opens; `bound` is what a sealed thing belongs to: under another it does not open."""

    def __init__(self, store: Store, file: Path) -> None:
        self._store, self.file = store, file
        self._purposes: dict[str, bytes] = {}
        self._ciphers: dict[str, ChaCha20Poly1305] = {}

    def seal(self, purpose: str, content: bytes, bound: str) -> bytes:
        """`content` as it may lie on the disk."""
        return seal(self.derived(purpose), content, bound)

    def open(self, purpose: str, sealed: bytes, bound: str) -> bytes:
        """What was sealed; StoreError (`identity_sealed`) when it was under another key, or changed since."""
        from cryptography.exceptions import InvalidTag

        try:
            return _opened(self._cipher(purpose), sealed, bound)
        except (InvalidTag, ValueError) as error:
            raise StoreError("identity_sealed", file=str(self.file)) from error

    def seal_text(self, purpose: str, text: str, bound: str) -> str:
        """`text` as it may stand in a table."""
        return base64.b64encode(self.seal(purpose, text.encode(), bound)).decode("ascii")

    def open_text(self, purpose: str, sealed: str, bound: str) -> str:
        """The text that was sealed; StoreError as `open`."""
        try:
            content = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise StoreError("identity_sealed", file=str(self.file)) from error
        return self.open(purpose, content, bound).decode()

    def derived(self, purpose: str) -> bytes:
        """The key for one purpose; StoreError (`identity_key_missing`) when the file was lost."""
        if purpose not in self._purposes:
            self._purposes[purpose] = derive(self.key, purpose)
        return self._purposes[purpose]

    def _cipher(self, purpose: str) -> ChaCha20Poly1305:
        """Made once: to set one up costs more than to open a name with it."""
        if purpose not in self._ciphers:
            self._ciphers[purpose] = _cipher(self.derived(purpose))
        return self._ciphers[purpose]

    @cached_property
    def key(self) -> bytes:
        """The key itself, made when there is nothing yet that it could open."""
        if not self.file.exists():
            with self._store.session():  # its lock: of two that begin at once, one makes the key
                if not self.file.exists():
                    self._refuse_when_lost()
                    write_key(self.file, os.urandom(KEY_BYTES))
        key = self.file.read_bytes()
        if len(key) != KEY_BYTES:
            raise StoreError("identity_key_missing", file=str(self.file))
        return key

    def _refuse_when_lost(self) -> None:
        """A new key in the place of a lost one would hide the loss."""
        for sealed in (IdentityRow.person_id, ConsentRow.id, DocumentRow.id):
            if self._store.read(select(sealed).limit(1)):
                raise StoreError("identity_key_missing", file=str(self.file))


def derive(key: bytes, purpose: str) -> bytes:
    """The key for one purpose."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"osteogait identity " + purpose.encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(key)


def seal(key: bytes, content: bytes, bound: str) -> bytes:
    """A random nonce, then `content` encrypted and authenticated together with `bound`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, content, bound.encode())


def open_sealed(key: bytes, sealed: bytes, bound: str) -> bytes:
    """The mirror of `seal`; InvalidTag or ValueError when it is not what `seal` made for `bound`."""
    return _opened(_cipher(key), sealed, bound)


def _opened(cipher: ChaCha20Poly1305, sealed: bytes, bound: str) -> bytes:
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound.encode())


def _cipher(key: bytes) -> ChaCha20Poly1305:
    # without AES instructions, as on a Raspberry Pi 4, ChaCha20 is the faster one
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key)


def write_key(path: Path, key: bytes) -> None:
    """The file of the key, for its owner alone; durable when this returns."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    part.rename(path)
    sync_folder(path.parent)
