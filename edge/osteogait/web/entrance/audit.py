"""The audit: what was done by whom, and whether the chain is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.access import Unknown

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

PAGE = 100
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
    return call.page(
        "entrance/audit.html.j2", rows=rows, verdict=verdict, names=names, older=older, held=held
    )


def export(call: Call) -> Response:
    """The whole chain as CSV, its hashes included."""
    from osteogait.report.exports.cells import table

    call.audit("export", "audit")
    rows = reversed(call.station.audit.rows(None, None))
    content = table(COLUMNS, ([str(getattr(row, column)) for column in COLUMNS] for row in rows))
    return call.file(content, "osteogait-audit.csv", "text/csv; charset=utf-8")
