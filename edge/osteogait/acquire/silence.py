"""Sensors without clock and counter: what a silence in their arrivals held, told from what came after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from osteogait.acquire.packets import Packet
from osteogait.acquire.track import SILENCE_S, Gap

LOOK_S = 2.0
SURE_S = 0.1
"""A step of the delay by less is jitter of the link and the sensor's own rate."""


def placed_by_silence(packets: Sequence[Packet], rate_hz: float) -> tuple[list[Packet], list[Gap]]:
    """The packets moved back where a silence lost samples, and one gap a silence, none of them exact.

    Notes
    -----
    A radio that stalls delivers everything afterwards, so the delay of arrivals returns to where it was; samples
    that were lost leave it longer for good. The least delay in the 2 s before and after tells the two apart.
    """
    moved, shift, gaps = [], 0, list[Gap]()
    for number, packet in enumerate(packets):
        if number and packet.arrival_s - packets[number - 1].arrival_s > SILENCE_S:
            lost_s = _least_delay(packets[number:], rate_hz) - _least_delay(
                packets[number - 1 :: -1], rate_hz
            )
            lost = round(lost_s * rate_hz) if lost_s > SURE_S else 0
            gaps.append(Gap(packet.first + shift, lost, "silence", exact=False))
            shift += lost
        moved.append(replace(packet, first=packet.first + shift))
    return moved, gaps


def _least_delay(packets: Sequence[Packet], rate_hz: float) -> float:
    """Smallest lag behind the agreed rate among the packets within 2 s of the first of `packets`."""
    near = (one for one in packets if abs(one.arrival_s - packets[0].arrival_s) <= LOOK_S)
    return min(one.arrival_s - (one.first + one.n) / rate_hz for one in near)
