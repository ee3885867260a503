"""What the administrator chose for this box."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import select

from osteogait.storage.access_tables import SettingRow
from osteogait.storage.moment import now

if TYPE_CHECKING:
    from osteogait.storage.store import Store


KEPT_S = 1.0
"""How long a choice is believed without asking the store again: every page asks for several, many times a second."""

Asked = tuple[float, str | None]
_asked: WeakKeyDictionary[Store, dict[str, Asked]] = WeakKeyDictionary()
"""When each choice of a store was last asked for, and what it was."""


class Settings:
    """Choices by name, each a JSON value."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = _asked.setdefault(store, {})

    def get(self, name: str, default: Any) -> Any:
        """What was chosen, a second ago at most; `default` where nothing was."""
        chosen = self._chosen(name)
        return default if chosen is None else json.loads(chosen)

    def put(self, name: str, value: object, by: str) -> None:
        """Choose."""
        with self._store.session() as session:
            session.merge(
                SettingRow(name=name, value=json.dumps(value, ensure_ascii=False), by=by, changed=now())
            )
        self._known.pop(name, None)

    def _chosen(self, name: str) -> str | None:
        asked_s, chosen = self._known.get(name, (-KEPT_S, None))
        if not self._store.in_transaction and time.monotonic() - asked_s < KEPT_S:
            return chosen
        rows = self._store.read(select(SettingRow.value).where(SettingRow.name == name))
        chosen = rows[0] if rows else None
        if not self._store.in_transaction:
            self._known[name] = time.monotonic(), chosen
        return chosen
