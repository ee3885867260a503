"""Passwords and PINs: what is accepted, how they are kept, how many are checked at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from osteogait.errors import CaseError, NotPermitted

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200
PIN_DIGITS = (4, 6)
DIGITS = "01234567890"
ROWS = (DIGITS, "qwertyuiop", "asdfghjkl", "zxcvbnm")
"""In the order in which fingers meet them."""
EVERYBODYS = (
    "osteogait",
    "password",
    "passwort",
    "passw0rd",
    "letmein",
    "welcome",
    "admin",
    "mima",
    "密码",
    "你好",
)
"""Words that are tried first everywhere, and the name of the product."""
SHORTEST_WORD = 2
FEWEST_SURPRISES = 5
"""A sentence has ten and more; `1234567890`, `qwerty123456`, `abcabcabcabc` and `password2026` have one to four."""
AT_ONCE = 2
"""Each hash takes 19 MiB, kept by the thread it ran in: a flood of sign-ins must not eat the memory of the box."""
MOST_WAITING = 8
"""Checks under way or waiting, half a second on a Pi; with more, the pages of everybody else would wait behind them."""
BUSY_S = 2
_PLACES = threading.BoundedSemaphore(MOST_WAITING)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.low_level import Type

    # the minimum of the OWASP Password Storage Cheat Sheet: 18 ms on a desktop core, 94 ms on an emulated Pi 4
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def check_password_rules(password: str, *known: str) -> None:
    """CaseError unless `password` has 10 to 200 characters and is not guessed at once; `known`: names of its owner.

    Guessed at once are rows, repetitions, and the names of account and product (NIST SP 800-63B, memorized secrets).
    """
    if not SHORTEST <= len(password) <= LONGEST or len(set(password)) == 1:
        raise CaseError("password_rules", low=SHORTEST, high=LONGEST)
    if len(_surprises(password.casefold(), known)) < FEWEST_SURPRISES:
        raise CaseError("password_obvious")


def check_pin_rules(pin: str) -> None:
    """CaseError unless `pin` has four to six digits that are not all the same, a row, or a part said twice."""
    low, high = PIN_DIGITS
    if not (pin.isascii() and pin.isdigit() and low <= len(pin) <= high) or len(set(pin)) == 1:
        raise CaseError("pin_rules", low=low, high=high)
    half, odd = divmod(len(pin), 2)
    in_a_row = pin in DIGITS or pin[::-1] in DIGITS
    if in_a_row or (not odd and pin[:half] == pin[half:]):
        raise CaseError("pin_obvious")


def _surprises(password: str, known: Iterable[str]) -> set[str]:
    """Letters and digits of `password` that are no part of a known word and do not follow from the one before."""
    words = (*EVERYBODYS, *(one.casefold() for one in known))
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= SHORTEST_WORD:
            password = password.replace(word, " ")
    return {
        letter
        for before, letter in pairwise(f" {password}")
        if letter.isalnum() and not _follows(before, letter)
    }


def _follows(before: str, letter: str) -> bool:
    return abs(ord(letter) - ord(before)) <= 1 or any(
        before + letter in row or letter + before in row for row in ROWS
    )


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "password")


@contextmanager
def place() -> Iterator[None]:
    """One of a few places for whoever wants a secret checked; NotPermitted (`try_later`) when all are taken."""
    if not _PLACES.acquire(blocking=False):
        raise NotPermitted("try_later", seconds=BUSY_S)
    try:
        yield
    finally:
        _PLACES.release()


def hashed(secret: str) -> str:
    """What is kept of a password or PIN."""
    return _threads().submit(_hasher().hash, secret).result()


def matches(secret: str, kept: str) -> bool:
    """Whether `secret` is the one behind `kept`; takes the same time either way."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _threads().submit(_hasher().verify, kept, secret).result()
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobodys() -> str:
    """A hash to check against where there is no account, so that the answer takes as long."""
    return hashed("nobody has this password")


def is_outdated(kept: str) -> bool:
    """True when the cost has been raised since."""
    return _hasher().check_needs_rehash(kept)
