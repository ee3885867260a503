"""What a person sent: texts, choices and files, each read by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LONGEST = 4000
"""Characters of one answer; a comment on a report is a paragraph."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its name is never used as a path."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one request."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uploads: Mapping[str, tuple[Upload, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The answer without blanks around it; empty when there is none."""
        found = self.fields.get(name, ())
        return found[0].strip()[:LONGEST] if found else ""

    def secret(self, name: str) -> str:
        """A password exactly as typed; empty when there is none."""
        found = self.fields.get(name, ())
        return found[0] if found else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every choice ticked under `name`."""
        return tuple(text.strip() for text in self.fields.get(name, ()))

    def has(self, name: str) -> bool:
        """True when the box was ticked or the field was sent."""
        return bool(self.fields.get(name))

    def files(self, name: str) -> tuple[Upload, ...]:
        """The files sent under `name`; a field left empty is none."""
        return self.uploads.get(name, ())
