"""Who signs proves once more that it is them: PIN, or password where no PIN is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteogait.storage.accounts import Account
    from osteogait.web.call import Call


def proven(call: Call) -> bool:
    """Whether the PIN or password in the form is that of whoever is signed in; NotPermitted after too many tries."""
    if call.user is None:
        return False
    found = _is_theirs(call, call.user)
    if not found:
        call.audit("login", "refused", way="sign")
    return found


def _is_theirs(call: Call, user: Account) -> bool:
    pin, accounts = call.form.secret("pin"), call.station.accounts
    if pin and user.has_pin:
        return accounts.check_pin(user.id, pin)
    address = call.request.client.host if call.request.client else ""
    return accounts.check_password(user.name, call.form.secret("password"), address) is not None
