"""Passwords and PINs: what is accepted, how they are kept, how many are checked at a time."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from osteogait.errors import CaseError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200
PIN_DIGITS = (4, 6)
AT_ONCE = threading.Semaphore(2)
"""Each check takes 19 MiB: a flood of sign-ins must not eat the memory of the box."""


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.low_level import Type

    # the minimum of the OWASP Password Storage Cheat Sheet: 18 ms on a desktop core, 94 ms on an emulated Pi 4
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def check_password_rules(password: str) -> None:
    """CaseError unless `password` has 10 to 200 characters that are not all the same."""
    if not SHORTEST <= len(password) <= LONGEST or len(set(password)) == 1:
        raise CaseError("password_rules", low=SHORTEST, high=LONGEST)


def check_pin_rules(pin: str) -> None:
    """CaseError unless `pin` has four to six digits that are not all the same."""
    low, high = PIN_DIGITS
    if not (pin.isascii() and pin.isdigit() and low <= len(pin) <= high) or len(set(pin)) == 1:
        raise CaseError("pin_rules", low=low, high=high)


def hashed(secret: str) -> str:
    """What is kept of a password or PIN."""
    with AT_ONCE:
        return _hasher().hash(secret)


def matches(secret: str, kept: str) -> bool:
    """Whether `secret` is the one behind `kept`; takes the same time either way."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with AT_ONCE:
            return _hasher().verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobodys() -> str:
    """A hash to check against where there is no account, so that the answer takes as long."""
    return hashed("nobody has this password")


def is_outdated(kept: str) -> bool:
    """True when the cost has been raised since."""
    return _hasher().check_needs_rehash(kept)
