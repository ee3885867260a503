"""What comes out of a protocol: values with units, events, and flags by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
class Phase:
    """A named part of a timed test, from `start_s` to `end_s`."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise from a chair: from the first movement at `start_s` to standing at `end_s`."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Events:
    """Everything that happened at a time, on the recording's own clock in seconds.

    `phases` and `rises` are None except in the tests that have them: timed up and go, chair stands.
    """

    initial_contacts: tuple[Contact, ...] = ()
    final_contacts: tuple[Contact, ...] = ()
    walking_bouts: tuple[Bout, ...] = ()
    turns: tuple[Turn, ...] = ()
    phases: tuple[Phase, ...] | None = None
    rises: tuple[Rise, ...] | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """The result of one protocol on one recording."""

    protocol: str
    usable: bool
    flags: tuple[Flag, ...]
    values: Mapping[str, Value]
    events: Events


def to_json(measures: Measures, lang: str = "en") -> dict[str, Any]:
    """The `osteogait.measures/1` document of docs/contracts; every number finite, values in catalogue order."""
    return {
        "schema": SCHEMA,
        "protocol": measures.protocol,
        "usable": measures.usable,
        "flags": [
            {"code": flag.code, "severity": flag.severity, "message": flag.message(lang)}
            for flag in measures.flags
        ],
        "measures": {
            key: {"value": _finite(key, value.value), "unit": value.unit}
            for key, value in measures.values.items()
        },
        "events": _events_to_json(measures.events),
    }


def _events_to_json(events: Events) -> dict[str, Any]:
    document: dict[str, Any] = {
        "initial_contacts": [_contact(contact) for contact in events.initial_contacts],
        "final_contacts": [_contact(contact) for contact in events.final_contacts],
        "walking_bouts": [_span(bout) for bout in events.walking_bouts],
        "turns": [
            {
                "start_s": _time("start_s", turn.start_s),
                "end_s": _time("end_s", turn.end_s),
                "angle_deg": _finite("angle_deg", turn.angle_deg),
                "peak_deg_per_s": _finite("peak_deg_per_s", turn.peak_deg_per_s),
            }
            for turn in events.turns
        ],
    }
    if events.phases is not None:
        document["phases"] = [{"name": phase.name, **_span(phase)} for phase in events.phases]
    if events.rises is not None:
        document["rises"] = [_span(rise) for rise in events.rises]
    return document


def _span(part: Bout | Phase | Rise) -> dict[str, float]:
    return {"start_s": _time("start_s", part.start_s), "end_s": _time("end_s", part.end_s)}


def _contact(contact: Contact) -> dict[str, Any]:
    return {"time_s": _time("time_s", contact.time_s), "side": contact.side}


def _time(name: str, seconds: float) -> float:
    """Seconds to 0.1 ms: more digits than any sensor clock has."""
    return round(_finite(name, seconds), 4)


def _finite(name: str, number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{name} is {number}: a protocol must withhold what it can't measure")
    return float(number)
