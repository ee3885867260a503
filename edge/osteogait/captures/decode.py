"""From a line of JSON to a line of JSON: what `osteogait sensors decode` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TextIO

from osteogait.captures import (
    metamotion,
    movella_dot,
    movesense,
    open_profile,
    polar,
    standard,
    thingy52,
    witmotion,
)
from osteogait.captures.capture import (
    WRITE,
    Capture,
    Document,
    Fields,
    Kind,
    Table,
    demand_known,
    each,
    refused,
)
from osteogait.devices.reason import Reason, reason
from osteogait.errors import DecodeError, OsteogaitError

MAKERS: Mapping[str, Table] = {
    "og": open_profile.TABLE,
    "witmotion": witmotion.TABLE,
    "dot": movella_dot.TABLE,
    "movesense": movesense.TABLE,
    "polar": polar.TABLE,
    "thingy52": thingy52.TABLE,
    "metamotion": metamotion.TABLE,
    "sig": standard.TABLE,
}
"""A new maker is one row here, and one in `osteogait.devices.registry` when it can also be recorded from."""


LONGEST_LINE = 4_000_000
"""Characters: three thousand of the longest packets; a line is held in memory as a whole."""
BLANK = "\ufeff \t\r\n"
"""Space, and the mark at the beginning of each file of several that were joined."""


def read_lines(stream: TextIO) -> Iterator[str]:
    """The lines of `stream` with something on them; of one that is too long only so much that it is refused as that."""
    while given := stream.readline(LONGEST_LINE + 2):
        rest = given
        while len(rest) > LONGEST_LINE and not rest.endswith("\n"):
            rest = stream.readline(LONGEST_LINE + 2)
        if line := given.strip(BLANK):
            yield line


def decode_line(line: str, lang: str) -> Document:
    """The values of the capture on `line`, or `error` with the device, and length and hex of the refused packet."""
    device: str | None = None
    try:
        if len(line) > LONGEST_LINE:
            raise refused(reason("capture_line_long", limit=LONGEST_LINE))
        capture = Capture.from_line(line)
        device = capture.device
        return decode(capture)
    except DecodeError as error:
        return {"error": error.message(lang), "device": device, "length": error.length, "hex": error.hex}
    except OsteogaitError as error:
        return {"error": error.message(lang), "device": device}


def decode(capture: Capture) -> Document:
    """What the capture says, or the bytes of the command it describes.

    Raises
    ------
    DecodeError
        Bytes that mean nothing.
    Rejected
        An unknown device or characteristic, or a context or command that lacks something.
    """
    demand_known("device", capture.device, MAKERS)
    table = MAKERS[capture.device]
    kind = table.get(capture.characteristic, Kind())
    if capture.direction == WRITE and kind.command is not None and capture.packets:
        return each(capture, kind.command)
    if capture.direction == WRITE and kind.encode is not None:
        return {"hex": [_encoded(kind.encode, capture.expected).hex()]}
    if capture.direction != WRITE and kind.decode is not None:
        return kind.decode(capture)
    fields = {"device": capture.device, "characteristic": capture.characteristic}
    if capture.direction == WRITE:
        raise refused(reason("capture_not_encoded", **fields))
    raise refused(reason("capture_not_decoded", **fields))


def _encoded(encode: Callable[[Fields], bytes], wanted: Fields) -> bytes:
    try:
        command = encode(wanted)
    except ValueError as error:
        given = error.args[0] if error.args else None
        raise refused(
            given if isinstance(given, Reason) else reason("capture_value", problem=error)
        ) from None
    wanted.done()
    return command
