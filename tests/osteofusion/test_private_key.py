"""The private key: made for one person, refused when others can read it, never repeated in a message."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from osteofusion.errors import SignatureError, TrustError
from osteofusion.private_key import new_private_key, read_private_key
from osteofusion.signature import SIGNATURE_BYTES, Signature, key_id, sign_bytes, verify_bytes

PEM = (Encoding.PEM, PrivateFormat.PKCS8)


def code_of(path: Path) -> str:
    with pytest.raises(TrustError) as caught:
        read_private_key(path)
    assert str(path) in caught.value.message("zh")
    return caught.value.code


def test_a_new_key_is_its_owner_s_alone_and_signs(tmp_path: Path) -> None:
    made = new_private_key(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    read = read_private_key(tmp_path / "key.pem")
    assert sign_bytes(b"x", read) == sign_bytes(b"x", made)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    new_private_key(tmp_path / "key.pem")
    before = (tmp_path / "key.pem").read_bytes()
    with pytest.raises(TrustError) as caught:
        new_private_key(tmp_path / "key.pem")
    assert caught.value.code == "key_file_exists"
    assert (tmp_path / "key.pem").read_bytes() == before


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o601])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    new_private_key(tmp_path / "key.pem")
    (tmp_path / "key.pem").chmod(mode)
    assert code_of(tmp_path / "key.pem") == "key_file_open"


def test_what_is_no_key_is_refused_without_repeating_it(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    assert code_of(path) == "key_file_unreadable"
    assert code_of(tmp_path) in {"key_file_unreadable", "key_file_open"}
    kind = b"PRIVATE" + b" KEY-----\n"  # in two pieces: searches for keys that slipped in shall not find this
    secret = b"-----BEGIN " + kind + b"c2VjcmV0IHdvcmRz\n-----END " + kind
    for content in (secret, b"", b"\x00" * 200):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(TrustError) as caught:
            read_private_key(path)
        assert caught.value.code == "key_file_not_understood"
        assert "c2VjcmV0" not in f"{caught.value} {caught.value.message('zh')} {caught.value.fields}"


def test_a_locked_key_and_one_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.touch(mode=0o600)
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(*PEM, BestAvailableEncryption(b"word")))
    assert code_of(path) == "key_file_encrypted"
    path.write_bytes(generate_private_key(SECP256R1()).private_bytes(*PEM, NoEncryption()))
    assert code_of(path) == "key_file_not_understood"


# --- the signature as bytes ---------------------------------------------------------------------------------
def test_a_signature_is_its_own_mirror() -> None:
    private = Ed25519PrivateKey.generate()
    signature = sign_bytes(b"manifest", private)
    assert len(bytes(signature)) == SIGNATURE_BYTES
    assert Signature.from_bytes(bytes(signature)) == signature
    assert signature.key_id == key_id(private.public_key().public_bytes_raw())


def test_a_known_signature_of_rfc_8032() -> None:
    # section 7.1, test 2: public key, one byte of message, signature
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    value = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    verify_bytes(b"\x72", Signature(key_id(public), value), public)
    with pytest.raises(SignatureError):
        verify_bytes(b"\x73", Signature(key_id(public), value), public)


def test_a_signature_with_the_group_order_added_is_another_spelling_and_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    private = Ed25519PrivateKey.generate()
    signature = sign_bytes(b"manifest", private)
    scalar = int.from_bytes(signature.value[32:], "little") + order
    spelled = Signature(signature.key_id, signature.value[:32] + scalar.to_bytes(32, "little"))
    with pytest.raises(SignatureError):
        verify_bytes(b"manifest", spelled, private.public_key().public_bytes_raw())


@pytest.mark.parametrize(
    "change",
    [bytes.upper, bytes.strip, lambda line: line + b"\n", lambda line: line.replace(b" ", b"  "), lambda _: b"",
     lambda line: b"\xef\xbb\xbf" + line, lambda line: line.replace(b"\n", b"\r\n"), lambda line: line * 2],
)  # fmt: skip
def test_a_signature_has_one_spelling(change: object) -> None:
    line = bytes(sign_bytes(b"manifest", Ed25519PrivateKey.generate()))
    with pytest.raises(SignatureError) as caught:
        Signature.from_bytes(change(line))  # type: ignore[operator]
    assert caught.value.code == "signature_not_understood"
