"""What the tests found, in words: value, its published range, what rules say, real change since the visit before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteogait.web.language import N_
from osteogait.web.therapist.days import date
from osteogait.web.therapist.verdict import shown

if TYPE_CHECKING:
    from gaitsignal.change import Change
    from gaitsignal.norms import Norm
    from osteogait.report.language import Language
    from osteogait.screening.findings import Finding
    from osteogait.web.call import Call

OLDEST = 110
"""An upper age from here on means: and older."""
LESS_IS_BETTER = frozenset({"tug_total", "total_time", "rms"})
BY_STOPWATCH = N_(
    "The published times were taken with a stopwatch, which starts with the word; the sensor starts with the first "
    "movement and reads a little shorter."
)
CHANGES = {
    "better": N_("Really better than on %(day)s (%(before)s)."),
    "worse": N_("Really worse than on %(day)s (%(before)s)."),
    "same": N_("Since %(day)s (%(before)s) no change beyond measurement error."),
    "unknown": N_(
        "On %(day)s: %(before)s. No limit of measurement error is published, so the change is not judged."
    ),
}
CHANGE_KINDS = {"better": "good", "worse": "warn", "same": "plain", "unknown": "plain"}


@dataclass(frozen=True, slots=True)
class Range:
    """A published range with its middle, and who it is of and from; `of_people` is False for an interval of a mean."""

    low: float
    mid: float
    high: float
    words: str
    source: str
    of_people: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One finding as the page shows it; `said` are verdicts with their sign, `change` the one against before."""

    title: str
    test: str
    value: float | None
    text: str
    unit: str
    range: Range | None
    said: tuple[tuple[str, str], ...]
    change: tuple[str, str] | None
    change_source: str
    note: str


def told(call: Call, finding: Finding) -> Told:
    """The finding in the language of the page."""
    from osteogait.report.language import load_language
    from osteogait.report.quantities import unit_text

    language = load_language(call.lang)
    unit = unit_text(finding.unit, language)
    norm = finding.norm
    return Told(
        title=call.say(finding.title),
        test=_test(call, finding),
        value=finding.value,
        text="–" if finding.value is None else shown(finding.value, finding.unit),
        unit=unit,
        range=None if norm is None or norm.band is None else _range(norm, unit, language),
        said=tuple(("warn" if one.met else "good", one.message(call.lang)) for one in finding.verdicts),
        change=_change(call, finding, unit),
        change_source=_change_source(finding.change),
        note=_note(call, finding),
    )


def _test(call: Call, finding: Finding) -> str:
    from osteogait.screening.battery import test
    from osteogait.screening.test_guide import BATTERY_TITLES

    title = BATTERY_TITLES[finding.test] if finding.test in BATTERY_TITLES else test(finding.test).title
    return call.say(title)


def _range(norm: Norm, unit: str, language: Language) -> Range | None:
    band = norm.band
    if band is None:
        return None
    first, last = norm.ages
    words = language.text(
        "clinic.band",
        who=language.text(f"clinic.band_who.{norm.sex or 'any'}"),
        ages=f"{first}{language.text('to')}{last}" if last < OLDEST else f"{first}+",
        low=f"{band.low:g}",
        high=f"{band.high:g}",
        unit=unit,
        kind=language.text(f"clinic.band_kind.{band.kind}"),
    )
    people = (
        language.text("clinic.people", n=f"{norm.n:,}")
        if norm.n is not None
        else language.text("clinic.studies", n=norm.studies)
    )
    source = language.series([norm.source, people, norm.population[language.code]])
    return Range(band.low, band.mid, band.high, words.strip(), source, band.kind != "ci")


def _change(call: Call, finding: Finding, unit: str) -> tuple[str, str] | None:
    change, before = finding.change, finding.before
    if change is None or before is None:
        return None
    kind = _direction(change)
    value = f"{shown(change.before, finding.unit)} {unit}".strip()
    return CHANGE_KINDS[kind], call.say(CHANGES[kind], day=date(call, before.started), before=value)


def _direction(change: Change) -> str:
    if change.real is None:
        return "unknown"
    if not change.real:
        return "same"
    return "better" if (change.after < change.before) == (change.key in LESS_IS_BETTER) else "worse"


def _change_source(change: Change | None) -> str:
    rule = None if change is None else next((one for one in change.rules if one.kind == "mdc95"), None)
    return "" if rule is None else rule.source if rule.n is None else f"{rule.source}, n = {rule.n}"


def _note(call: Call, finding: Finding) -> str:
    if finding.missing:
        from osteogait.screening.battery import test

        names = call.say(", ").join(call.say(test(name).title) for name in finding.missing)
        return call.say("Not known without: %(tests)s.", tests=names)
    if finding.norm is not None and finding.norm.method.startswith("stopwatch") and finding.unit == "s":
        return call.say(BY_STOPWATCH)
    return ""
