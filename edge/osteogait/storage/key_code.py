"""The key of the site on paper: letters and digits that can be read aloud, with a check against slips of the pen."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.errors import CaseError, StoreError
from osteogait.storage.access_tables import ConsentRow, IdentityRow
from osteogait.storage.consents import SIGNER
from osteogait.storage.documents import NAME
from osteogait.storage.identities import WRAPPING
from osteogait.storage.site_key import KEY_BYTES, SiteKey, write_key
from osteogait.storage.tables import DocumentRow

if TYPE_CHECKING:
    from osteogait.storage.store import Store

CHECK_BYTES = 3
"""Of 16 million slips of the pen one is not noticed here, and then fits nothing."""
GROUP = 4


def code_of(key: bytes) -> str:
    """56 letters and digits in groups of four: the key and its check in base 32 (RFC 4648)."""
    text = base64.b32encode(key + _check(key)).decode("ascii")
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def key_of(code: str) -> bytes:
    """The mirror of `code_of`, also in small letters and with other gaps; CaseError `key_code_wrong`."""
    plain = "".join(letter for letter in code.upper() if letter not in "-–— \t\r\n")
    try:
        content = base64.b32decode(plain)
    except (binascii.Error, ValueError) as error:
        raise CaseError("key_code_wrong") from error
    key = content[:KEY_BYTES]
    if len(content) != KEY_BYTES + CHECK_BYTES or content[KEY_BYTES:] != _check(key):
        raise CaseError("key_code_wrong")
    return key


def put_back(store: Store, key: bytes) -> None:
    """A lost key is there again; StoreError when one is there (`key_is_there`) or this one does not fit."""
    file = store.site_key.file
    if file.exists():
        raise StoreError("key_is_there", file=file)
    write_key(file, key)
    try:
        _must_open(store, SiteKey(store, file))
    except StoreError:
        file.unlink()
        raise


def _must_open(store: Store, site: SiteKey) -> None:
    """One sealed thing of each kind."""
    for identity in store.read(select(IdentityRow).limit(1)):
        site.open(WRAPPING, identity.wrapped_key, identity.person_id)
    for consent in store.read(select(ConsentRow).limit(1)):
        site.open_text(SIGNER, consent.signer, consent.person_id)
    for document in store.read(select(DocumentRow).limit(1)):
        site.open_text(NAME, document.name, document.person_id)


def _check(key: bytes) -> bytes:
    return hashlib.sha256(b"osteogait key " + key).digest()[:CHECK_BYTES]
