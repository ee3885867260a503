"""What comes out of a protocol: values with units, events, and flags by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gaitsignal.words import sentence

SCHEMA = "osteogait.measures/1"
SEVERITIES = ("info", "warn", "reject")


@dataclass(frozen=True, slots=True)
class Flag:
    """A named remark on a recording: `info`, `warn` (use with caution) or `reject` (not usable)."""

    code: str
    severity: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str = "en") -> str:
        """The reason and the advice in `lang` (`en` or `zh`)."""
        return sentence(self.code, lang, self.fields)


@dataclass(frozen=True, slots=True)
class Value:
    """One measure: a number in `unit` (the unit of its catalogue entry)."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Contact:
    """An initial or final contact at `time_s` of the foot `side` (`left`, `right` or None when not known)."""

    time_s: float
    side: str | None


@dataclass(frozen=True, slots=True)
class Bout:
    """A walking bout from `start_s` to `end_s`."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn; `angle_deg` > 0 is to the left, `peak_deg_per_s` is the low-passed yaw-rate peak (absolute)."""

    start_s: float
    end_s: float
    angle_deg: float
    peak_deg_per_s: float


@dataclass(frozen=True, slots=True)
class Events:
    """Everything that happened at a time, on the recording's own clock in seconds."""

    initial_contacts: tuple[Contact, ...] = ()
    final_contacts: tuple[Contact, ...] = ()
    walking_bouts: tuple[Bout, ...] = ()
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Measures:
    """The result of one protocol on one recording."""

    protocol: str
    usable: bool
    flags: tuple[Flag, ...]
    values: Mapping[str, Value]
    events: Events
