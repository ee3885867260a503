"""The app: all places of all rooms behind one guard; what every request goes through, in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from osteogait.clinic.roles import Role
from osteogait.errors import NotPermitted, OsteogaitError
from osteogait.web import tokens
from osteogait.web.access import Unknown, check_objects, may
from osteogait.web.assets import FOLDER
from osteogait.web.call import REFUSED, Call
from osteogait.web.entrance.language import COOKIE
from osteogait.web.form import Form
from osteogait.web.guard import SAFE, Guard
from osteogait.web.language import LOCALES, N_, preferred
from osteogait.web.pages import render
from osteogait.web.place import ANYONE, Place
from osteogait.web.reading import Garbled, NotTaken, TooLarge, TooSlow, read_form

if TYPE_CHECKING:
    from os import PathLike, stat_result

    from starlette.types import ASGIApp, Scope

    from osteogait.storage.accounts import Account
    from osteogait.storage.sessions import Session
    from osteogait.web.station import Station

ROOMS = ("entrance", "therapist", "live", "kiosk", "clinician", "api", "gallery")


NO_PAGE = N_("There is no such page here.")
OTHER_ROLE = N_("This page is for another role.")
TOO_OLD = N_("This page is too old. Please go back, load it again and send once more.")
NOT_TAKEN: dict[type[NotTaken], tuple[str, int]] = {
    TooLarge: (N_("This is more than the page can take. Please send a smaller file."), 413),
    TooSlow: (N_("The file came too slowly and was not taken. Please send it again."), 408),
    Garbled: (N_("What was sent cannot be read. Please load the page again and send once more."), 400),
}

Endpoint = Callable[[Request], Awaitable[Response]]


def places() -> tuple[Place, ...]:
    """The whole table, room by room."""
    found: list[Place] = []
    for room in ROOMS:
        found += import_module(f"osteogait.web.{room}.places").PLACES
    return tuple(found)


def create_app(station: Station, *, hosts: tuple[str, ...] = (), secure: bool = False) -> ASGIApp:
    """The app on `station`; `hosts`: names besides loopback that it answers to; `secure`: cookies for HTTPS alone."""
    table = places()
    routes = [
        Route(
            place.path,
            _endpoint(place, station, secure),
            methods=list(place.methods),
            name=place.name or None,
        )
        for place in table
    ]
    sockets = import_module("osteogait.web.live.places").SOCKETS
    lost = _lost(station, secure)
    app = Starlette(
        routes=[*routes, *sockets, Mount("/static", _Static(directory=FOLDER), name="static")],
        exception_handlers={404: lost, 405: lost, 500: _broken, OsteogaitError: _unusable},
    )
    app.state.station, app.state.places = station, table
    app.state.paths = {place.name: place.path for place in table if place.name}
    return Guard(app, hosts)


class _Static(StaticFiles):
    """Files of the package; an address with a hash may be kept for ever, any other is asked about each time."""

    def file_response(
        self, full_path: PathLike[str] | str, stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        answer = super().file_response(full_path, stat_result, scope, status_code)
        hashed = b"v=" in scope.get("query_string", b"")
        answer.headers["cache-control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return answer


def _endpoint(place: Place, station: Station, secure: bool) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            form = await read_form(request, place.body) if request.method not in SAFE else Form()
        except NotTaken as refused:
            return _error(request, *NOT_TAKEN[type(refused)])
        asked = _Asked(place, station, request, form, secure)
        if place.is_async:
            return await asked.answered()
        return await run_in_threadpool(asked.answer)

    return answer


class _Asked:
    """One request on its way through session, access and proof of origin to its endpoint."""

    def __init__(self, place: Place, station: Station, request: Request, form: Form, secure: bool) -> None:
        self.place, self.station, self.request, self.form, self.secure = place, station, request, form, secure
        self.cookie = request.cookies.get(tokens.BEFORE_SIGN_IN) or tokens.new_browser()

    def answer(self) -> Response:
        """For a synchronous endpoint."""
        call, refused = self._call()
        if refused is not None:
            return self._finish(refused)
        try:
            return self._finish(cast(Response, self.place.endpoint(call)), call)
        except Exception as error:
            return self._finish(_said(call, error))

    async def answered(self) -> Response:
        """For an asynchronous endpoint."""
        call, refused = await run_in_threadpool(self._call)
        if refused is not None:
            return self._finish(refused)
        try:
            return self._finish(await cast("Awaitable[Response]", self.place.endpoint(call)), call)
        except Exception as error:
            return self._finish(_said(call, error))

    def _call(self) -> tuple[Call, Response | None]:
        """The request as its room sees it, and the answer instead when it may not pass."""
        call = self.call()
        return call, self._refusal(call)

    def call(self) -> Call:
        """The request as a room sees it, whether it may pass or not."""
        session, user = self._session()
        return Call(
            self.request, self.station, lang=_language(self.request, user), form=self.form,
            csrf=session.csrf if session is not None else tokens.browser_token(self.cookie),
            session=session, user=user,
        )  # fmt: skip

    def _session(self) -> tuple[Session | None, Account | None]:
        token = _bearer(self.request) or self.request.cookies.get(tokens.SESSION)
        session = self.station.sessions.find(token) if token else None
        if session is None or (session.role is Role.SERVICE) != (_bearer(self.request) is not None):
            return None, None
        if not self.place.quiet:
            self.station.sessions.touch(session)
        return session, None if session.account_id is None else self.station.accounts.get(session.account_id)

    def _refusal(self, call: Call) -> Response | None:
        if not may(self.place, call.role):
            return _not_yours(call)
        if call.session is not None and call.session.locked and not self.place.locked and self.place.roles:
            return call.go("entrance.locked", next=_here(call))
        if self.request.method not in SAFE and not self._is_ours(call):
            gone = call.session is None and at_kiosk(self.request)
            return call.go("kiosk.welcome") if gone else _problem(call, TOO_OLD, 403)
        try:
            check_objects(call.params, call.session, self.station)
        except Unknown:
            return _problem(call, NO_PAGE, 404)
        return None

    def _is_ours(self, call: Call) -> bool:
        given = self.form.secret("csrf") or self.request.headers.get("x-csrf-token", "")
        return tokens.same(given, call.csrf)

    def _finish(self, response: Response, call: Call | None = None) -> Response:
        if call is None or call.session is None:
            response.set_cookie(
                tokens.BEFORE_SIGN_IN,
                self.cookie,
                httponly=True,
                samesite="strict",
                secure=self.secure,
                path="/",
            )
        if call is not None:
            self._put_token(response, call.new_token)
            self.station.warm_later()
        return response

    def _put_token(self, response: Response, token: str | None) -> None:
        if token:
            response.set_cookie(
                tokens.SESSION, token, httponly=True, samesite="strict", secure=self.secure, path="/"
            )
        elif token is not None:
            response.delete_cookie(tokens.SESSION, path="/")


def _bearer(request: Request) -> str | None:
    """The token of another program; only sessions of services may come that way."""
    way, _, token = request.headers.get("authorization", "").partition(" ")
    return token if way.lower() == "bearer" and token else None


def _said(call: Call, error: Exception) -> Response:
    """An error of ours as a page in the person's language; anything else is raised again."""
    if isinstance(error, Unknown):
        return _problem(call, NO_PAGE, 404)
    if not isinstance(error, OsteogaitError):
        raise error
    status = 403 if isinstance(error, NotPermitted) else REFUSED
    if call.request.url.path.startswith("/api/"):
        return HTMLResponse(error.message(call.lang), status_code=status)
    return call.refuse(error, status)


