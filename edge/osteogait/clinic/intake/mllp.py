"""HL7 results from a laboratory system over its connection (MLLP): one message, one answer, after it was kept.

Frame: 0x0B, message, 0x1C 0x0D. Bound to this box alone unless the caller opens it: the protocol knows neither names
nor encryption, so a laboratory in another room comes through a tunnel or a network of its own.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from osteogait.clinic.intake.door import MOST_BYTES
from osteogait.clinic.intake.measurement import Intake
from osteogait.errors import OsteogaitError, Rejected, UsageError

START, END = b"\x0b", b"\x1c\r"
MOST_CONNECTIONS = 8
IDLE_SECONDS = 300.0  # a laboratory system keeps its connection; a silent one gives its place away
PORT = 2575  # IANA: hl7
MOST_ERRORS = 20  # ERR segments of an answer

Take = Callable[[bytes], Intake]


class Listener:
    """Takes messages one by one; `take` reads and keeps one (it runs in a thread) and may raise OsteogaitError."""

    def __init__(self, take: Take, idle_s: float = IDLE_SECONDS) -> None:
        self._take = take
        self._idle_s = idle_s
        self._server: asyncio.Server | None = None
        self._one_by_one = asyncio.Lock()
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = PORT, *, beyond_this_box: bool = False) -> int:
        """Begins to listen and gives the port; UsageError for an address that others reach, unless that is meant."""
        if not beyond_this_box and not _is_loopback(host):
            raise UsageError("intake_mllp_address", host=host)
        self._server = await asyncio.start_server(self._serve, host, port, limit=2**16)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Ends all connections; a message that is being kept is finished first."""
        if self._server is not None:
            self._server.close()
            async with self._one_by_one:
                for task in self._open:
                    task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._open) >= MOST_CONNECTIONS:
            writer.close()
            return
        self._open.add(task)
        try:
            while message := await asyncio.wait_for(_message(reader), self._idle_s):
                writer.write(START + await self._answer(message) + END)
                await asyncio.wait_for(writer.drain(), self._idle_s)
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, Rejected):
            pass  # the laboratory sends again what was not answered
        finally:
            self._open.discard(task)
            writer.close()

    async def _answer(self, message: bytes) -> bytes:
        if not message.lstrip().startswith(b"MSH"):
            return answer(message, "AR", ("intake_hl7",))
        async with self._one_by_one:
            try:
                found = await asyncio.shield(asyncio.to_thread(self._take, message))
            except Rejected as error:
                return answer(message, "AR", (error.code,))
            except OsteogaitError as error:
                return answer(message, "AE", (error.code,))
        refused = tuple(f"{item.row}:{item.reason}" for item in found.refused)
        return answer(message, "AE" if refused else "AA", refused)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _message(reader: asyncio.StreamReader) -> bytes:
    """The next message without its frame; nothing at the end of the connection; Rejected when it is too large."""
    while (first := await reader.read(1)) != START:
        if not first:
            return b""
    pieces, size = [], 0
    while True:
        piece = await _until_end(reader)
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES["hl7"]:
            raise Rejected("intake_too_large", size=size, limit=MOST_BYTES["hl7"])
        if piece.endswith(END):
            return b"".join(pieces)[: -len(END)]


async def _until_end(reader: asyncio.StreamReader) -> bytes:
    """Bytes up to the end of the frame, or as many as the buffer holds."""
    try:
        return await reader.readuntil(END)
    except asyncio.LimitOverrunError as overrun:
        return await reader.readexactly(overrun.consumed)


def answer(message: bytes, code: str, errors: tuple[str, ...] = ()) -> bytes:
    """The acknowledgement of `message`: AA kept, AE a row was refused or it could not be kept, AR not readable.

    `errors` are keys of reasons, never words of the message, which may name a person.
    """
    header = _header(message)
    sender, place, receiver, room = (_plain(header[number]) for number in (3, 4, 5, 6))
    now = f"{datetime.now(UTC):%Y%m%d%H%M%S+0000}"
    lines = [
        f"MSH|^~\\&|{receiver}|{room}|{sender}|{place}|{now}||ACK^R01^ACK|{uuid.uuid4().hex[:20]}|P|2.5.1",
        f"MSA|{code}|{_plain(header[10])}",
        *(f"ERR||||E|||{_plain(error)}" for error in errors[:MOST_ERRORS]),
    ]
    return "\r".join([*lines, ""]).encode("ascii")


def _header(message: bytes) -> list[str]:
    """The fields of MSH under their numbers, empty where there are none."""
    found = re.search(rb"(?:^|[\r\n])MSH(.)([^\r\n]{0,2000})", message)
    fields = [] if found is None else [piece.decode("ascii", "replace") for piece in found[2].split(found[1])]
    return ["MSH", "|", *fields, *[""] * 20]


def _plain(text: str) -> str:
    """`text` without anything that could be taken for a separator; at most 60 characters."""
    return re.sub(r"[^A-Za-z0-9 ._:-]", "", text)[:60]
