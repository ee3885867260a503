"""Addresses of style, scripts and pictures, each with the hash of its content so that a browser may keep it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
SHOWN = 10


@cache
def asset(path: str) -> str:
    """`/static/PATH?v=HASH`; FileNotFoundError for a file that is not there, so that a test finds it."""
    digest = hashlib.sha256((FOLDER / path).read_bytes()).hexdigest()[:SHOWN]
    return f"/static/{path}?v={digest}"
