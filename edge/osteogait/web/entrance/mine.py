"""One's own account: PIN for the quick change of people, password, language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import OsteogaitError

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


def show(call: Call) -> Response:
    """What one can change of oneself."""
    return call.page("entrance/mine.html.j2", problem=None, done=call.query.get("done"))


def set_pin(call: Call) -> Response:
    """A PIN of four to six digits; it only opens a locked screen."""
    assert call.user is not None  # noqa: S101 - the place is for people with an account
    try:
        with call.station.store.transaction():
            call.station.accounts.set_pin(call.user.id, call.form.secret("pin"))
            call.audit("change", f"account:{call.user.id}", what="pin")
    except OsteogaitError as error:
        return call.page("entrance/mine.html.j2", status=422, problem=error.message(call.lang), done=None)
    return call.go("entrance.mine", done="pin")


def set_password(call: Call) -> Response:
    """Another password, for whoever knows the present one; other sessions of the account end."""
    user, station = call.user, call.station
    assert user is not None  # noqa: S101 - the place is for people with an account
    address = call.request.client.host if call.request.client else ""
    try:
        known = station.accounts.check_password(user.name, call.form.secret("present"), address)
        if known is None:
            call.audit("login", "refused", way="password")
            problem = call.say("The present password is not right.")
            return call.page("entrance/mine.html.j2", status=422, problem=problem, done=None)
        with station.store.transaction():
            station.accounts.set_password(user.id, call.form.secret("password"))
            station.sessions.end_all(user.id)
            call.new_token, _ = station.sessions.begin(user, user.role, "staff")
            call.audit("change", f"account:{user.id}", what="password")
    except OsteogaitError as error:
        return call.page("entrance/mine.html.j2", status=422, problem=error.message(call.lang), done=None)
    return call.go("entrance.mine", done="password")
