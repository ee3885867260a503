"""One measure over a person's visits, with the strip in which a difference may be measurement error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gaitsignal.change import ChangeRule, real_change, rules_of
from osteogait.web.language import N_
from osteogait.web.therapist.days import date
from osteogait.web.therapist.names import named
from osteogait.web.therapist.verdict import named as measure_words
from osteogait.web.therapist.verdict import shown

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.trials import Trial
    from osteogait.web.call import Call

SPPB = "sppb"
KEYS: Mapping[str, tuple[str, ...]] = {
    "walk": ("walking_speed", "stride_length"),
    "timed_up_and_go": ("tug_total", "tug_turn_1_peak_rate"),
    "chair_stand_5x": ("total_time",),
    "chair_stand_30s": ("repetitions",),
    "quiet_stance": ("rms", "path"),
    "four_stage": ("hold_time",),
    "one_leg": ("hold_time",),
    "sppb": ("hold_time", "walking_speed", "total_time"),
}
"""Of each protocol, what is followed over time."""
FIRST = (
    SPPB, "walking_speed", "tug_total", "total_time", "repetitions", "hold_time", "rms", "stride_length",
    "tug_turn_1_peak_rate", "path",
)  # fmt: skip
"""The order in which they are shown."""
LOWER_IS_BETTER = frozenset({"tug_total", "total_time", "rms", "path"})
TOP, BOTTOM = 30.0, 122.0
"""Pixels, in a picture of 160."""
LEFT, RIGHT = 6.0, 94.0
POPULATIONS = (
    N_("older people with neurological disease, lower-back sensor"),
    N_("16 adults, 3 trials of 30 s in one session; a stand-in for a lower-back sensor"),
)
"""Who the limits were found on, for the catalogue."""
VERDICTS = {
    "better": N_("Real improvement since the visit before."),
    "worse": N_("Real decline since the visit before."),
    "changed": N_("Real change since the visit before."),
    "felt_better": N_("Better since the visit before, by a size that matters to older people (Perera 2006)."),
    "felt_worse": N_("Worse since the visit before, by a size that matters to older people (Perera 2006)."),
    "same": N_("No change beyond measurement error."),
    "unknown": N_("For this measure no limit of measurement error is published, so a change is not judged."),
    "one": N_("One visit so far: nothing to compare."),
}
KINDS = {
    "better": "good",
    "worse": "warn",
    "changed": "info",
    "felt_better": "good",
    "felt_worse": "warn",
    "same": "plain",
    "unknown": "plain",
    "one": "plain",
}


@dataclass(frozen=True, slots=True)
class Dot:
    """One visit: place in the picture (x in percent, y in pixels), the value and the day as text."""

    x: float
    y: float
    value: str
    day: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure of one test: `strip` is top and height of the strip of measurement error around the visit before."""

    test: str
    key: str
    unit: str
    dots: tuple[Dot, ...]
    strip: tuple[float, float] | None
    verdict: str
    rule: ChangeRule | None

    @property
    def words(self) -> str:
        """The verdict as a sentence to translate."""
        return VERDICTS[self.verdict]

    @property
    def kind(self) -> str:
        """Of the verdict, for its sign."""
        return KINDS[self.verdict]


def show(call: Call) -> Response:
    """All measures of a person over all visits."""
    person = call.params["person"]
    call.audit("view", f"person:{person}", what="trend")
    return call.page(
        "therapist/trend.html.j2", who=named(call, person), trends=trends(call, person), **words(call)
    )


def words(call: Call) -> dict[str, Any]:
    """How templates say measures, tests and units."""
    from osteogait.report.language import load_language
    from osteogait.report.quantities import unit_text
    from osteogait.screening import shown as titles
    from osteogait.screening.battery import test
    from osteogait.screening.test_guide import BATTERY_TITLES

    language, points = load_language(call.lang), titles.SPPB.title
    return {
        "measure": lambda key: call.say(points) if key == SPPB else measure_words(key, call.lang),
        "unit": lambda code: unit_text(code, language),
        "test_title": lambda name: call.say(BATTERY_TITLES[name] if name == SPPB else test(name).title),
    }


@dataclass(frozen=True, slots=True)
class _Taken:
    """One measure at one visit."""

    visit: str
    value: float
    unit: str
    condition: str | None = None


