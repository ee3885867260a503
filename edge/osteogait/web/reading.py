"""A request's body as a form, never larger than its place allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.form import Form, Upload

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Message

MOST_FIELDS = 400
MOST_FILES = 20


class TooLarge(Exception):
    """More bytes, fields or files than the place takes."""


async def read_form(request: Request, limit: int) -> Form:
    """The fields and files of a form; TooLarge past `limit` bytes, counted while they arrive."""
    from starlette.datastructures import UploadFile
    from starlette.exceptions import HTTPException
    from starlette.formparsers import MultiPartException

    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return Form()
    _count(request, limit)
    fields: dict[str, list[str]] = {}
    uploads: dict[str, tuple[Upload, ...]] = {}
    try:
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=limit) as sent:
            for name, value in sent.multi_items():
                if not isinstance(value, UploadFile):
                    fields.setdefault(name, []).append(value)
                elif value.filename:
                    uploads[name] = (*uploads.get(name, ()), Upload(value.filename, await value.read()))
    except (MultiPartException, HTTPException) as error:
        raise TooLarge from error
    return Form(fields, uploads)


def _count(request: Request, limit: int) -> None:
    """From here on the request ends with TooLarge once more than `limit` bytes have come."""
    receive, taken = request._receive, 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLarge
        return message

    request._receive = counted
