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
    from gaitsignal.scoring.verdict import Verdict
    from osteogait.report.language import Language
    from osteogait.screening.findings import Finding
    from osteogait.web.call import Call

OLDEST = 110
"""An upper age from here on means: and older."""
TIMED = frozenset({"tug_total", "total_time"})
"""Times of the sensor whose published values and limits are of a stopwatch."""
RATIOS = frozenset({"romberg_rms"})
"""Without a unit, yet no counts."""
LESS_IS_BETTER = frozenset({"tug_total", "total_time", "rms"})
BY_STOPWATCH = N_(
    "The published times were taken with a stopwatch, which starts with the word; the sensor starts with the first "
    "movement and reads a little shorter."
)
LIMITS = {
    "below": N_("limit: below %(limit)s"),
    "at_most": N_("limit: %(limit)s or less"),
    "above": N_("limit: above %(limit)s"),
    "at_least": N_("limit: %(limit)s or more"),
}
"""By the comparison of a rule, met or not."""
SOURCES = (
    N_("NHANES 1999-2000 (public use files, 6.1 m usual walk; survey-weighted percentiles computed for osteogait)"),
    N_("own measurement: acceleration of the body from a force plate, data of Santos & Duarte 2016, PeerJ 4:e2648"),
)  # fmt: skip
"""Those that are sentences, for the catalogue; citations stay as they are."""
LOW_POWER = N_(
    "Baltasar-Fernandez 2021, power of the legs from 65 years on, low: %(met)s (limit: below %(limit)s)"
)
CHANGES = {
    "better": N_("Really better than on %(day)s (%(before)s)."),
    "worse": N_("Really worse than on %(day)s (%(before)s)."),
    "same": N_("Since %(day)s (%(before)s) no change beyond measurement error."),
    "unknown": N_(
        "On %(day)s: %(before)s. No limit of measurement error is published, so the change is not judged."
    ),
}
MATTERS = {
    "better": N_("Better than on %(day)s (%(before)s), by a size that matters to older people (%(source)s)."),
    "worse": N_("Worse than on %(day)s (%(before)s), by a size that matters to older people (%(source)s)."),
}
"""Where no limit of measurement error is published, but a size of change that people feel."""
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
    """One finding as the page shows it; `said` are verdicts with their sign, `change` the one against before.

    parts are points of a score by name, others further published values, notes what else is to be known.
    """

    title: str
    test: str
    value: float | None
    text: str
    unit: str
    range: Range | None
    said: tuple[tuple[str, str], ...]
    change: tuple[str, str] | None
    change_source: str
    parts: tuple[tuple[str, str], ...]
    others: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def marked(self) -> bool:
        """True when a rule is met: somebody should look at it."""
        return any(kind == "warn" for kind, _ in self.said)


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
        text=_text(finding),
        unit=unit,
        range=None if norm is None or norm.band is None else _range(call, norm, unit, language),
        said=_said(call, finding, unit, language),
        change=_change(call, finding, unit),
        change_source=_change_source(call, finding.change),
        parts=tuple((call.say(name), "–" if n is None else str(n)) for name, n in finding.parts.items()),
        others=tuple(text for one in finding.others if (text := _other(call, one, unit, language))),
        notes=_notes(call, finding),
    )


def _said(call: Call, finding: Finding, unit: str, language: Language) -> tuple[tuple[str, str], ...]:
    """What the rules say, each with its limit."""
    said = [(_kind(one), _verdict(call, one, language)) for one in finding.verdicts]
    if finding.low is not None and finding.value is not None:
        met = finding.value < finding.low
        text = call.say(LOW_POWER, met=_yes(call, met), limit=f"{finding.low:g} {unit}")
        said.append(("warn" if met else "good", text))
    return tuple(said)


def _kind(verdict: Verdict) -> str:
    return "plain" if verdict.met is None else "warn" if verdict.met else "good"


def _yes(call: Call, met: bool) -> str:
    return call.say("yes") if met else call.say("no")


def _verdict(call: Call, verdict: Verdict, language: Language) -> str:
    """One rule: `CDC STEADI, at risk of falling: yes (13.3 s; limit: 12 s or more)`."""
    from gaitsignal.scoring.rule_set import rule_set
    from osteogait.report.quantities import unit_text

    rules = rule_set(verdict.rule_set)
    names = {"rules": rules.short, "what": rules.brief(verdict.item, call.lang)}
    if verdict.met is None:
        return call.say("%(rules)s gives no limit for this age.", **names)
    compared = verdict.comparisons[0]
    unit = unit_text(compared.unit, language)
    value, limit = (f"{number} {unit}".strip() for number in (compared.shown, f"{compared.limit:g}"))
    said = call.say(LIMITS[compared.comparison], limit=limit)
    return call.say(
        "%(rules)s, %(what)s: %(met)s (%(value)s; %(said)s)",
        met=_yes(call, verdict.met), value=value, said=said, **names,
    )  # fmt: skip


