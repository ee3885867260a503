"""What no browser sends: requests by hand on a socket, as the station's own server gets them."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from websockets.sync.client import connect

from osteogait.clinic.roles import Role
from osteogait.web import doorkeeper
from osteogait.web.app import create_app
from osteogait.web.guard import POLICY
from osteogait.web.serve import Binding, server_config
from osteogait.web.station import Station

PATIENCE_S = 60.0
"""For whatever takes milliseconds on a quiet machine."""
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
KEY = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"


class Door:
    """A station behind its server, asked by hand."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.host = b"Host: 127.0.0.1:%d\r\n" % port

    def knock(self) -> socket.socket:
        """A connection that says nothing yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def said(self, request: bytes) -> bytes:
        """Everything that comes back until the other end closes, which is asked for."""
        with self.knock() as connection:
            connection.sendall(request)
            return to_the_end(connection)

    def status(self, first: bytes, *headers: bytes, body: bytes = b"") -> int:
        """The status of the answer to one request; `headers` come before those that end the connection."""
        lines = b"".join(header + b"\r\n" for header in headers)
        answer = self.said(first + b"\r\n" + lines + b"Connection: close\r\n\r\n" + body)
        found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
        return int(found[1]) if found else 0


def to_the_end(connection: socket.socket) -> bytes:
    """What still comes; a reset is an end too."""
    content = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            content += piece
    return content


@contextlib.contextmanager
def opened(station: Station) -> Iterator[Door]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        server = uvicorn.Server(server_config(create_app(station), Binding()))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        try:
            yield Door(listening.getsockname()[1])
        finally:
            server.should_exit = True
            running.join(PATIENCE_S)


@pytest.fixture(scope="module")
def station_of_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    station = Station(tmp_path_factory.mktemp("raw") / "data")
    station.warm_later = lambda seconds=0.2: None  # type: ignore[method-assign] # tests open what they need
    station.accounts.add("mei", "Mei", Role.OWNER, "a sentence nobody uses", "test")
    yield station
    station.close()


@pytest.fixture(scope="module")
def door(station_of_door: Station) -> Iterator[Door]:
    with opened(station_of_door) as door:
        yield door


def test_the_door_is_open(door: Door) -> None:
    assert door.status(b"GET /api/health HTTP/1.1", door.host[:-2]) == 200
    assert door.status(b"GET /api/health HTTP/1.0", door.host[:-2]) == 200


@pytest.mark.parametrize(
    "request_line", [b"GET / HTTP/1.0", b"GET http://127.0.0.1/ HTTP/1.0", b"GET / HTTP/1.1"]
)
def test_a_request_without_the_name_of_the_box_is_refused(door: Door, request_line: bytes) -> None:
    assert door.status(request_line) in (400, 421)


def test_the_name_in_the_address_does_not_count(door: Door) -> None:
    assert door.status(b"GET http://127.0.0.1/ HTTP/1.1", b"Host: evil.example") == 421
    assert door.status(b"GET / HTTP/1.1", door.host[:-2], b"Host: evil.example") == 400
    assert door.status(b"GET / HTTP/1.1", b"Host: 127.0.0.1\xff") == 421


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 4", b"Transfer-Encoding: chunked"),
        (b"Content-Length: 4", b"Content-Length: 5"),
        (b"Transfer-Encoding: xchunked",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Content-Length: \xb2",),
        (b"Content-Length: -1",),
        (b"Content-Length: " + b"9" * 5000,),
        (b"Host : 127.0.0.1",),
    ],
    ids=str,
)
def test_the_shapes_of_smuggled_requests_are_refused(door: Door, headers: tuple[bytes, ...]) -> None:
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = door.said(
        b"POST /language HTTP/1.1\r\n" + door.host + b"\r\n".join(headers) + b"\r\n\r\n" + smuggled
    )
    assert re.match(rb"HTTP/1\.1 4(00|13) ", answer), answer[:80]
    assert answer.count(b"HTTP/1.1 ") == 1, "what comes after is not looked at"


@pytest.mark.parametrize("origin", [b"http://evil.example", b"null", b"http://127.0.0.1:1"])
def test_a_socket_for_another_site_is_never_opened(door: Door, origin: bytes) -> None:
    asked = b"GET /live?trial=x HTTP/1.1\r\n" + door.host + UPGRADE + KEY + b"Origin: " + origin + b"\r\n\r\n"
    assert door.said(asked).startswith(b"HTTP/1.1 403 ")


def test_a_socket_without_a_site_key_or_place_is_never_opened(door: Door) -> None:
    ours = b"Origin: http://127.0.0.1:%d\r\n" % door.port
    head = b" HTTP/1.1\r\n" + door.host + UPGRADE
    assert door.said(b"GET /live" + head + KEY + b"\r\n").startswith(b"HTTP/1.1 403 ")
    assert door.said(b"GET /people" + head + KEY + ours + b"\r\n").startswith(b"HTTP/1.1 403 ")
    assert door.said(b"GET /live" + head + ours + b"Sec-WebSocket-Key: x\r\n\r\n").startswith(
        b"HTTP/1.1 400 "
    )


@pytest.mark.parametrize(
    "path",
    [b"../../app.py", b"%2e%2e/%2e%2e/app.py", b"..%2f..%2fapp.py", b"/etc/passwd", b"a%00.css", b"a" * 5000,
     b"..%5c..%5capp.py", b"%c0%ae%c0%ae/app.py", b"css/../../app.py"],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder_of_assets(door: Door, path: bytes) -> None:
    answer = door.said(b"GET /static/" + path + b" HTTP/1.1\r\n" + door.host + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"def " not in answer
    assert b"root:" not in answer


def test_too_much_of_a_header_is_refused(door: Door) -> None:
    assert door.status(b"GET / HTTP/1.1", door.host[:-2], b"X: " + b"a" * 1_000_000) in (0, 400)
    assert door.status(b"GET /api/health HTTP/1.1", door.host[:-2]) == 200


@pytest.mark.parametrize("method", [b"TRACE", b"PUT", b"DELETE", b"PATCH", b"CONNECT", b"BREW"])
def test_other_methods_lead_nowhere(door: Door, method: bytes) -> None:
    length = b"Content-Length: 0"
    assert door.status(method + b" /people HTTP/1.1", door.host[:-2], length) in (400, 403, 404, 405)


@pytest.mark.parametrize(
    "header",
    [b"Cookie: osteogait_session=\xff\xfe; ;;=;a=b=c; osteogait_before=\xe9", b"Authorization: Bearer \xff",
     b"Accept-Language: " + b"a," * 5000, b"Authorization: " + b"Bearer " * 50, b"Range: bytes=0-0,5-1",
     b"Cookie: osteogait_language=../../etc"],
    ids=lambda one: one[:20].decode("latin-1"),
)  # fmt: skip
@pytest.mark.parametrize("path", [b"/sign-in", b"/people", b"/api/people", b"/static/img/mark.svg"])
def test_odd_headers_break_nothing(door: Door, header: bytes, path: bytes) -> None:
    assert door.status(b"GET " + path + b" HTTP/1.1", door.host[:-2], header) in (
        200,
        206,
        303,
        400,
        401,
        416,
    )


def test_an_address_that_is_only_said_is_not_believed(door: Door, station_of_door: Station) -> None:
    """Else wrong passwords could be tried without a wait, and the audit would name whom the guesser likes."""
    page = door.said(b"GET /sign-in HTTP/1.1\r\n" + door.host + b"Connection: close\r\n\r\n").decode()
    csrf, cookie = (
        re.search(pattern, page) for pattern in (r'name="csrf" value="([^"]+)"', r"osteogait_before=([^;]+)")
    )
    assert csrf
    assert cookie
    body = f"csrf={csrf[1]}&name=mei&password=wrong".encode()
    for number in range(2):
        status = door.status(
            b"POST /sign-in HTTP/1.1", door.host[:-2], b"Cookie: osteogait_before=" + cookie[1].encode(),
            b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: %d" % len(body),
            b"X-Forwarded-For: 203.0.113.%d" % number, b"Forwarded: for=203.0.113.9", b"X-Real-IP: 203.0.113.9",
            body=body,
        )  # fmt: skip
        assert status == 403
    told = [event.details for event in station_of_door.audit.rows(2, None)]
    assert told == ['{"address":"127.0.0.1"}'] * 2


def test_what_is_no_http_is_told_so(door: Door) -> None:
    answer = door.said(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"content-security-policy: " + POLICY.encode() in answer
    assert b"cache-control: no-store" in answer


# --- who keeps a place for nothing --------------------------------------------------------------------------------


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short to wait for, and long enough for a request that a busy machine takes its time over."""
    monkeypatch.setattr(doorkeeper, "HEADERS_S", 1.5)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHo"])
