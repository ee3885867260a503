"""A process of its own that turns pages into PDF: warm between two reports, its memory not the app's.

Frames on its pipes, both ways: one byte of kind, four bytes of length (network order), then so many bytes.

kind    from the app    from the worker
`h`     a page, HTML    -
`w`     warm up         -
`p`     -               a PDF; nothing when it was told to warm up
`e`     -               an error: its code and fields as JSON
"""

from __future__ import annotations

import gc
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import IO

from osteogait.errors import MissingExtra, OsteogaitError

HEAD = struct.Struct("!cI")
HTML, WARM, PDF, ERROR = b"h", b"w", b"p", b"e"
IDLE_S = 300.0
"""After so long without a page the worker ends, and gives its memory back."""
LIMIT_S = 60.0
"""A page takes half a second; on a cold and busy small computer many times that."""
MOST_BYTES = 64 * 1024 * 1024
READ_AT_ONCE = 1 << 20


class PdfWorker:
    """Makes PDFs one after the other, from any thread; the process starts with the first page."""

    def __init__(self, *, idle_s: float = IDLE_S, limit_s: float = LIMIT_S) -> None:
        self._idle_s, self._limit_s = idle_s, limit_s
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def pdf(self, html: str) -> bytes:
        """`html` as PDF; nothing is fetched from anywhere.

        A worker that is gone is started again. OsteogaitError when it fails or takes too long, MissingExtra when
        WeasyPrint is not installed.
        """
        return self._ask(HTML, html.encode("utf-8"))

    def warm(self) -> None:
        """Lets the worker load what it needs, so that the first page is quick; raises as `pdf` does."""
        self._ask(WARM, b"")

    def close(self) -> None:
        """Ends the worker; the next page starts another."""
        with self._one_at_a_time:
            self._end()

    @property
    def pid(self) -> int | None:
        """The process, None when none runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def _ask(self, kind: bytes, content: bytes) -> bytes:
        with self._one_at_a_time:
            fresh = self.pid is None
            try:
                return self._exchange(kind, content)
            except (EOFError, OSError) as error:
                self._end()
                if fresh:
                    raise OsteogaitError("pdf_failed", reason=_reason(error)) from error
            try:  # it had ended in the moment between: being idle, or killed for its memory
                return self._exchange(kind, content)
            except (EOFError, OSError) as error:
                self._end()
                raise OsteogaitError("pdf_failed", reason=_reason(error)) from error

    def _exchange(self, kind: bytes, content: bytes) -> bytes:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
        until = time.monotonic() + self._limit_s
        try:
            _write(process.stdin, kind, content, until)
            answer, body = _read(process.stdout, until)
        except TimeoutError:
            self._end()
            raise OsteogaitError("pdf_too_long", seconds=self._limit_s) from None
        if answer == ERROR:
            raise _error(body)
        return body

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            command = [sys.executable, "-m", "osteogait.report.pdf_worker", str(self._idle_s)]
            # what WeasyPrint writes may repeat words of the page, which are a person's: it goes nowhere
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
            for pipe in (self._process.stdin, self._process.stdout):
                os.set_blocking(pipe.fileno(), False)  # type: ignore[union-attr]
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()


def _reason(error: Exception) -> str:
    return "it ended" if isinstance(error, EOFError | BrokenPipeError) else str(error)


def _error(body: bytes) -> OsteogaitError:
    told = json.loads(body)
    if told["code"] == "missing_extra":
        return MissingExtra(told["fields"]["extra"])
    return OsteogaitError(told["code"], **told["fields"])


def _write(pipe: IO[bytes], kind: bytes, content: bytes, until: float) -> None:
    """All of it, as the other side takes it; TimeoutError when it takes too long."""
    rest = memoryview(HEAD.pack(kind, len(content)) + content)
    while rest:
        _wait(pipe, select.POLLOUT, until)
        rest = rest[os.write(pipe.fileno(), rest[:READ_AT_ONCE]) :]


def _read(pipe: IO[bytes], until: float) -> tuple[bytes, bytes]:
    """One frame; EOFError when the other side has ended, TimeoutError when it takes too long."""
    kind, length = HEAD.unpack(_bytes(pipe, HEAD.size, until))
    if length > MOST_BYTES:
        raise OSError(f"an answer of {length} bytes")
    return kind, _bytes(pipe, length, until)


def _bytes(pipe: IO[bytes], count: int, until: float) -> bytes:
    found = bytearray()
    while len(found) < count:
        _wait(pipe, select.POLLIN, until)
        got = os.read(pipe.fileno(), min(count - len(found), READ_AT_ONCE))
        if not got:
            raise EOFError
        found += got
    return bytes(found)


def _wait(pipe: IO[bytes], what: int, until: float) -> None:
    """Until the pipe is ready or its other end is gone; TimeoutError when that takes too long."""
    poll = select.poll()
    poll.register(pipe, what)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError


# --- inside the worker ------------------------------------------------------------------------------------------


def serve(idle_s: float) -> None:
    """Answers frames on the standard pipes until they close or nothing comes for `idle_s`."""
    into, out = os.fdopen(0, "rb", 0), os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # whatever a library prints does not get between the frames
    gc.disable()  # the collector costs a fifth of a page; it runs between two
    while select.select([into], [], [], idle_s)[0]:
        try:
            kind, body = _read(into, time.monotonic() + idle_s)
        except (EOFError, TimeoutError):
            return
        answer, content = _answer(kind, body)
        out.write(HEAD.pack(answer, len(content)))
        _write_all(out, content)
        gc.collect()


def _write_all(out: IO[bytes], content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[out.write(rest) :]


def _answer(kind: bytes, body: bytes) -> tuple[bytes, bytes]:
    from osteogait.report.pdf import load_weasyprint, render_pdf

    try:
        if kind == WARM:
            load_weasyprint()
            return PDF, b""
        return PDF, render_pdf(body.decode("utf-8"))
    except OsteogaitError as error:
        told = {"code": error.code, "fields": {key: str(value) for key, value in error.fields.items()}}
    except Exception as error:  # whatever a page does to the library is told, not died of
        told = {"code": "pdf_failed", "fields": {"reason": _where(error)}}
    return ERROR, json.dumps(told).encode("utf-8")


def _where(error: Exception) -> str:
    """Kind and place of an error; its words may repeat those of the page, which are a person's."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


if __name__ == "__main__":
    serve(float(sys.argv[1]))
