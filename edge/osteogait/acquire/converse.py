"""A driver's steps carried out on a link, every one bounded in time and written into the transcript."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from osteogait.devices.driver import Expect, Outcome, Pause, Read, Step, Steps, Subscribe, Write
from osteogait.errors import DeviceNotFound
from osteogait.radio.entry import Entry, Kind
from osteogait.radio.link import Link, Notification
from osteogait.radio.phase import Phase

MISSING = "characteristic_missing"


def now_ns() -> int:
    """The event loop's clock, which is the host's monotonic one, in ns."""
    return round(asyncio.get_running_loop().time() * 1e9)


async def carry_out(
    steps: Steps[Outcome],
    link: Link,
    keep: Callable[[Entry], Awaitable[None]],
    heard: Callable[[Notification], object],
    read_s: float,
) -> Outcome:
    """Run `steps` on `link`; `keep` takes every entry, `heard` the notifications that no step waits for.

    Raises
    ------
    DeviceNotFound
        `link_lost`, `link_timeout`, or `sensor_refused` when an expected answer does not come.
    """
    answer = b""
    first = True
    try:
        while True:
            step = next(steps) if first else steps.send(answer)
            first = False
            answer = await _do(step, link, keep, heard, read_s)
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    finally:
        steps.close()


async def _do(
    step: Step,
    link: Link,
    keep: Callable[[Entry], Awaitable[None]],
    heard: Callable[[Notification], object],
    read_s: float,
) -> bytes:
    if isinstance(step, Pause):
        await asyncio.sleep(step.seconds)
        return b""
    if isinstance(step, Expect):
        return await _expect(step, link, keep, heard)
    try:
        async with asyncio.timeout(read_s):
            return await _talk(step, link, keep)
    except TimeoutError:
        phase = Phase(type(step).__name__.lower())
        raise DeviceNotFound("link_timeout", sensor=link.name, phase=phase, seconds=read_s) from None


async def _talk(
    step: Read | Write | Subscribe, link: Link, keep: Callable[[Entry], Awaitable[None]]
) -> bytes:
    value = b""
    try:
        if isinstance(step, Read):
            value = await link.read(step.characteristic)
        elif isinstance(step, Write):
            await keep(Entry(now_ns(), Kind.WRITE, step.characteristic, step.value))
            await link.write(step.characteristic, step.value)
        else:
            await link.subscribe(step.characteristic)
    except DeviceNotFound as failure:
        if failure.code != MISSING or isinstance(step, Write) or not step.optional:
            raise
    if isinstance(step, Read):
        await keep(Entry(now_ns(), Kind.READ, step.characteristic, value))
    return value


async def _expect(
    step: Expect,
    link: Link,
    keep: Callable[[Entry], Awaitable[None]],
    heard: Callable[[Notification], object],
) -> bytes:
    try:
        async with asyncio.timeout(step.seconds):
            while (notification := await link.receive()) is not None:
                await keep(Entry.heard(notification))
                if notification.characteristic == step.characteristic and step.matches(notification.value):
                    return notification.value
                heard(notification)
    except TimeoutError:
        raise DeviceNotFound(
            "link_timeout", sensor=link.name, phase=Phase.REPLY, seconds=step.seconds
        ) from None
    raise DeviceNotFound("link_lost", sensor=link.name)
