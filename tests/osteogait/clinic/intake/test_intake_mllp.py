"""Results over a connection: answered after they were kept, refused by name, loopback unless opened on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from osteogait.clinic.intake import mllp
from osteogait.clinic.intake.mllp import END, START, Listener, answer
from osteogait.errors import StoreError, UsageError

MSH = "MSH|^~\\&|LIS|LAB|OG|CLINIC|20260105080000+0800||ORU^R01^ORU_R01|MSG-7|P|2.5.1"
GOOD = "\r".join(
    [
        MSH,
        "PID|1||A-0001||Doe^Jane",
        "OBR|1|||P|||202601050740+0800",
        "OBX|1|NM|1751-7^ALB^LN||40|g/L|||||F",
        "",
    ]
).encode()
BAD = GOOD.replace(b"1751-7", b"62292-8").replace(b"g/L", b"nmol/L").replace(b"ALB", b"")

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _run(take, talk: Talk, **how: float) -> None:
    async def main() -> None:
        listener = Listener(take, **how)
        port = await listener.start(port=0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.wait_for(talk(reader, writer), 120)
        finally:
            writer.close()
            await listener.stop()

    asyncio.run(main())


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes) -> list[str]:
    writer.write(START + message + END)
    said = await reader.readuntil(END)
    assert said.startswith(START)
    return said[1:-2].decode().split("\r")


def test_a_message_is_kept_before_it_is_answered(read) -> None:
    kept = []

    async def talk(reader, writer) -> None:
        for message, code in ((GOOD, "AA"), (BAD, "AE"), (b"MSH|^~\\&|LIS", "AR"), (GOOD, "AA")):
            said = await _ask(reader, writer, message)
            assert said[1].split("|")[1] == code
        said = await _ask(reader, writer, BAD)
        assert said[0].split("|")[2:6] == ["OG", "CLINIC", "LIS", "LAB"]
        assert said[1] == "MSA|AE|MSG-7"
        assert said[2] == "ERR||||E|||4:code-unit-clash"

    def take(message: bytes):
        found = read(message, "m.hl7")
        kept.append(len(found.accepted))
        return found

    _run(take, talk)
    assert kept == [1, 0, 1, 0]


def test_a_store_that_cannot_keep_is_an_error_to_send_again(read) -> None:
    def take(message: bytes):
        raise StoreError("system_refused", reason="full")

    async def talk(reader, writer) -> None:
        said = await _ask(reader, writer, GOOD)
        assert said[1:3] == ["MSA|AE|MSG-7", "ERR||||E|||system_refused"]

    _run(take, talk)


def test_pieces_noise_and_large_messages(read) -> None:
    large = GOOD + b"NTE|1||" + b"x" * 200_000 + b"\r"

    async def talk(reader, writer) -> None:
        writer.write(b"noise" + START + GOOD[:50])
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(GOOD[50:] + END)
        assert b"MSA|AA" in await reader.readuntil(END)
        assert (await _ask(reader, writer, large))[1] == "MSA|AA|MSG-7"

    _run(lambda message: read(message, "m.hl7"), talk)


def test_a_message_without_end_is_cut_off(read, monkeypatch) -> None:
    monkeypatch.setitem(mllp.MOST_BYTES, "hl7", 100_000)

    async def talk(reader, writer) -> None:
        writer.write(START + b"x" * 300_000)
        with suppress(
            ConnectionResetError
        ):  # what had not been read yet when it was closed is answered with a reset
            assert await reader.read() == b""

    _run(lambda message: pytest.fail("never whole"), talk)


def test_a_silent_connection_is_closed(read) -> None:
    async def talk(reader, writer) -> None:
        assert await reader.read() == b""

    _run(lambda message: pytest.fail("nothing was sent"), talk, idle_s=0.05)


def test_connections_are_counted(read, monkeypatch) -> None:
    monkeypatch.setattr(mllp, "MOST_CONNECTIONS", 1)

    async def talk(reader, writer) -> None:
        await _ask(reader, writer, GOOD)
        host, port = writer.get_extra_info("peername")
        other, other_writer = await asyncio.open_connection(host, port)
        assert await other.read() == b""
        other_writer.close()
        assert (await _ask(reader, writer, GOOD))[1] == "MSA|AA|MSG-7"

    _run(lambda message: read(message, "m.hl7"), talk)


def test_only_this_box_unless_it_is_meant() -> None:
    async def main() -> None:
        for host in ("0.0.0.0", "192.168.1.5", "::", "station.clinic"):  # noqa: S104 - refused
            with pytest.raises(UsageError):
                await Listener(lambda message: pytest.fail("closed")).start(host, 0)

    asyncio.run(main())


def test_an_answer_repeats_nothing_that_could_be_a_separator() -> None:
    said = answer(b"MSH|^~\\&|L|S|" + b"x" * 10 + b"|^~\\&\x0b|t||ORU|a\x1cb", "AR", ("intake_hl7|\r",))
    assert said.count(b"\r") == 3
    assert b"\x1c" not in said
    assert b"MSA|AR|ab" in said
    assert said.endswith(b"\rERR||||E|||intake_hl7\r")


def test_other_bytes_are_never_read_as_another_kind_of_file(read) -> None:
    async def talk(reader, writer) -> None:
        assert (await _ask(reader, writer, b"patient_id,code"))[1] == "MSA|AR|"

    _run(lambda message: pytest.fail("not HL7"), talk)