def test_whoever_does_not_say_what_they_want_is_let_go(door: Door, begun: bytes) -> None:
    with door.knock() as connection:
        connection.sendall(begun)
        assert to_the_end(connection) == b""


@pytest.mark.usefixtures("hasty")
def test_a_letter_now_and_then_does_not_keep_the_place(door: Door) -> None:
    with door.knock() as connection:
        ends = time.monotonic() + PATIENCE_S
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < ends:
                connection.sendall(b"x")
                time.sleep(0.02)
        assert time.monotonic() < ends


@pytest.mark.usefixtures("hasty")
def test_the_second_request_has_its_time_too(door: Door) -> None:
    with door.knock() as connection:
        whole = b"GET /api/health HTTP/1.1\r\n" + door.host + b"\r\n"
        connection.sendall(whole)
        assert connection.recv(12) == b"HTTP/1.1 200"
        connection.sendall(b"GET /api/hea")
        to_the_end(connection)  # comes to its end


def test_a_test_may_be_watched_for_longer_than_a_request_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket that was opened is no connection that waits."""
    monkeypatch.setattr(doorkeeper, "HEADERS_S", 1.0)

    async def echo(scope: object, receive: Callable[[], object], send: Callable[[object], object]) -> None:
        await receive()  # type: ignore[misc]
        await send({"type": "websocket.accept"})  # type: ignore[misc]
        while (await receive())["type"] == "websocket.receive":  # type: ignore[misc,index]
            await send({"type": "websocket.send", "text": "still here"})  # type: ignore[misc]

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        server = uvicorn.Server(server_config(echo, Binding()))  # type: ignore[arg-type]
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        try:
            with connect(f"ws://127.0.0.1:{listening.getsockname()[1]}/", open_timeout=PATIENCE_S) as watcher:
                ends = time.monotonic() + 2.5  # longer than a request may take
                while time.monotonic() < ends:
                    watcher.send("?")
                    assert watcher.recv(PATIENCE_S) == "still here"
        finally:
            server.should_exit = True
            running.join(PATIENCE_S)


def test_one_address_never_takes_all_places(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorkeeper, "MOST_OF_ONE", 3)
    with contextlib.ExitStack() as held:
        first = [held.enter_context(door.knock()) for _ in range(3)]
        for connection in first:
            connection.sendall(b"GET / HTTP/1.1\r\n")
        with door.knock() as fourth:
            assert to_the_end(fourth) == b"", "turned away at once"
        first[0].sendall(door.host + b"Connection: close\r\n\r\n")
        assert to_the_end(first[0]).startswith(b"HTTP/1.1 303")
    ends = time.monotonic() + PATIENCE_S
    while door.status(b"GET /api/health HTTP/1.1", door.host[:-2]) != 200:
        assert time.monotonic() < ends, "once they have gone there is room again"