def trends(call: Call, person: str) -> list[Trend]:
    """Every measure that was taken at least once, in the order of the tests; those with two visits first."""
    trials = call.station.trials.of_person(person)
    visits = sorted(call.station.store.visits_of(person), key=lambda one: one.started)
    series = {**_scores(trials, [visit.id for visit in visits]), **_measured(trials)}
    days = {visit.id: visit.started for visit in visits}
    found = [_trend(call, test, key, list(taken.values()), days) for (test, key), taken in series.items()]
    return sorted(found, key=lambda one: (len(one.dots) < 2, FIRST.index(one.key)))


def _measured(trials: Iterable[Trial]) -> dict[tuple[str, str], dict[str, _Taken]]:
    """By test and measure, then by visit: what was accepted."""
    series: dict[tuple[str, str], dict[str, _Taken]] = {}
    for trial in trials:
        if trial.state != "accepted" or trial.measures is None or not trial.usable:
            continue
        for key in KEYS.get(trial.protocol, ()):
            held = trial.measures["measures"].get(key)
            if held is not None:
                eyes = trial.variant if trial.protocol == "quiet_stance" else None
                taken = _Taken(trial.visit_id, float(held["value"]), str(held["unit"]), eyes)
                series.setdefault((trial.test, key), {})[trial.visit_id] = taken
    return series


def _scores(trials: Sequence[Trial], visits: Iterable[str]) -> dict[tuple[str, str], dict[str, _Taken]]:
    """The points of the SPPB at the visits where they are known."""
    from osteogait.screening.composed import sppb_score

    known: dict[str, _Taken] = {}
    for visit in visits:
        score = sppb_score([trial for trial in trials if trial.visit_id == visit])
        if score is not None and score.points is not None:
            known[visit] = _Taken(visit, score.points, "1")
    return {(SPPB, SPPB): known} if known else {}


def _trend(call: Call, test: str, key: str, taken: Sequence[_Taken], days: Mapping[str, datetime]) -> Trend:
    unit, condition = taken[-1].unit, taken[-1].condition
    values = [one.value for one in taken]
    verdict, rule = _verdict(key, values, condition)
    limits = None if rule is None or len(values) < 2 else _limits(rule, values[-2])
    low, high = _range(values, limits)

    def place(value: float) -> float:
        return round(BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP), 1)

    across = [LEFT + (RIGHT - LEFT) * n / max(1, len(values) - 1) for n in range(len(values))]
    dots = tuple(
        Dot(
            round(x, 2) if len(values) > 1 else 50.0, place(one.value), shown(one.value, unit),
            date(call, days[one.visit]), days[one.visit],
        )
        for x, one in zip(across, taken, strict=True)
    )  # fmt: skip
    strip = None if limits is None else (place(limits[1]), round(place(limits[0]) - place(limits[1]), 1))
    return Trend(test, key, unit, dots, strip, verdict, rule)


def _verdict(key: str, values: Sequence[float], condition: str | None) -> tuple[str, ChangeRule | None]:
    rules, _ = rules_of(key, condition)
    rule = next((one for one in rules if one.kind == "mdc95"), None)
    if len(values) < 2:
        return "one", rule
    if rule is None:
        return _felt(key, *values[-2:]), None
    before, after = values[-2:]
    if rule.by != "difference" and min(before, after) <= 0:
        return "unknown", None
    if not real_change(key, before, after, condition).real:
        return "same", rule
    if key not in LOWER_IS_BETTER and key != "walking_speed":
        return "changed", rule
    return ("better" if (after < before) == (key in LOWER_IS_BETTER) else "worse"), rule


def _felt(key: str, before: float, after: float) -> str:
    """Without a limit of measurement error: a change that people feel, where one is published."""
    important = real_change(key, before, after).important if rules_of(key)[0] else None
    if important is None:
        return "unknown"
    return "felt_better" if after > before else "felt_worse"


def _limits(rule: ChangeRule, before: float) -> tuple[float, float]:
    """The ends of the strip around `before`."""
    if rule.by == "difference":
        return before - rule.limit, before + rule.limit
    if rule.by == "share":
        return before * (1 - rule.limit), before * (1 + rule.limit)
    return before / rule.limit, before * rule.limit


def _range(values: Sequence[float], limits: tuple[float, float] | None) -> tuple[float, float]:
    """What the picture shows: all values and the strip, never less than a twentieth of the value."""
    all_values = [*values, *(limits or ())]
    low, high = min(all_values), max(all_values)
    room = max((high - low) * 0.1, abs(high) * 0.05, 1e-6)
    return low - room, high + room
