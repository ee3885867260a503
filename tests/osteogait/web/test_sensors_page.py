"""Sensors of the box: only those that a test can be scored from are taken in."""

from __future__ import annotations

from visitors import Visitors

from osteogait.clinic.roles import Role
from osteogait.devices.registry import MODELS
from osteogait.web.station import Station

ADDRESS = "AA:BB:CC:DD:EE:0{}"


def test_every_model_with_a_gyroscope_is_taken_in_and_no_other(visitors: Visitors, station: Station) -> None:
    administrator = visitors.signed_in(Role.ADMINISTRATOR)
    administrator.get("/sensors")
    for number, model in enumerate(MODELS):
        sensor = {"address": ADDRESS.format(number), "name": "heard", "model": model.key}
        answer = administrator.post("/sensors/enrol", sensor)
        assert answer.status_code == (200 if model.has_gyroscope else 422), model.key
        assert ("no gyroscope" in answer.text) != model.has_gyroscope
    assert {one.model for one in station.enrolled.all()} == {one.key for one in MODELS if one.has_gyroscope}
    unknown = {"address": ADDRESS.format(9), "name": "heard", "model": "no such model"}
    assert administrator.post("/sensors/enrol", unknown).status_code == 404
