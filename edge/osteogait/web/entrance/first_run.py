"""The first run: somebody becomes the administrator of this box; there is no password before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.clinic.roles import Role
from osteogait.clinic.zone import zone_of_this_box
from osteogait.errors import OsteogaitError

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

SYSTEM = "box"
"""Who acts before there is anybody."""


def show(call: Call) -> Response:
    """The form, as long as nobody has an account."""
    if not call.station.is_new:
        return call.go("entrance.sign_in")
    return call.page("entrance/first_run.html.j2", form=call.form, problem=None)


def make(call: Call) -> Response:
    """The administrator's account, and the one for the daily work where it was asked for; signed in to that."""
    if not call.station.is_new:
        return call.go("entrance.sign_in")
    form = call.form
    if form.secret("password") != form.secret("again"):
        return _again(call, call.say("The two passwords are not the same."))
    wanted = Role.OWNER if form.has("treats") else Role.ADMINISTRATOR
    try:
        with call.station.store.transaction():
            made = call.station.accounts.add_first(
                form.text("name"), form.text("display"), wanted, form.secret("password"), SYSTEM
            )
            call.station.audit.add(SYSTEM, "create", f"account:{made.id}", role=str(wanted))
            call.station.settings.put("zone", zone_of_this_box(), SYSTEM)
            token, _ = call.station.sessions.begin(made, wanted, "staff")
    except OsteogaitError as error:
        return _again(call, error.message(call.lang))
    if call.station.example:
        from osteogait.web.example import add_example

        add_example(call.station, made, call.lang)
    call.new_token = token
    return call.go("entrance.home")


def _again(call: Call, problem: str) -> Response:
    return call.page("entrance/first_run.html.j2", status=422, form=call.form, problem=problem)
