"""What may be a password or a PIN, and what a hash tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteogait.clinic import passwords
from osteogait.clinic.roles import Role
from osteogait.errors import CaseError


@pytest.mark.parametrize("word", ["", "123456789", "aaaaaaaaaaaa", "步" * 10, "x" * 201])
def test_weak_passwords_are_refused(word: str) -> None:
    with pytest.raises(CaseError) as error:
        passwords.check_password_rules(word)
    assert "10" in error.value.message("zh")


@pytest.mark.parametrize("word", ["a sentence nobody uses", "步行测试一二三四五六七", "1234567890"])
def test_ten_characters_of_any_script_are_enough(word: str) -> None:
    passwords.check_password_rules(word)


@pytest.mark.parametrize("pin", ["", "123", "1234567", "0000", "12a4", "１２３４", "-123", "12.4", " 1234"])
def test_a_pin_is_four_to_six_plain_digits(pin: str) -> None:
    with pytest.raises(CaseError):
        passwords.check_pin_rules(pin)


@given(st.integers(0, 999_999).map(lambda number: f"{number:04d}"))
def test_every_other_number_of_four_to_six_digits_is_a_pin(pin: str) -> None:
    if len(set(pin)) > 1:
        passwords.check_pin_rules(pin)


def test_a_hash_is_salted_and_matches_its_secret_alone() -> None:
    first, second = passwords.hashed("步行 sentence"), passwords.hashed("步行 sentence")
    assert first != second
    assert passwords.matches("步行 sentence", first)
    assert not passwords.matches("步行 sentence ", first)
    assert not passwords.is_outdated(first)


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$v=19$m=19456,t=2,p=1$$", "$2b$12$" + "x" * 53])
def test_what_is_no_hash_matches_nothing(kept: str) -> None:
    assert not passwords.matches("plain", kept)


def test_the_roles_are_the_words_in_the_database() -> None:
    assert [str(role) for role in Role] == [
        "guest",
        "therapist",
        "clinician",
        "administrator",
        "owner",
        "service",
    ]
    assert max(map(len, Role)) <= 16