def _not_yours(call: Call) -> Response:
    """To the door for somebody who has not signed in, a refusal for somebody who has.

    Whoever stands at the kiosk when the visit has ended begins anew: a page for staff would be a dead end to them.
    """
    if call.session is not None:
        return _problem(call, OTHER_ROLE, 403)
    if at_kiosk(call.request):
        return call.go("kiosk.welcome")
    if call.request.url.path.startswith("/api/"):
        return Response(status_code=401, headers={"www-authenticate": "Bearer"})
    if call.request.method in SAFE:
        return call.go("entrance.sign_in", next=_here(call))
    return _error(call.request, N_("Please sign in first."), 403)


def _here(call: Call) -> str:
    url = call.request.url
    return f"{url.path}?{url.query}" if url.query else url.path


def _language(request: Request, user: Account | None) -> str:
    chosen = request.cookies.get(COOKIE)
    if chosen in LOCALES:
        return str(chosen)
    default = "en" if user is None or user.lang is None else user.lang
    return preferred(request.headers.get("accept-language", ""), default)


def _error(request: Request, text: str, status: int) -> Response:
    from osteogait.web.language import translations

    return _told(request, translations(_language(request, None)).gettext(text), status)


def _unusable(request: Request, error: Exception) -> Response:
    """What the store said before anybody knew who asks: it is busy, full, or not as it was written."""
    assert isinstance(error, OsteogaitError)  # noqa: S101 - it is registered for these alone
    return _told(request, error.message(_language(request, None)), 503)


def _told(request: Request, said: str, status: int) -> Response:
    lang = _language(request, None)
    if _bare(request):
        return HTMLResponse(said, status_code=status)
    template = "kiosk/problem.html.j2" if at_kiosk(request) else "error.html.j2"
    return HTMLResponse(render(template, lang, title="", text=said, **_nobody(request)), status_code=status)


def at_kiosk(request: Request) -> bool:
    """Whether the page that is asked for, or the one whose form was sent, is one of the kiosk."""
    came = urlsplit(request.headers.get("referer", "")).path
    return any(path.split("/")[1:2] == ["kiosk"] for path in (request.url.path, came))


def _bare(request: Request) -> bool:
    return bool(request.headers.get("hx-request")) or request.url.path.startswith("/api/")


def _nobody(request: Request) -> dict[str, object]:
    """What the frame of a page needs when there is no call."""

    def url(name: str, **_: object) -> str:
        return str(request.app.state.paths[name])

    return {
        "role": None, "user": None, "session": None, "csrf": "", "call": None, "url": url, "menu": [], "here": "",
        "back": "/", "lock_after_s": 0,
    }  # fmt: skip


def _problem(call: Call, text: str, status: int) -> Response:
    """The sentence on a page of whoever asks, with the menu of the role; as bare text to scripts and programs."""
    if _bare(call.request):
        return HTMLResponse(call.say(text), status_code=status)
    return call.problem(call.say(text), status)


def _lost(station: Station, secure: bool) -> Callable[[Request, Exception], Response]:
    """What is said at an address that there is not; whoever is signed in keeps the menu."""
    nowhere = Place("/", lambda call: _problem(call, NO_PAGE, 404), ANYONE, quiet=True)

    def not_found(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        if station.is_new or _bare(request) or tokens.SESSION not in request.cookies:
            return _error(request, NO_PAGE, status)
        call = _Asked(nowhere, station, request, Form(), secure).call()
        return _error(request, NO_PAGE, status) if call.session is None else _problem(call, NO_PAGE, status)

    return not_found


async def _broken(request: Request, error: Exception) -> Response:
    answer = _error(
        request, N_("Something went wrong in this box. What was saved is safe. Please try again."), 500
    )
    answer.headers["connection"] = "close"  # the server drops it after a crash: said, nobody sends more on it
    return answer
