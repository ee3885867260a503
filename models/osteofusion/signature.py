"""The detached signature of a bundle: one line of text that says which key signed, and the Ed25519 signature.

`manifest.sig` is exactly 170 bytes; each of them has one right value, so there is no second spelling of a signature:

| bytes | content |
|---|---|
| 0-24 | `osteofusion.signature/1 ` |
| 24-40 | key id: first 16 hexadecimal digits of the SHA-256 of the public key |
| 40 | space |
| 41-169 | the signature (64 bytes, RFC 8032) over the bytes of manifest.json, as 128 lower-case hexadecimal digits |
| 169 | line feed |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteofusion.digest import sha256
from osteofusion.errors import SignatureError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNATURE_FILE = "manifest.sig"
SIGNATURE_BYTES = 170
PUBLIC_BYTES = 32
KEY_ID = re.compile(r"[0-9a-f]{16}")
LINE = re.compile(rb"osteofusion\.signature/1 ([0-9a-f]{16}) ([0-9a-f]{128})\n")


@dataclass(frozen=True, slots=True)
class Signature:
    """Which key signed, and the 64 bytes of the signature."""

    key_id: str
    value: bytes

    @classmethod
    def from_bytes(cls, content: bytes) -> Signature:
        """The signature in `content`; SignatureError when a single byte is not as the table says."""
        line = LINE.fullmatch(content)
        if line is None:
            raise SignatureError("signature_not_understood", path=SIGNATURE_FILE, size=SIGNATURE_BYTES)
        return cls(line[1].decode("ascii"), bytes.fromhex(line[2].decode("ascii")))

    def __bytes__(self) -> bytes:
        """The mirror of `from_bytes`."""
        return f"osteofusion.signature/1 {self.key_id} {self.value.hex()}\n".encode("ascii")


def key_id(public: bytes) -> str:
    """The name of a public key in signatures and trust lists: it finds the key, it does not vouch for it."""
    return sha256(public).hex()[:16]


def sign_bytes(content: bytes, private: Ed25519PrivateKey) -> Signature:
    """The signature of `content` by `private`."""
    return Signature(key_id(private.public_key().public_bytes_raw()), private.sign(content))


def verify_bytes(content: bytes, signature: Signature, public: bytes) -> None:
    """Nothing when `public` signed `content`; SignatureError otherwise."""
    from cryptography.exceptions import InvalidSignature  # late: 10 ms that most commands never need
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature.value, content)
    except InvalidSignature as error:
        raise SignatureError("signature_wrong", key=signature.key_id) from error
