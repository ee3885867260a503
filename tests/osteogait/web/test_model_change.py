"""Another model than the one before stands in the audit, once."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from osteogait.storage.audit import Audit
from osteogait.web.model_change import note_model
from osteogait.web.station import Station


def _model(version: str, counter: int) -> Any:
    return SimpleNamespace(
        bundle=SimpleNamespace(id="osteofusion", version=version, counter=counter, sha256="a" * 64)
    )


def _noted(audit: Audit) -> list[Any]:
    rows = audit.rows(None, None)
    return [json.loads(event.details)["counter"] for event in reversed(rows) if event.action == "model"]


def test_a_model_is_noted_when_it_is_another_one(station: Station) -> None:
    for version, counter in (("1.0", 1), ("1.0", 1), ("1.1", 2), ("1.1", 2), ("1.0", 1)):
        note_model(station.audit, _model(version, counter))
        station.audit.add("mei", "view", "people")
    assert _noted(station.audit) == [1, 2, 1], "also the way back"
    assert station.audit.verify().ok


def test_the_station_notes_the_model_when_it_warms_up(station: Station) -> None:
    for _ in range(2):
        station.warm()
    (row,) = [event for event in station.audit.rows(None, None) if event.action == "model"]
    assert json.loads(row.details)["sha256"] == station.model().bundle.sha256


def test_no_core_is_dumped(monkeypatch: pytest.MonkeyPatch) -> None:
    from osteogait.web import quiet_log

    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(quiet_log.resource, "setrlimit", lambda what, limit: limits.append((what, limit)))
    monkeypatch.setattr(quiet_log.logging, "basicConfig", lambda **_: None)
    monkeypatch.setattr(quiet_log.threading, "excepthook", None)
    quiet_log.quiet()
    assert limits == [(quiet_log.resource.RLIMIT_CORE, (0, 0))]
