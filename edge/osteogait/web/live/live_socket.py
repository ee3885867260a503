"""The socket of the live page: what a browser is told of the test under way, and nothing it could send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from anyio import create_task_group
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from osteogait.clinic.roles import Role
from osteogait.errors import OsteogaitError, UsageError
from osteogait.web import tokens
from osteogait.web.language import LOCALES

if TYPE_CHECKING:
    from osteogait.acquire.state import Event
    from osteogait.screening.listeners import Listener
    from osteogait.screening.live_trial import LiveTrial
    from osteogait.storage.sessions import Session
    from osteogait.web.station import Station

WATCHERS = frozenset({Role.GUEST, Role.THERAPIST, Role.CLINICIAN, Role.OWNER})
CHECK_S = 5.0
"""How soon a session that has ended, or a screen that was locked, stops seeing anything."""
REFUSED, ENDED = 4403, 4401


async def live(websocket: WebSocket) -> None:
    """Tell one browser of the test `?trial=`; closed at once for whoever may not see it."""
    station: Station = websocket.app.state.station
    token = websocket.cookies.get(tokens.SESSION, "")
    trial = await run_in_threadpool(watched, station, token, websocket.query_params.get("trial", ""))
    if trial is None:
        await websocket.close(REFUSED)
        return
    lang = websocket.query_params.get("lang", "en")
    await websocket.accept()
    listener = trial.listen(asyncio.get_running_loop())
    try:
        await _until_first(
            _send(websocket, listener, lang if lang in LOCALES else "en"),
            _until_gone(websocket),
            _until_not_allowed(websocket, station, token),
        )
    finally:
        trial.unlisten(listener)
        listener.close()


def watched(station: Station, token: str, identifier: str) -> LiveTrial | None:
    """The test under way with that id, when the session of `token` may see it."""
    session = station.sessions.find(token) if token else None
    if session is None or session.locked or session.role not in WATCHERS:
        return None
    try:
        trial = station.screening.trial(identifier)
    except UsageError:
        return None
    return trial if _is_theirs(session, trial) else None


def _is_theirs(session: Session, trial: LiveTrial) -> bool:
    return session.role is not Role.GUEST or session.visit == trial.visit


def told(what: Mapping[str, Any], lang: str) -> dict[str, Any] | None:
    """A piece of news as the browser gets it, in its language; None for what no person needs."""
    if what["type"] == "sensor":
        from osteogait.screening.live_trial import TROUBLE

        event: Event = what["event"]
        return {
            "type": "sensor",
            "trouble": event.state in TROUBLE and bool(event.fields.get("again", True)),
            "message": event.message(lang),
        }
    if what["type"] == "state":
        error: OsteogaitError | None = what["error"]
        return {
            "type": "state",
            "state": what["state"],
            "message": "" if error is None else error.message(lang),
        }
    return dict(what)


async def _send(websocket: WebSocket, listener: Listener, lang: str) -> None:
    async for what in listener.messages():
        if isinstance(what, bytes):
            await websocket.send_bytes(what)
            continue
        said = told(what, lang)
        if said is not None:
            await websocket.send_text(json.dumps(said, ensure_ascii=False))
    await websocket.close()


async def _until_gone(websocket: WebSocket) -> None:
    """A browser has nothing to say here; whatever it sends is not looked at."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _until_not_allowed(websocket: WebSocket, station: Station, token: str) -> None:
    while True:
        await asyncio.sleep(CHECK_S)
        session = await run_in_threadpool(station.sessions.find, token)
        if session is None or session.locked:
            await websocket.close(ENDED)
            return


async def _until_first(*work: Awaitable[None]) -> None:
    """Until one of them has ended, or the browser has gone; the others are let go."""
    async with create_task_group() as group:

        async def one(part: Awaitable[None]) -> None:
            with suppress(WebSocketDisconnect, RuntimeError):  # sent after the other end has closed
                await part
            group.cancel_scope.cancel()

        for part in work:
            group.start_soon(one, part)
