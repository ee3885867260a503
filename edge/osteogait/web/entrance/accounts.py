"""People with access: added, given another role or password, switched off; never deleted, the audit names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.clinic.roles import Role
from osteogait.errors import OsteogaitError
from osteogait.web.access import Unknown
from osteogait.web.language import N_

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.accounts import Account
    from osteogait.web.call import Call

ROLE_WORDS = {
    Role.THERAPIST: N_("Therapist: tests and trends"),
    Role.CLINICIAN: N_("Clinician: also values, reports, signature"),
    Role.ADMINISTRATOR: N_("Administrator: accounts, sensors, settings; sees no results"),
    Role.OWNER: N_("One-person practice: everything"),
    Role.SERVICE: N_("Service: another program reads results"),
}


def show(call: Call) -> Response:
    """Everybody with access."""
    return _page(call, None)


def add(call: Call) -> Response:
    """A new account; its first password is told to its owner by the administrator."""
    form, station = call.form, call.station
    try:
        role = _role(form.text("role"))
        with station.store.transaction():
            made = station.accounts.add(
                form.text("name"), form.text("display"), role, form.secret("password"), call.actor
            )
            call.audit("create", f"account:{made.id}", role=str(role))
    except OsteogaitError as error:
        return _page(call, error.message(call.lang), 422)
    return call.go("entrance.accounts")


def change(call: Call) -> Response:
    """Role, password or activity of one account; whoever is signed in with it is signed out."""
    account, station = _account(call), call.station
    try:
        with station.store.transaction():
            changed = _changed(call, account)
            station.sessions.end_all(account.id)
            call.audit("change", f"account:{account.id}", what=changed)
    except OsteogaitError as error:
        return _page(call, error.message(call.lang), 422)
    if call.user is not None and account.id == call.user.id:
        call.new_token = ""
    return call.go("entrance.sign_in" if call.new_token == "" else "entrance.accounts")


def token(call: Call) -> Response:
    """A new token for a service account; shown once, the ones before it are dead."""
    account, station = _account(call), call.station
    if account.role is not Role.SERVICE:
        raise Unknown
    with station.store.transaction():
        station.sessions.end_all(account.id)
        made, _ = station.sessions.begin(account, Role.SERVICE, "service")
        call.audit("create", f"account:{account.id}", what="token")
    return call.page("entrance/token.html.j2", account=account, token=made)


def _changed(call: Call, account: Account) -> str:
    form, accounts = call.form, call.station.accounts
    if form.has("password"):
        accounts.set_password(account.id, form.secret("password"))
        return "password"
    if form.has("role"):
        accounts.set_role(account.id, _role(form.text("role")))
        return "role"
    accounts.set_active(account.id, form.text("active") == "yes")
    return "active"


def _role(text: str) -> Role:
    """The role of that name; another name can only come from a forged form."""
    if text not in set(ROLE_WORDS):
        raise Unknown
    return Role(text)


def _account(call: Call) -> Account:
    found = call.station.accounts.get(call.params["account"])
    if found is None:
        raise Unknown
    return found


def _page(call: Call, problem: str | None, status: int = 200) -> Response:
    roles = [(str(role), call.say(words)) for role, words in ROLE_WORDS.items()]
    accounts = call.station.accounts.all()
    return call.page(
        "entrance/accounts.html.j2",
        status=status,
        accounts=accounts,
        roles=roles,
        problem=problem,
        form=call.form,
    )
