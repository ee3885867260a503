"""A file of any length sealed piece by piece: changed, cut short, prolonged or put in another order, it does not open.

Layout: magic (8 bytes), salt (32), mark of the key (8), then pieces of PIECE bytes and their tag, the last one shorter.
The nonce of a piece is its number (11 bytes, big-endian) and one byte that is 1 for the last piece alone: STREAM of
Hoang, Reyhanitabar, Rogaway and Vizár, "Online authenticated-encryption and its nonce-reuse misuse-resistance" (2015).
"""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING, BinaryIO

from osteogait.errors import StoreError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

MAGIC = b"OSTEOBK1"
SALT_BYTES, MARK_BYTES, KEY_BYTES, TAG_BYTES = 32, 8, 32, 16
PIECE = 1 << 20


class SealedWriter:
    """Written to like a file; `close` seals the last piece, without which the rest does not open."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        self._header = MAGIC + salt + _mark(key, salt)
        self._file, self._cipher = file, _cipher(key, salt)
        self._waiting, self._number = bytearray(), 0
        file.write(self._header)

    def write(self, content: bytes) -> int:
        """All of `content` is taken."""
        self._waiting += content
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(content)

    def close(self) -> None:
        """Nothing more comes."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._header))
        self._number += 1


class SealedReader:
    """Read from like a file; StoreError `backup_other_key` or `backup_damaged`, never a byte that was not sealed."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._header = file.read(len(MAGIC) + SALT_BYTES + MARK_BYTES)
        salt = self._header[len(MAGIC) : -MARK_BYTES]
        if not self._header.startswith(MAGIC) or len(salt) != SALT_BYTES:
            raise StoreError("backup_damaged")
        if not hmac.compare_digest(self._header[-MARK_BYTES:], _mark(key, salt)):
            raise StoreError("backup_other_key")
        self._file, self._cipher = file, _cipher(key, salt)
        self._next = file.read(PIECE + TAG_BYTES)
        self._opened, self._number, self._ended = b"", 0, False

    def read(self, count: int) -> bytes:
        """At most `count` bytes; none at the end."""
        while not self._opened and not self._ended:
            self._open_next()
        taken, self._opened = self._opened[:count], self._opened[count:]
        return taken

    def _open_next(self) -> None:
        from cryptography.exceptions import InvalidTag

        sealed, self._next = self._next, self._file.read(PIECE + TAG_BYTES)
        self._ended = not self._next
        try:
            self._opened = self._cipher.decrypt(_nonce(self._number, last=self._ended), sealed, self._header)
        except InvalidTag as error:
            raise StoreError("backup_damaged") from error
        self._number += 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _mark(key: bytes, salt: bytes) -> bytes:
    """Tells a wrong key from a damaged file, and nothing of the key."""
    return hmac.digest(_derived(key, salt, b"mark"), b"", "sha256")[:MARK_BYTES]


def _cipher(key: bytes, salt: bytes) -> ChaCha20Poly1305:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(_derived(key, salt, b"pieces"))


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"osteogait backup " + purpose).derive(key)
