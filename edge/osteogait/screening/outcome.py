"""What a test came to: its measures, whether they can be used, and what to do better, from its recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.errors import OsteogaitError

if TYPE_CHECKING:
    from gaitsignal.result import Measures
    from osteogait.acquire.summary import RecordingSummary

SHOWN = ("warn", "reject")
NO_FAULT = "simulated_sensor"
"""Says what was measured, not how well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The measures of a recording as they are kept (`kept`), and the figures of its session.

    error   why there are no measures at all; None when there are
    """

    summary: RecordingSummary | None
    kept: Mapping[str, Any] | None
    error: OsteogaitError | None = None

    @property
    def usable(self) -> bool:
        """True when both the gate of the signal and that of the radio let it pass."""
        lost = self.summary is not None and self.summary.verdict == "repeat"
        return bool(self.kept and self.kept["usable"]) and not lost

    @property
    def verdict(self) -> str:
        """`good`, `limited` (usable, with remarks that matter) or `repeat`."""
        if not self.usable or self.summary is None:
            return "repeat"
        flags = (self.kept or {})["flags"]
        remarks = [flag for flag in flags if flag["severity"] == "warn" and flag["code"] != NO_FAULT]
        return "limited" if remarks or self.summary.verdict == "limited" else "good"

    def advice(self, lang: str) -> tuple[str, ...]:
        """What stood in the way and what to do, worst first; nothing when all is well."""
        if self.error is not None:
            return (self.error.message(lang),)
        flags = sorted((self.kept or {})["flags"], key=lambda flag: flag["severity"] != "reject")
        return tuple(flag_text(flag, lang) for flag in flags if flag["severity"] in SHOWN)


def measured(path: Path, protocol: str, summary: RecordingSummary | None) -> Outcome:
    """The outcome of the closed recording at `path`; what cannot be read or measured is told, not raised."""
    from gaitsignal.pipeline import measure
    from osteogait.acquire.assembled import to_recording

    try:
        measures = measure(to_recording(path), protocol)
    except OsteogaitError as error:
        return Outcome(summary, None, error)
    return Outcome(summary, kept_measures(measures))


def kept_measures(measures: Measures) -> dict[str, Any]:
    """The document osteogait.measures/1 with the fields of every flag, so that it can be said in any language."""
    from gaitsignal.result import to_json

    document = to_json(measures, "en")
    flags = zip(document["flags"], measures.flags, strict=True)
    document["flags"] = [{**said, "fields": dict(flag.fields)} for said, flag in flags]
    return document


def flag_text(flag: Mapping[str, Any], lang: str) -> str:
    """The sentence of a kept flag in `lang`."""
    from gaitsignal.words import codes, sentence

    if flag["code"] not in codes() or "fields" not in flag:
        return str(flag.get("message", flag["code"]))
    return sentence(flag["code"], lang, flag["fields"])
