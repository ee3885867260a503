"""A request's body as a form, never larger than its place allows."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from osteogait.web.form import Form, Upload
from osteogait.web.guard import LARGEST

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Message, Receive

MOST_FIELDS = 400
MOST_FILES = 20
KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")
UTF8 = re.compile(r"charset=\"?utf-8\b", re.ASCII | re.IGNORECASE)


SLOWEST = 500_000
"""Bytes a second of a slow wireless network; a body may take so long and half a minute more, then it is dropped."""
PATIENCE_S = 30.0


class NotTaken(Exception):
    """A body that is not read to its end."""


class TooLarge(NotTaken):
    """More bytes, fields or files than the place takes; `more`: some are still on their way."""

    def __init__(self, *, more: bool = False) -> None:
        self.more = more


class TooSlow(NotTaken):
    """It did not arrive in time, or not whole: nobody may hold a place of the box by sending next to nothing."""


class Garbled(NotTaken):
    """In an encoding that no page of ours sends, or with bytes that are no text."""


async def read_form(request: Request, limit: int, patience_s: float = PATIENCE_S) -> Form:
    """The fields and files of a form; TooLarge past `limit` bytes, counted while they arrive; TooSlow; Garbled."""
    from starlette.exceptions import HTTPException
    from starlette.formparsers import MultiPartException
    from starlette.requests import ClientDisconnect

    kind, _, rest = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() not in KINDS:
        return Form()
    if "charset" in rest.lower() and not UTF8.search(rest):
        raise Garbled
    arriving = request._receive
    _count(request, limit)
    try:
        async with asyncio.timeout(patience_s + limit / SLOWEST):
            try:
                return await _read(request, limit)
            except TooLarge as error:
                if error.more:
                    await _let_pass(arriving)
                raise
    except (TimeoutError, ClientDisconnect) as error:
        raise TooSlow from error
    except (MultiPartException, HTTPException) as error:
        raise (TooLarge if _too_many(error) else Garbled) from error


async def _read(request: Request, limit: int) -> Form:
    from starlette.datastructures import UploadFile

    fields: dict[str, list[str]] = {}
    uploads: dict[str, tuple[Upload, ...]] = {}
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=limit) as sent:
        for name, value in sent.multi_items():
            if not isinstance(value, UploadFile):
                fields.setdefault(name, []).append(_text(value))
            elif value.filename:
                sent_as = _text(value.filename)
                uploads[name] = (*uploads.get(name, ()), Upload(sent_as, await value.read()))
    return Form(fields, uploads)


async def _let_pass(arriving: Receive) -> None:
    """Takes the rest of a body without keeping it: a browser that is cut off while sending shows no answer at all."""
    passed, more = 0, True
    while more and passed < LARGEST:
        message = await arriving()
        passed += len(message.get("body", b""))
        more = message.get("more_body", False)


def _too_many(error: Exception) -> bool:
    said = str(getattr(error, "detail", error))
    return said.startswith("Too many") or "exceeded" in said


def _text(sent: str) -> str:
    """What can be kept and shown; Garbled for halves of characters. NUL, which no keyboard sends, is left out."""
    if not sent.isascii() and any("\ud800" <= letter <= "\udfff" for letter in sent):
        raise Garbled
    return sent.replace("\x00", "")


def _count(request: Request, limit: int) -> None:
    """From here on the request ends with TooLarge once more than `limit` bytes have come."""
    receive, taken = request._receive, 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLarge(more=message.get("more_body", False))
        return message

    request._receive = counted
