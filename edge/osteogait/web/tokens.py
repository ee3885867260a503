"""Proof that a form came from a page of this box: a token that only its own session, or browser, can have."""

from __future__ import annotations

import hashlib
import hmac
import secrets

BEFORE_SIGN_IN = "osteogait_before"
"""Cookie of a browser that has no session yet: random, means nothing."""
SESSION = "osteogait_session"
_SECRET = secrets.token_bytes(32)


def new_browser() -> str:
    """A random value for the cookie of a browser without a session."""
    return secrets.token_urlsafe(24)


def browser_token(cookie: str) -> str:
    """The token of forms shown to the browser with this cookie; another browser has another."""
    return hmac.new(_SECRET, cookie.encode(), hashlib.sha256).hexdigest()


def same(given: str, wanted: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), wanted.encode())
