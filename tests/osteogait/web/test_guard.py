"""What no request gets past: foreign names, foreign sites, forms without proof, too much of anything."""

from __future__ import annotations

import hashlib
import re
import sqlite3

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from visitors import Visitors

from osteogait.clinic.roles import Role
from osteogait.web.app import create_app, places
from osteogait.web.guard import LARGEST, POLICY
from osteogait.web.place import Place
from osteogait.web.station import Station

PLACES = places()
CHANGING = [place for place in PLACES if "POST" in place.methods]
READING = [place for place in PLACES if "GET" in place.methods]


def _path(place: Place, known: object = None) -> str:
    params = getattr(known, "params", {})
    return re.sub(r"{(\w+)}", lambda found: params.get(found[1], "1"), place.path)


def test_there_are_places_to_test() -> None:
    assert len(CHANGING) > 20
    assert len(READING) > 30


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "[::2]:80", "localhost.", "LOCALHOST@evil"]
)
def test_no_place_answers_under_another_name(visitors: Visitors, host: str) -> None:
    client = TestClient(visitors.app, base_url="http://localhost")
    for place in PLACES:
        answer = client.request(place.methods[0], _path(place), headers={"host": host})
        assert answer.status_code == 421, place.path


def test_a_name_that_the_clinic_gave_is_answered(station: Station) -> None:
    client = TestClient(
        create_app(station, hosts=("station.clinic.lan",)), base_url="http://station.clinic.lan:8080"
    )
    assert client.get("/api/health").status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:9999", "https://localhost.evil.example"]
)
def test_nothing_changes_for_another_site(visitors: Visitors, origin: str) -> None:
    client = TestClient(visitors.app, base_url="http://localhost")
    for place in CHANGING:
        answer = client.post(_path(place), headers={"origin": origin})
        assert answer.status_code == 403, place.path
        assert client.post(_path(place), headers={"sec-fetch-site": "cross-site"}).status_code == 403
    for place in READING:
        for method in ("GET", "HEAD"):
            answer = client.request(method, _path(place), headers={"origin": origin})
            assert answer.status_code == 403, place.path


@pytest.mark.parametrize("name", ["host", "origin"])
def test_what_is_said_twice_is_not_believed(visitors: Visitors, name: str) -> None:
    client = TestClient(visitors.app, base_url="http://localhost")
    for said in (("localhost", "evil.example"), ("evil.example", "localhost")):
        twice = [(name, f"http://{one}" if name == "origin" else one) for one in said]
        others = [] if name == "host" else [("host", "localhost")]
        assert client.get("/notice", headers=[*others, *twice]).status_code in (403, 421)


def test_a_request_of_two_lengths_is_refused(visitors: Visitors) -> None:
    client = TestClient(visitors.app, base_url="http://localhost")
    both = {"content-length": "4", "transfer-encoding": "chunked"}
    assert client.post("/language", headers=both, content=b"").status_code == 400


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {}, {"origin": "http://localhost", "host": "evil.example"}]
)
def test_no_socket_opens_for_another_site(visitors: Visitors, headers: dict[str, str]) -> None:
    client = TestClient(visitors.app, base_url="http://localhost")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live", headers=headers):
        pass  # pragma: no cover


@pytest.mark.parametrize("role", [Role.OWNER, Role.THERAPIST, Role.CLINICIAN, Role.ADMINISTRATOR])
def test_no_form_is_taken_without_its_token(visitors: Visitors, known: object, role: Role) -> None:
    visitor = visitors.signed_in(role)
    for place in CHANGING:
        for token in ("", "0" * 64):
            answer = visitor.client.post(_path(place, known), data={"csrf": token}, follow_redirects=False)
            assert answer.status_code in (403, 404), place.path


def test_the_token_of_another_browser_is_worth_nothing(visitors: Visitors) -> None:
    visitors.account(Role.THERAPIST)
    mine, theirs = visitors.stranger(), visitors.stranger()
    mine.get("/sign-in")
    theirs.get("/sign-in")
    mine.csrf = theirs.csrf
    answer = mine.post("/sign-in", {"name": "the-therapist", "password": "x"})
    assert answer.status_code == 403
    assert "too old" in answer.text


def _content(station: Station) -> str:
    """A hash of every table but those that tell of looking itself."""
    told = {"audit", "sessions", "sqlite_sequence"}
    digest = hashlib.sha256()
    with sqlite3.connect(station.database) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        for table in sorted(tables - told):
            for row in database.execute(f"SELECT * FROM {table} ORDER BY 1"):  # noqa: S608
                digest.update(repr(row).encode())
    database.close()
    return digest.hexdigest()


@pytest.mark.parametrize("role", [Role.OWNER, Role.CLINICIAN])
def test_looking_changes_nothing(visitors: Visitors, known: object, role: Role) -> None:
    visitor = visitors.signed_in(role)
    before = _content(visitors.station)
    for place in READING:
        visitor.client.get(_path(place, known), follow_redirects=False)
    assert _content(visitors.station) == before


def test_every_answer_carries_the_policy(visitors: Visitors, known: object) -> None:
    visitor = visitors.signed_in(Role.OWNER)
    answers = [visitor.client.get(_path(place, known), follow_redirects=False) for place in READING]
    answers += [visitor.client.get("/nothing/here"), visitor.client.put("/"), visitor.client.post("/sign-in")]
    answers.append(visitor.client.get("/", headers={"host": "evil.example"}))
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY, answer.url
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store", answer.url
    assert "unsafe" not in POLICY


def test_no_page_has_a_script_or_style_inside(visitors: Visitors, known: object) -> None:
    visitor = visitors.signed_in(Role.OWNER)
    for place in READING:
        answer = visitor.client.get(_path(place, known))
        if "text/html" not in answer.headers.get("content-type", "") or "attachment" in str(answer.headers):
            continue
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", answer.text), place.path
        assert not re.search(r"<style|\sstyle=\"|\son[a-z]+=\"|javascript:", answer.text), place.path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", answer.text), place.path


def test_a_request_that_is_too_large_is_refused_before_it_is_read(visitors: Visitors) -> None:
    client = TestClient(visitors.app, base_url="http://localhost")
    assert (
        client.post("/sign-in", headers={"content-length": str(LARGEST + 1)}, content=b"").status_code == 413
    )
    for odd in ("many", "-1", "\xb2", "9" * 5000):
        headers = [(b"content-length", odd.encode("latin-1"))]
        assert client.post("/sign-in", headers=headers, content=b"").status_code == 413


def test_a_form_larger_than_its_place_takes_is_refused(visitors: Visitors) -> None:
    client = TestClient(visitors.app, base_url="http://localhost")
    assert client.post("/sign-in", data={"name": "x" * 300_000}).status_code == 413
    many = {f"field{number}": "x" for number in range(2000)}
    assert client.post("/sign-in", data=many).status_code == 413
