"""What may be a password or a PIN, and what a hash tells."""

from __future__ import annotations

import pytest

from osteogait.clinic import passwords
from osteogait.clinic.roles import Role
from osteogait.errors import CaseError


@pytest.mark.parametrize("word", ["", "123456789", "aaaaaaaaaaaa", "步" * 10, "x" * 201])
def test_weak_passwords_are_refused(word: str) -> None:
    with pytest.raises(CaseError) as error:
        passwords.check_password_rules(word)
    assert "10" in error.value.message("zh")


OBVIOUS = (
    "1234567890", "0987654321", "qwertyuiop", "qwerty123456", "abcabcabcabc", "password2026", "Osteogait2026!",
    "Administrator", "mei-mei-2026", "MeiMeiMeiMei", "密码密码密码密码12", "aaaaaaaaab",
)  # fmt: skip


@pytest.mark.parametrize("word", OBVIOUS)
def test_what_is_guessed_at_once_is_refused(word: str) -> None:
    with pytest.raises(CaseError) as error:
        passwords.check_password_rules(word, "mei", "Administrator")
    assert error.value.code == "password_obvious"
    assert word not in error.value.message("en") + error.value.message("zh")


def test_a_name_inside_a_sentence_is_no_harm() -> None:
    passwords.check_password_rules("mei walks to the river", "mei", "M")


@pytest.mark.parametrize("word", ["a sentence nobody uses", "步行测试一二三四五六七", "kq7#vZ2!pX"])
def test_ten_characters_of_any_script_are_enough(word: str) -> None:
    passwords.check_password_rules(word)


@pytest.mark.parametrize("pin", ["", "123", "1234567", "0000", "12a4", "１２３４", "-123", "12.4", " 1234"])
def test_a_pin_is_four_to_six_plain_digits(pin: str) -> None:
    with pytest.raises(CaseError):
        passwords.check_pin_rules(pin)


@pytest.mark.parametrize("pin", ["1234", "0123", "7890", "4321", "987654", "1212", "258258"])
def test_a_pin_that_is_tried_first_is_refused(pin: str) -> None:
    with pytest.raises(CaseError) as error:
        passwords.check_pin_rules(pin)
    assert error.value.code == "pin_obvious"


def test_nearly_every_number_of_four_digits_is_a_pin() -> None:
    refused = 0
    for number in range(10_000):
        try:
            passwords.check_pin_rules(f"{number:04d}")
        except CaseError:
            refused += 1
    assert refused == 10 + 90 + 16, "the same digit, a pair said twice, a row up or down"


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
