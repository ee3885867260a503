"""A private message bus with the stand-in for bluetoothd on it, for tests of the radio without a radio."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from by_path import load_module

STANDIN = Path(__file__).resolve().parents[2] / "bluez_standin" / "standin.py"
BUS_VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS"


def _close_bleak() -> None:
    """Close the bus connection that bleak keeps for each event loop; it would do so at its next use only."""
    from bleak.backends.bluezdbus.manager import _global_instances

    for loop in [loop for loop in _global_instances if loop.is_closed()]:
        bus = _global_instances.pop(loop)._bus
        if bus is not None:
            with contextlib.suppress(
                RuntimeError
            ):  # it wakes a task of the closed loop after closing the socket
                bus._finalize(None)


standin = load_module(STANDIN)
StandIn = Any
StartStandIn = Callable[..., StandIn]


@pytest.fixture(scope="session", autouse=True)
def _no_stand_in_left() -> Iterator[None]:
    yield
    standin.end_idle()


@pytest.fixture
def private_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Starts a bus of this test alone, which becomes the system bus of this process: `private_bus(denied=True)`."""
    reason = standin.missing()
    if reason is not None:
        pytest.skip(reason)
    with ExitStack() as stack:
        stack.callback(_close_bleak)

        def start(**options: Any) -> Any:
            bus = stack.enter_context(standin.PrivateBus(**options))
            monkeypatch.setenv(BUS_VARIABLE, bus.address)
            return bus

        yield start


@pytest.fixture
def stand_in(private_bus: Callable[..., Any]) -> Iterator[StartStandIn]:
    """Starts org.bluez with sensors: `stand_in({"serial": 1}, {"serial": 2}, temporary_s=2.0)`."""
    with ExitStack() as stack:

        def start(*sensors: dict[str, Any], denied: bool = False, **settings: Any) -> StandIn:
            bus = private_bus(denied=denied)
            return stack.enter_context(standin.StandIn(bus, list(sensors), **settings))

        yield start


@pytest.fixture
def open_files() -> Callable[[], int]:
    """Counts the file descriptors of this process."""
    return lambda: len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counting, no paths
