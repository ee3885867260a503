"""What is said of one try: usable or not, the key value, and what to do better, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.web.language import N_

if TYPE_CHECKING:
    from osteogait.screening.outcome import Outcome
    from osteogait.web.call import Call

KEY: Mapping[str, tuple[str, ...]] = {
    "walk": ("walking_speed", "cadence", "n_steps"),
    "timed_up_and_go": ("tug_total",),
    "chair_stand_5x": ("total_time", "repetitions"),
    "chair_stand_30s": ("repetitions",),
    "quiet_stance": ("rms", "path"),
    "four_stage": ("hold_time",),
    "one_leg": ("hold_time",),
    "sppb": ("hold_time", "sppb_gait_time", "total_time"),
}
"""What is shown large at once, of each protocol."""
SHOWN = 2
WHOLE = ("1", "steps/min", "deg/s")
SMALL, LARGE = 0.5, 100.0
"""Below it three decimals tell people apart, above it none do."""
WORDS = {
    "good": N_("Usable"),
    "warn": N_("Usable, with a remark"),
    "bad": N_("Not usable: please repeat"),
}
HERE = {
    "sppb_time_estimated": N_(
        "Nobody pressed Stop at the line, so the time is estimated from the steps. For points that count, enter the "
        "time of a stopwatch, or repeat."
    )
}
"""Flags whose advice is followed by a field or button of these pages."""
SIGNS = {"reject": "bad", "warn": "warn", "info": "info"}


@dataclass(frozen=True, slots=True)
class Number:
    """One measure, ready to print."""

    name: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one try: `kind` is good, warn or bad; `remarks` say what was wrong and what to do, the gravest first."""

    kind: str
    words: str
    numbers: tuple[Number, ...]
    remarks: tuple[tuple[str, str], ...]

    @property
    def usable(self) -> bool:
        """Whether it may be accepted."""
        return self.kind != "bad"


def verdict(call: Call, outcome: Outcome) -> Verdict:
    """The verdict on a try, in the language of the page."""
    kind = {"good": "good", "limited": "warn", "repeat": "bad"}[outcome.verdict]
    if outcome.error is not None or outcome.kept is None:
        return Verdict(
            kind, call.say(WORDS[kind]), (), tuple(("bad", text) for text in outcome.advice(call.lang))
        )
    return of_document(call, outcome.kept, kind)


def of_document(call: Call, document: Mapping[str, Any], kind: str | None = None) -> Verdict:
    """The verdict on measures as they are kept."""
    from osteogait.report.document import SEVERITIES
    from osteogait.screening.outcome import NO_FAULT

    flags = sorted(document["flags"], key=lambda flag: SEVERITIES.index(flag["severity"]))
    warned = any(flag["severity"] == "warn" and flag["code"] != NO_FAULT for flag in flags)
    kind = kind or ("bad" if not document["usable"] else "warn" if warned else "good")
    said = tuple((_sign(flag), _remark(call, flag)) for flag in flags)
    return Verdict(kind, call.say(WORDS[kind]), numbers(call, document) if kind != "bad" else (), said)


def _remark(call: Call, flag: Mapping[str, Any]) -> str:
    """The sentence of the science, but what is to be done here where that differs."""
    from osteogait.screening.outcome import flag_text

    here = HERE.get(flag["code"])
    return flag_text(flag, call.lang) if here is None else call.say(here)


def _sign(flag: Mapping[str, Any]) -> str:
    """A simulated sensor is said, but is no fault of the test."""
    from osteogait.screening.outcome import NO_FAULT

    return "info" if flag["code"] == NO_FAULT else SIGNS[flag["severity"]]


def numbers(call: Call, document: Mapping[str, Any]) -> tuple[Number, ...]:
    """The key measures of a document, as far as they are there."""
    from osteogait.report.language import load_language
    from osteogait.report.quantities import unit_text

    language, held = load_language(call.lang), document["measures"]
    keys = [key for key in KEY.get(document["protocol"], ()) if key in held][:SHOWN]
    return tuple(
        Number(
            named(key, call.lang),
            shown(held[key]["value"], held[key]["unit"]),
            unit_text(held[key]["unit"], language),
        )
        for key in keys
    )


def named(key: str, lang: str) -> str:
    """The words for a measure, as a heading."""
    from osteogait.console import measure_name

    words = measure_name(key, lang)
    return words[:1].upper() + words[1:]


def shown(value: float, unit: str) -> str:
    """Counts whole, times as the rules round them (0.01 s, halves upwards), the rest as a clinic uses."""
    if unit in WHOLE:
        return f"{value:.0f}"
    if unit == "s" and value >= SMALL:
        from gaitsignal.scoring.rounding import hundredths

        return f"{hundredths(value):f}"
    return f"{value:.3f}" if value < SMALL else f"{value:.2f}" if value < LARGE else f"{value:.0f}"
