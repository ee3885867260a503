"""Signing in and out; where each role begins its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.clinic.roles import Role
from osteogait.errors import NotPermitted

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

HOMES = {
    Role.GUEST: "kiosk.welcome",
    Role.THERAPIST: "therapist.people",
    Role.CLINICIAN: "clinician.queue",
    Role.OWNER: "therapist.people",
    Role.ADMINISTRATOR: "entrance.accounts",
}


def home(call: Call) -> Response:
    """To the first page of the role; to the door for somebody who has not signed in."""
    if call.station.is_new:
        return call.go("entrance.first_run")
    if call.role is None or call.role not in HOMES:
        return call.go("entrance.sign_in")
    return call.go(HOMES[call.role])


def sign_in_page(call: Call) -> Response:
    """Name and password."""
    if call.station.is_new:
        return call.go("entrance.first_run")
    return call.page(
        "entrance/sign_in.html.j2", name="", next=inside(call.query.get("next", "")), problem=None
    )


def sign_in(call: Call) -> Response:
    """A new session for whoever knows the password; the same words whether the name or the password is wrong."""
    name, station = call.form.text("name"), call.station
    address = call.request.client.host if call.request.client else ""
    try:
        account = station.accounts.check_password(name, call.form.secret("password"), address)
    except NotPermitted as error:
        return _again(call, error.message(call.lang), 429)
    if account is None:
        station.audit.add("nobody", "login", "refused", address=address)
        return _again(call, call.say("Name or password is not right. Please try again."), 403)
    with station.store.transaction():
        if call.session is not None:
            station.sessions.end(call.session)
        call.new_token, _ = station.sessions.begin(account, account.role, "staff")
        station.audit.add(account.id, "login", f"account:{account.id}")
    return call.go_to(inside(call.form.text("next")))


def sign_out(call: Call) -> Response:
    """The session ends here and in the store."""
    if call.session is not None:
        with call.station.store.transaction():
            call.station.sessions.end(call.session)
            call.audit("logout", f"account:{call.actor}")
    call.new_token = ""
    return call.go("entrance.sign_in")


def inside(address: str) -> str:
    """An address of this box; the start page for anything else."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours else "/"


def _again(call: Call, problem: str, status: int) -> Response:
    return call.page(
        "entrance/sign_in.html.j2", status=status, name=call.form.text("name"),
        next=inside(call.form.text("next")), problem=problem,
    )  # fmt: skip
