"""What the administrator chose for this box."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from osteogait.storage.access_tables import SettingRow
from osteogait.storage.moment import now

if TYPE_CHECKING:
    from osteogait.storage.store import Store


class Settings:
    """Choices by name, each a JSON value."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str, default: Any) -> Any:
        """What was chosen; `default` where nothing was."""
        rows = self._store.read(select(SettingRow.value).where(SettingRow.name == name))
        return json.loads(rows[0]) if rows else default

    def put(self, name: str, value: object, by: str) -> None:
        """Choose."""
        with self._store.session() as session:
            session.merge(
                SettingRow(name=name, value=json.dumps(value, ensure_ascii=False), by=by, changed=now())
            )
