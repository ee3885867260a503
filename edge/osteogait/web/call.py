"""One request as a room sees it: who asks, in which language, what was sent; and the answers a room can give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from osteogait.web.form import Form
from osteogait.web.language import translations
from osteogait.web.menu import menu
from osteogait.web.pages import render

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from osteogait.clinic.roles import Role
    from osteogait.errors import OsteogaitError
    from osteogait.storage.accounts import Account
    from osteogait.storage.sessions import Session
    from osteogait.web.station import Station

REFUSED = 422
ADDRESS = ":/%#?=@[]!$&'()*+,;"
"""What an address keeps as it is; everything else is written as bytes, so that it fits into a header."""


class Call:
    """One request; made by the app, given to the endpoint of a place."""

    def __init__(
        self,
        request: Request,
        station: Station,
        *,
        lang: str,
        form: Form,
        csrf: str,
        session: Session | None,
        user: Account | None,
    ) -> None:
        self.request, self.station, self.lang, self.form, self.csrf = request, station, lang, form, csrf
        self.session, self.user = session, user
        self.params: Mapping[str, str] = request.path_params
        self.query: Mapping[str, str] = request.query_params
        self._settings: dict[str, Any] = {}
        self.new_token: str | None = None
        """Of a session begun or unlocked by this request; empty: the browser is to forget its session."""

    @property
    def role(self) -> Role | None:
        """The role of the session; None when nobody has signed in."""
        return None if self.session is None else self.session.role

    @property
    def actor(self) -> str:
        """Who the audit says it was."""
        if self.user is not None:
            return self.user.id
        return "nobody" if self.session is None else f"{self.session.role}:{self.session.id}"

    def setting(self, name: str, default: object) -> Any:
        """What the administrator chose, asked of the store once a request."""
        if name not in self._settings:
            self._settings[name] = self.station.settings.get(name, default)
        return self._settings[name]

    @property
    def here(self) -> str:
        """The name of the place that was asked for."""
        return str(getattr(self.request.scope.get("route"), "name", ""))

    @property
    def back(self) -> str:
        """The page to come back to after the language was changed: this one, or the one whose form was sent."""
        from osteogait.web.seen import seen

        return seen(self.request)

    @property
    def lock_after_s(self) -> int:
        """Seconds without a touch after which the screen locks; 0 where nobody is signed in."""
        return 0 if self.session is None else self.station.sessions.idle_s(self.session)

    def say(self, text: str, **fields: object) -> str:
        """The sentence in the language of the person; fields fill `%(name)s`."""
        said = translations(self.lang).gettext(text)
        return said % fields if fields else said

    def url(self, name: str, **params: object) -> str:
        """The address of a named place; what is no path parameter goes into the query."""
        path, params = self.request.app.state.paths[name], dict(params)
        for key in [key for key in params if f"{{{key}}}" in path]:
            path = path.replace(f"{{{key}}}", quote(str(params.pop(key)), safe=""))
        query = "&".join(f"{quote(key)}={quote(str(value), safe='')}" for key, value in params.items())
        return f"{path}?{query}" if query else path

    @property
    def is_locked(self) -> bool:
        """Whether only the way to unlock is open."""
        return self.session is not None and self.session.locked

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A whole page."""
        from starlette.responses import HTMLResponse

        known = {
            "call": self, "role": self.role, "user": self.user, "session": self.session, "csrf": self.csrf,
            "url": self.url, "now": datetime.now(UTC), "back": self.back, "here": self.here,
            "menu": () if self.is_locked else menu(self.role, self.lang), "lock_after_s": self.lock_after_s,
        }  # fmt: skip
        return HTMLResponse(render(template, self.lang, **known | context), status_code=status)

    part = page
    """A fragment that replaces a part of a page: the same with a template that extends nothing."""

    def go(self, name: str, **params: object) -> Response:
        """To a named place; the browser asks for it anew."""
        return self.go_to(self.url(name, **params))

    def go_to(self, address: str) -> Response:
        """To an address of this box."""
        from starlette.responses import RedirectResponse, Response

        if self.request.headers.get("hx-request"):
            return Response(headers={"HX-Redirect": quote(address, safe=ADDRESS)})
        return RedirectResponse(address, status_code=303)

    def file(self, content: bytes, name: str, media_type: str, *, inline: bool = False) -> Response:
        """A file to keep or, `inline`, to look at; `name` is made by us, never by a person."""
        from starlette.responses import Response

        way = "inline" if inline else "attachment"
        headers = {"content-disposition": f"{way}; filename*=UTF-8''{quote(name)}"}
        return Response(content, media_type=media_type, headers=headers)

    def refuse(self, error: OsteogaitError, status: int = REFUSED) -> Response:
        """A page that says what is wrong, where and what to do."""
        return self.problem(error.message(self.lang), status)

    def problem(self, text: str, status: int) -> Response:
        """The sentence on a page of its own, in the frame of staff or in that of the kiosk."""
        at_kiosk = self.role == "guest" or self.request.url.path.split("/")[1] == "kiosk"
        template = "kiosk/problem.html.j2" if at_kiosk else "error.html.j2"
        return self.page(template, status=status, title="", text=text)

    def audit(self, action: str, object_: str, **details: object) -> None:
        """One event in the chain; inside `station.store.transaction()` it stands or falls with it."""
        self.station.audit.add(self.actor, action, object_, **details)
