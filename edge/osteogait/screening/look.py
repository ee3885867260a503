"""A look at a test that is not over yet: how many rises, whether the whole test has been done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaitsignal.recording import Recording
    from osteogait.screening.battery import TestItem

EVERY_S = 1.0
LOOKED_AT = ("seated", "risen", "counted", "walked")
"""Ends that only the whole signal shows; the others are counted in seconds."""
STILL_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: `rises` so far (None where none are asked for), and whether the test is complete."""

    rises: int | None = None
    done: bool = False


def look(item: TestItem, so_far: Recording, still_s: float) -> Seen:
    """What has been done in `so_far` by the code that measures; the person has stood or sat still for `still_s`."""
    if item.stop in ("risen", "counted"):
        rises = _rises(so_far)
        return Seen(rises, item.stop == "risen" and rises >= (item.rises or 0))
    if still_s < STILL_AGAIN_S:
        return Seen()
    if item.stop == "seated":
        from gaitsignal.protocols import timed_up_and_go

        return Seen(done=timed_up_and_go.run(so_far).usable)
    return Seen(done=_walked(item, so_far))


def _rises(so_far: Recording) -> int:
    from gaitsignal.protocols.chair_gates import open_chair_test

    opened = open_chair_test(so_far)
    return 0 if isinstance(opened, list) else len(opened[1].rises)


def _walked(item: TestItem, so_far: Recording) -> bool:
    """A walk out and back has its turn; a straight one is over when the person stands."""
    from gaitsignal.protocols import walk

    events = walk.run(so_far).events
    return bool(events.initial_contacts) and (item.part == "walk" or bool(events.turns))
