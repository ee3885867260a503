"""SHA-256 by the library that checks the signature: the standard one would load a second copy of OpenSSL (3 ms)."""

from __future__ import annotations


def sha256(content: bytes) -> bytes:
    """The 32 bytes of the hash of `content`."""
    from cryptography.hazmat.primitives.hashes import SHA256, Hash  # late: 6 ms that most commands never need

    running = Hash(SHA256())
    running.update(content)
    return running.finalize()
