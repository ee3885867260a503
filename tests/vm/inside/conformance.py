"""What the radio's own tests ask of the stand-in, asked of a real bluetoothd: the conformance list, and more."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

RADIO = Path(__file__).resolve().parents[2] / "osteogait" / "radio"
MORE = {
    "test_bleak_link": ("test_without_that_rule_every_packet_comes_twice",),
    "test_bluetooth": ("test_links_of_a_crashed_run_are_freed_and_those_in_use_are_not",),
}
"""What a client left open after a drop does to the next one, and what a crashed run leaves behind."""


def functions_of(name: str) -> dict[str, Any]:
    """The test functions of a file of the radio's tests."""
    spec = importlib.util.spec_from_file_location(name, RADIO / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return {key: value for key, value in vars(module).items() if key.startswith("test_")}


globals().update(functions_of("test_bluez_conformance"))
for file, names in MORE.items():
    globals().update({name: functions_of(file)[name] for name in names})
