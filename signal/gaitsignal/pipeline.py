"""One recording through one clinical protocol."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import cast

from gaitsignal.recording import Recording
from gaitsignal.result import Measures

PROTOCOLS = (
    "walk",
    "quiet_stance",
    "four_stage",
    "one_leg",
    "timed_up_and_go",
    "chair_stand_5x",
    "chair_stand_30s",
    "sppb",
)


def measure(recording: Recording, protocol: str) -> Measures:
    """Values, events and flags of `recording` under `protocol`; ValueError when there is no such protocol.

    A recording that fails a gate gives `usable` False and says why; it raises nothing.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"no protocol {protocol!r}; there are {', '.join(PROTOCOLS)}")
    from gaitsignal.measures.catalogue import in_order

    module = import_module(f"gaitsignal.protocols.{protocol}")
    measures = cast(Measures, module.run(recording))
    return replace(measures, values=in_order(measures.values))
