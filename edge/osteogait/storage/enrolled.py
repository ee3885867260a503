"""Sensors that belong to this box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.storage.access_tables import SensorRow
from osteogait.storage.moment import now

if TYPE_CHECKING:
    from osteogait.storage.store import Store


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor by its address, its advertised name, the model that reads it, and where it is worn."""

    address: str
    name: str
    model: str
    site: str
    created: datetime


class Enrolled:
    """The sensors of a box."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, address: str, name: str, model: str, site: str, by: str) -> None:
        """It belongs to this box from now on."""
        with self._store.session() as session:
            session.merge(SensorRow(address=address, name=name, model=model, site=site, by=by, created=now()))

    def remove(self, address: str) -> None:
        """It no longer does."""
        with self._store.session() as session:
            row = session.get(SensorRow, address)
            if row is not None:
                session.delete(row)

    def all(self) -> tuple[Sensor, ...]:
        """All of them, the first enrolled first."""
        rows = self._store.read(select(SensorRow).order_by(SensorRow.created))
        return tuple(Sensor(row.address, row.name, row.model, row.site, row.created) for row in rows)
