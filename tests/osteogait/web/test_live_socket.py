"""The socket of the live page: the whole test for whoever may see it, nothing for anybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect
from visitors import HOST, Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.screening.live_trial import LiveTrial
from osteogait.web.station import Station

WATCHING = (Role.THERAPIST, Role.CLINICIAN, Role.OWNER)


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("station:\n  sensor: simulated\n  simulate: drop=9/0.4\n", encoding="utf-8")
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(config))
    monkeypatch.setenv("OSTEOGAIT_SIMULATED_SPEED", "60")


@pytest.fixture
def trial(station: Station, known: Any) -> Iterator[LiveTrial]:
    yield station.screening.begin(known.visit, "stage_tandem", by="test")
    station.screening.close()


def connected(visitor: Visitor, trial: str, lang: str = "en") -> Any:
    return visitor.client.websocket_connect(
        f"ws://localhost/live?trial={trial}&lang={lang}", headers={"origin": HOST}
    )


def refused(visitor: Visitor, trial: str) -> bool:
    with pytest.raises(WebSocketDisconnect), connected(visitor, trial) as socket:
        socket.receive_text()
    return True


def heard(socket: Any) -> tuple[list[dict[str, Any]], int]:
    """All that is told until the review, and the bytes of the frames."""
    told, size = [], 0
    while True:
        message = socket.receive()
        if message.get("text"):
            told.append(json.loads(message["text"]))
            if told[-1].get("state") in ("review", "failed"):
                return told, size
        else:
            size += len(message["bytes"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_whole_test_is_told(visitors: Visitors, station: Station, trial: LiveTrial, lang: str) -> None:
    with connected(visitors.signed_in(Role.THERAPIST), trial.id, lang) as socket:
        assert socket.receive_json() == {"type": "state", "state": "ready", "message": ""}
        station.screening.start(trial.id)
        told, size = heard(socket)
    kinds = {one["type"] for one in told}
    assert kinds == {"stream", "state", "cue", "picture", "sensor"}
    stream = next(one for one in told if one["type"] == "stream")
    assert (stream["rate_hz"], len(stream["channels"])) == (100.0, 6)
    assert size > 1300 * 6 * 4
    troubles = [one["message"] for one in told if one["type"] == "sensor" and one["trouble"]]
    assert troubles
    assert any("\u4e00" <= letter <= "\u9fff" for letter in troubles[0]) == (lang == "zh")


@pytest.mark.parametrize("role", WATCHING)
def test_who_leads_tests_may_watch(visitors: Visitors, trial: LiveTrial, role: Role) -> None:
    with connected(visitors.signed_in(role), trial.id) as socket:
        assert socket.receive_json()["state"] == "ready"


def test_a_guest_watches_the_own_test_alone(
    visitors: Visitors, trial: LiveTrial, known: Any, other: Any
) -> None:
    with connected(visitors.guest(known.person, known.visit), trial.id) as socket:
        assert socket.receive_json()["state"] == "ready"
    assert refused(visitors.guest(other.person, other.visit), trial.id)


def test_nobody_else_sees_anything(visitors: Visitors, trial: LiveTrial) -> None:
    assert refused(visitors.stranger(), trial.id)
    assert refused(visitors.signed_in(Role.ADMINISTRATOR), trial.id)
    therapist = visitors.signed_in(Role.THERAPIST)
    assert refused(therapist, "00000000-0000-4000-8000-000000000000")
    assert refused(therapist, "")


def test_a_locked_screen_sees_nothing(visitors: Visitors, station: Station, trial: LiveTrial) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    session = station.sessions.find(visitor.client.cookies["osteogait_session"])
    assert session is not None
    station.sessions.lock(session)
    assert refused(visitor, trial.id)


def test_a_session_that_ends_sees_no_more(
    visitors: Visitors, station: Station, trial: LiveTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osteogait.web.live.live_socket.CHECK_S", 0.05)
    visitor = visitors.signed_in(Role.THERAPIST)
    with connected(visitor, trial.id) as socket:
        socket.receive_json()
        station.sessions.end_all(visitors.account(Role.THERAPIST).id)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4401


def test_what_a_browser_sends_is_not_looked_at(
    visitors: Visitors, station: Station, trial: LiveTrial
) -> None:
    with connected(visitors.signed_in(Role.THERAPIST), trial.id) as socket:
        socket.receive_json()
        socket.send_text('{"type":"stop"}')
        socket.send_bytes(b"\x00" * 100)
        station.screening.start(trial.id)
        told, _ = heard(socket)
    assert told[-1]["state"] == "review"


def test_a_decision_closes_the_socket(visitors: Visitors, station: Station, trial: LiveTrial) -> None:
    with connected(visitors.signed_in(Role.THERAPIST), trial.id) as socket:
        socket.receive_json()
        station.screening.start(trial.id)
        heard(socket)
        station.screening.keep(trial.id, "rejected", by="test")
        kinds = [socket.receive()["type"] for _ in range(1)]
        while kinds[-1] != "websocket.close":
            kinds.append(socket.receive()["type"])