def _text(finding: Finding) -> str:
    if finding.value is None:
        return "–"
    return f"{finding.value:.2f}" if finding.key in RATIOS else shown(finding.value, finding.unit)


def _test(call: Call, finding: Finding) -> str:
    from osteogait.screening.battery import test
    from osteogait.screening.test_guide import BATTERY_TITLES

    title = BATTERY_TITLES[finding.test] if finding.test in BATTERY_TITLES else test(finding.test).title
    return call.say(title)


def _range(call: Call, norm: Norm, unit: str, language: Language) -> Range | None:
    band = norm.band
    if band is None:
        return None
    words = language.text(
        "clinic.band",
        who=language.text(f"clinic.band_who.{norm.sex or 'any'}"),
        ages=_ages(norm, language),
        low=f"{band.low:g}",
        high=f"{band.high:g}",
        unit=unit,
        kind=language.text(f"clinic.band_kind.{band.kind}"),
    )
    return Range(
        band.low, band.mid, band.high, words.strip(), _source(call, norm, language), band.kind != "ci"
    )


def _ages(norm: Norm, language: Language) -> str:
    first, last = norm.ages
    return f"{first}{language.text('to')}{last}" if last < OLDEST else f"{first}+"


def _source(call: Call, norm: Norm, language: Language) -> str:
    """Where the values come from, of how many and of whom, as far as it is published."""
    people = []
    if norm.n is not None:
        people.append(language.text("clinic.people", n=f"{norm.n:,}"))
    elif norm.studies is not None:
        people.append(language.text("clinic.studies", n=norm.studies))
    return language.series([call.say(norm.source), *people, norm.population[language.code]])


def _other(call: Call, norm: Norm, unit: str, language: Language) -> str:
    """A published middle or end in one line; empty for a row that has neither."""
    fields = {"ages": _ages(norm, language), "unit": unit, "source": _source(call, norm, language)}
    if norm.worse_than_average is not None:
        limit = f"{norm.worse_than_average:g}"
        return call.say(
            "Age %(ages)s: above %(limit)s %(unit)s is worse than average. %(source)s", limit=limit, **fields
        )
    if norm.mean is None:
        return ""
    return call.say("Age %(ages)s: mean %(mean)s %(unit)s. %(source)s", mean=f"{norm.mean:g}", **fields)


def _change(call: Call, finding: Finding, unit: str) -> tuple[str, str] | None:
    change, before = finding.change, finding.before
    if change is None or before is None:
        return None
    kind = _direction(change)
    value = f"{shown(change.before, finding.unit)} {unit}".strip()
    felt = next(
        (rule for rule in change.rules if rule.kind == "important" and rule.grade == change.important), None
    )
    if kind == "unknown" and felt is not None:
        way = _way(change)
        said = call.say(MATTERS[way], day=date(call, before.started), before=value, source=felt.source)
        return CHANGE_KINDS[way], said
    return CHANGE_KINDS[kind], call.say(CHANGES[kind], day=date(call, before.started), before=value)


def _direction(change: Change) -> str:
    if change.real is None:
        return "unknown"
    return _way(change) if change.real else "same"


def _way(change: Change) -> str:
    return "better" if (change.after < change.before) == (change.key in LESS_IS_BETTER) else "worse"


def _change_source(call: Call, change: Change | None) -> str:
    rule = None if change is None else next((one for one in change.rules if one.kind == "mdc95"), None)
    if rule is None:
        return ""
    source = call.say(rule.source)
    return source if rule.n is None else f"{source}, n = {rule.n}"


def _notes(call: Call, finding: Finding) -> tuple[str, ...]:
    from osteogait.screening.battery import test

    notes = [call.say(text) for text in finding.remarks]
    if finding.missing:
        names = call.say(", ").join(call.say(test(name).title) for name in finding.missing)
        notes.append(call.say("Not known without: %(tests)s.", tests=names))
    if finding.key in TIMED and finding.value is not None:
        notes.append(call.say(BY_STOPWATCH))
    return tuple(notes)
