"""Sensors that belong to this box: only their data ever reach a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.config import ADDRESS, configuration
from osteogait.errors import OsteogaitError, Rejected
from osteogait.web.access import Unknown

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.radio.sighting import Sighting
    from osteogait.web.call import Call

SCAN_S = 5.0
SITE = "lower_back"
LONGEST_NAME = 64


def show(call: Call) -> Response:
    """The enrolled ones."""
    return call.page(
        "entrance/sensors.html.j2", enrolled=call.station.enrolled.all(), heard=None, problem=None
    )


async def scan(call: Call) -> Response:
    """Those that can be heard now."""
    from starlette.concurrency import run_in_threadpool

    from osteogait.radio.bluetooth import Bluetooth

    heard: tuple[Sighting, ...] = ()
    problem = None
    try:
        heard = await Bluetooth(configuration().bluetooth.adapter).scan(SCAN_S)
    except OsteogaitError as error:
        problem = error.message(call.lang)
    enrolled = await run_in_threadpool(call.station.enrolled.all)
    known = [one for one in heard if one.model is not None]
    return await run_in_threadpool(
        call.page, "entrance/sensors.html.j2", enrolled=enrolled, heard=known, problem=problem
    )


def enrol(call: Call) -> Response:
    """One that was heard becomes one of this box; Rejected for one that no test can be scored from."""
    from osteogait.devices.registry import model_named

    address, name, model = (call.form.text(key) for key in ("address", "name", "model"))
    known = model_named(model)
    if not ADDRESS.fullmatch(address) or known is None:
        raise Unknown
    if not known.has_gyroscope:
        raise Rejected("sensor_no_gyroscope", sensor=name or address)
    with call.station.store.transaction():
        call.station.enrolled.add(address.upper(), name[:LONGEST_NAME], model, SITE, call.actor)
        call.audit("create", f"sensor:{address.upper()}", model=model)
    return call.go("entrance.sensors")


def remove(call: Call) -> Response:
    """It no longer belongs to this box; what it recorded stays."""
    address = call.form.text("address")
    with call.station.store.transaction():
        call.station.enrolled.remove(address)
        call.audit("change", f"sensor:{address}", what="removed")
    return call.go("entrance.sensors")
