"""Inside the emulated machine: the fixtures of the radio's tests, with a real bluetoothd behind them."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
RADIO = HERE.parents[1] / "osteogait" / "radio"


def load(path: Path, name: str) -> ModuleType:
    """A module by its file."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


radio = load(RADIO / "conftest.py", "radio_conftest")
daemon = load(HERE / "daemon.py", "vm_daemon")
private_bus, open_files = radio.private_bus, radio.open_files
RealBluez = daemon.daemon_world(radio.standin)


@pytest.fixture
def stand_in(private_bus: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Starts bluetoothd with sensors on the air; the same calls as the stand-in's fixture."""
    with ExitStack() as stack:

        def start(*sensors: dict[str, Any], **settings: Any) -> Any:
            there = RealBluez(private_bus(), list(sensors), **settings)
            stack.callback(there.close)
            return there

        yield start


@pytest.fixture(scope="session")
def figures() -> Iterator[Callable[..., None]]:
    """Takes down a figure for the table: `figures("connect, s", 0.4, bar=2.0)`.

    A bar holds on a quiet computer, or `always`.
    """
    rows: list[dict[str, Any]] = []

    def take(what: str, value: float, bar: float | None = None, *, always: bool = False) -> None:
        rows.append({"what": what, "value": round(float(value), 3), "bar": bar, "always": always})

    yield take
    (daemon.OUT / "figures.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
