"""What clinicians did with a result: comments, overrides, signatures; the state of a report follows from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from osteogait.errors import NotPermitted, StoreError
from osteogait.storage.records import canonical_json
from osteogait.storage.tables import PersonRow, ResultRow, SignatureRow, VisitRow

if TYPE_CHECKING:
    from osteogait.storage.records import Result
    from osteogait.storage.store import Store

KINDS = ("comment", "override", "sign")


@dataclass(frozen=True, slots=True)
class Signature:
    """One act on a result, on exactly the assessment with this hash."""

    id: str
    result_id: str
    account_id: str
    kind: str
    comment: str | None
    override: Mapping[str, Any] | None
    assessment_sha256: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A result that nobody has signed yet."""

    result_id: str
    visit_id: str
    person_id: str
    created: datetime


class Signatures:
    """The acts on all results."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        result: Result,
        account: str,
        kind: str,
        *,
        comment: str | None = None,
        override: Mapping[str, Any] | None = None,
    ) -> str:
        """The id of an act.

        NotPermitted on a result that was signed (`report_signed`: amend it instead) or replaced (`report_replaced`).
        """
        if kind not in KINDS:
            raise ValueError(f"{kind} is no act on a result")
        row = SignatureRow(
            result_id=result.id, account_id=account, kind=kind, comment=comment,
            override=None if override is None else canonical_json(override), assessment_sha256=result.sha256,
        )  # fmt: skip
        with self._store.session() as session:
            if self.state(result) != "preliminary":
                raise NotPermitted("report_signed")
            if self._store.read(select(ResultRow.id).where(ResultRow.supersedes == result.id)):
                raise NotPermitted("report_replaced")
            session.add(row)
            session.flush()
            return row.id

    def of(self, result: str) -> tuple[Signature, ...]:
        """The acts on a result, oldest first; StoreError when one was on another assessment than is stored."""
        query = select(SignatureRow).where(SignatureRow.result_id == result).order_by(SignatureRow.created)
        acts = tuple(_signature(row) for row in self._store.read(query))
        stored = self._store.read(select(ResultRow.assessment_sha256).where(ResultRow.id == result))
        if any(act.assessment_sha256 not in stored for act in acts):
            raise StoreError("store_altered", path=self._store.path, result=result)
        return acts

    def state(self, result: Result) -> str:
        """`preliminary` until signed, then `final`, or `amended` where an earlier one that it replaces was signed."""
        if not self._is_signed(result.id):
            return "preliminary"
        earlier = result.supersedes
        while earlier is not None:
            if self._is_signed(earlier):
                return "amended"
            found = self._store.read(select(ResultRow.supersedes).where(ResultRow.id == earlier))
            earlier = found[0] if found else None
        return "final"

    def _is_signed(self, result: str) -> bool:
        return any(act.kind == "sign" for act in self.of(result))

    def queue(self) -> tuple[Waiting, ...]:
        """Results of people that nobody has signed and that no later one replaces, newest first."""
        signed = select(SignatureRow.result_id).where(SignatureRow.kind == "sign")
        replaced = select(ResultRow.supersedes).where(ResultRow.supersedes.is_not(None))
        query = (
            select(ResultRow)
            .join(VisitRow)
            .join(PersonRow)
            .where(ResultRow.id.not_in(signed), ResultRow.id.not_in(replaced), PersonRow.erased.is_(None))
            .order_by(ResultRow.created.desc())
        )
        found = []
        for row in self._store.read(query):
            visit = self._store.visit(row.visit_id)
            if visit is not None:
                found.append(Waiting(row.id, row.visit_id, visit.person_id, row.created))
        return tuple(found)


def _signature(row: SignatureRow) -> Signature:
    override = None if row.override is None else json.loads(row.override)
    return Signature(
        row.id,
        row.result_id,
        row.account_id,
        row.kind,
        row.comment,
        override,
        row.assessment_sha256,
        row.created,
    )
