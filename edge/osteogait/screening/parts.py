"""What a screening needs of the box around it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from osteogait.storage.audit import Audit
    from osteogait.storage.enrolled import Enrolled
    from osteogait.storage.store import Store
    from osteogait.storage.trials import Trials


class Parts(Protocol):
    """The store and what is kept in it, where recordings lie, whether this is a station to be tried out."""

    @property
    def store(self) -> Store:
        """People, visits, values."""

    @property
    def trials(self) -> Trials:
        """Tests done and not done."""

    @property
    def audit(self) -> Audit:
        """What was done by whom."""

    @property
    def enrolled(self) -> Enrolled:
        """Sensors of this box."""

    @property
    def recordings(self) -> Path:
        """Where recordings lie, a folder a visit."""

    @property
    def example(self) -> bool:
        """True for a station that is tried out with a made-up person."""
