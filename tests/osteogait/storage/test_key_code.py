"""The key on paper: read aloud, typed again, and put back where it was lost."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteogait.errors import CaseError, StoreError
from osteogait.storage.consents import Consents
from osteogait.storage.identities import Identities
from osteogait.storage.identity import Identity
from osteogait.storage.key_code import code_of, key_of, put_back
from osteogait.storage.store import Store

KEY = bytes(range(32))


@given(st.binary(min_size=32, max_size=32))
def test_a_key_comes_back_from_its_code(key: bytes) -> None:
    code = code_of(key)
    assert re.fullmatch(r"(?:[A-Z2-7]{4}-){13}[A-Z2-7]{4}", code)
    assert key_of(code) == key_of(code.lower().replace("-", " ")) == key_of(f" {code}\n") == key


def test_every_wrong_letter_is_noticed() -> None:
    code = code_of(KEY)
    for at, letter in enumerate(code):
        if letter != "-":
            wrong = code[:at] + ("A" if letter != "A" else "B") + code[at + 1 :]
            with pytest.raises(CaseError):
                key_of(wrong)


@pytest.mark.parametrize(
    "code", ["", "-", code_of(KEY)[:-1], code_of(KEY) + "AAAA", "0189-" * 14, "钥匙", "é" * 56]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(CaseError) as error:
        key_of(code)
    assert error.value.code == "key_code_wrong"


def test_a_lost_key_is_put_back_and_names_are_read_again(opened: Store, somebody: str) -> None:
    file = opened.path.with_name("identity.key")
    Identities(opened, file).put(somebody, Identity("王秀兰"))
    Consents(opened).give(somebody, "test", lang="zh", signer="王秀兰", by="test")
    code = code_of(opened.site_key.key)
    file.unlink()
    with Store.open(opened.path) as later:
        with pytest.raises(StoreError, match="missing"):
            Identities(later, file).get(somebody)
        for wrong in (KEY, os.urandom(32)):
            with pytest.raises(StoreError) as error:
                put_back(later, wrong)
            assert error.value.code == "identity_sealed"
            assert not file.exists(), "a key that does not fit leaves nothing behind"
        put_back(later, key_of(code))
        assert Identities(later, file).get(somebody) == Identity("王秀兰")
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_there_is_never_replaced(opened: Store) -> None:
    before = opened.site_key.key
    with pytest.raises(StoreError) as error:
        put_back(opened, KEY)
    assert error.value.code == "key_is_there"
    assert opened.path.with_name("identity.key").read_bytes() == before
