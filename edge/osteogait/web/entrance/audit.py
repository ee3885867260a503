"""The audit: what was done by whom, and whether the chain is whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from osteogait.web.access import Unknown
from osteogait.web.language import N_

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.audit import Event
    from osteogait.web.call import Call

PAGE = 100
ACTIONS = {
    "login": N_("signed in"),
    "logout": N_("signed out"),
    "lock": N_("locked"),
    "view": N_("viewed"),
    "create": N_("created"),
    "change": N_("changed"),
    "export": N_("exported"),
    "print": N_("printed"),
    "sign": N_("signed"),
    "consent": N_("consent"),
    "erase": N_("erased"),
    "model": N_("another model"),
    "clock": N_("clock set"),
}
OBJECTS = {
    "account": N_("account"),
    "audit": N_("audit"),
    "database": N_("database"),
    "document": N_("file"),
    "model": N_("model"),
    "people": N_("list of people"),
    "person": N_("person"),
    "queue": N_("list of reports"),
    "recording": N_("recording"),
    "refused": N_("refused"),
    "result": N_("result"),
    "sensor": N_("sensor"),
    "settings": N_("settings"),
    "slip": N_("slip"),
    "trial": N_("test"),
    "value": N_("value"),
    "visit": N_("visit"),
}
NOBODY = {
    "nobody": N_("nobody"),
    "box": N_("this box"),
    "kiosk": N_("kiosk"),
    "guest": N_("guest at the kiosk"),
}
LENGTH_OF_ID, SHORT = 36, 6
"""Characters of a pseudonym, as in the lists of people; the export has all of them."""
COLUMNS = ("seq", "utc", "synchronised", "actor", "action", "object", "details", "sha256")


def show(call: Call) -> Response:
    """The newest events, older ones by page; with `verify` the whole chain is gone through."""
    before = call.query.get("before", "")
    if before and not before.isdigit():
        raise Unknown
    rows = call.station.audit.rows(PAGE, int(before) if before else None)
    verdict = call.station.audit.verify() if call.query.get("verify") else None
    kept = call.query.get("head", "").strip().lower()
    held = call.station.audit.contains(kept) if verdict is not None and kept else None
    names = {account.id: account.display for account in call.station.accounts.all()}
    older = rows[-1].seq if len(rows) == PAGE else None
    lines = [
        (row, _who(call, row.actor, names), _what(call, row.action), _of(call, row, names)) for row in rows
    ]
    return call.page("entrance/audit.html.j2", lines=lines, verdict=verdict, older=older, held=held)


def _who(call: Call, actor: str, names: Mapping[str, str]) -> str:
    kind = actor.partition(":")[0]
    return names.get(actor) or (call.say(NOBODY[kind]) if kind in NOBODY else actor)


def _what(call: Call, action: str) -> str:
    return call.say(ACTIONS[action]) if action in ACTIONS else action


def _of(call: Call, row: Event, names: Mapping[str, str]) -> str:
    """The object in words: an account by its name, anything else by the beginning of its id."""
    kind, _, which = row.object.partition(":")
    words = call.say(OBJECTS[kind]) if kind in OBJECTS else kind
    shown = which[:SHORT].upper() if len(which) == LENGTH_OF_ID else which
    return f"{words} {names.get(which, shown)}".strip()


def export(call: Call) -> Response:
    """The whole chain as CSV, its hashes included."""
    from osteogait.report.exports.cells import table

    call.audit("export", "audit")
    rows = reversed(call.station.audit.rows(None, None))
    content = table(COLUMNS, ([str(getattr(row, column)) for column in COLUMNS] for row in rows))
    return call.file(content, "osteogait-audit.csv", "text/csv; charset=utf-8")
