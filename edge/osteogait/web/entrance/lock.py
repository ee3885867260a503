"""The locked screen: the session stays, a PIN or the password opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import NotPermitted
from osteogait.web.entrance.door import inside

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

TOO_OFTEN = 429


def lock(call: Call) -> Response:
    """Lock now."""
    if call.session is not None:
        with call.station.store.transaction():
            call.station.sessions.lock(call.session)
            call.audit("lock", f"account:{call.actor}")
    return call.go("entrance.locked")


def show(call: Call) -> Response:
    """The locked screen; somebody whose screen is not locked goes to work."""
    if call.session is None or not call.session.locked:
        return call.go("entrance.home")
    next_page = inside(call.query.get("next", ""))
    return call.page("entrance/locked.html.j2", next=next_page, problem=None, pin_spent=False)


def unlock(call: Call) -> Response:
    """Open with PIN or password: the same session under a new token."""
    session, user, station = call.session, call.user, call.station
    if session is None or user is None:
        return call.go("entrance.sign_in")
    try:
        opened = _proven(call)
    except NotPermitted as error:
        return _again(call, error.message(call.lang), TOO_OFTEN)
    if not opened:
        call.audit("login", "refused", way="unlock")
        return _again(call, call.say("That is not right. Please try again."), 403)
    with station.store.transaction():
        call.new_token = station.sessions.unlock(session)
        call.audit("login", f"account:{user.id}", way="unlock")
    return call.go_to(inside(call.form.text("next")))


def _proven(call: Call) -> bool:
    assert call.user is not None  # noqa: S101 - checked by the caller
    pin, station = call.form.secret("pin"), call.station
    if pin and call.user.has_pin:
        return station.accounts.check_pin(call.user.id, pin)
    address = call.request.client.host if call.request.client else ""
    found = station.accounts.check_password(call.user.name, call.form.secret("password"), address)
    return found is not None


def _again(call: Call, problem: str, status: int) -> Response:
    """The page once more; when the PIN was tried too often only the password is asked for."""
    spent = status == TOO_OFTEN and bool(call.form.secret("pin"))
    return call.page(
        "entrance/locked.html.j2", status=status, next=inside(call.form.text("next")), problem=problem,
        pin_spent=spent,
    )  # fmt: skip
