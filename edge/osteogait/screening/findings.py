"""What the tests of a visit found, each beside its norm, the rules, and the visit before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from osteogait.screening import shown as words
from osteogait.screening.composed import (
    could_not_rise,
    four_m_s,
    romberg_rms,
    sppb_score,
    tandem_s,
    walked_4m,
)
from osteogait.screening.shown import ROMBERG, SHOWN, SPEED_4M, SPPB, TANDEM, Shown

if TYPE_CHECKING:
    from gaitsignal.change import Change
    from gaitsignal.norms import Band, Norm
    from gaitsignal.scoring.verdict import Verdict
    from osteogait.storage.records import Visit
    from osteogait.storage.store import Store
    from osteogait.storage.trials import Trial, Trials

RULE_SETS = ("awgs2019", "steadi", "china2018")
"""Those of the assessment; the report may ask for others."""
METRES = 4.0
NO_LIMIT = "age_not_covered"


class Kept(Protocol):
    """Where visits and their tests are kept."""

    @property
    def store(self) -> Store:
        """People and visits."""

    @property
    def trials(self) -> Trials:
        """Tests."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One number about the person.

    title     a sentence of the catalogue; variant: left, right, closed_firm ... of the test
    norm      published values beside it, got with a stopwatch or by counting; None where there are none
    verdicts  what rules say on it, met or not
    change    against the newest earlier visit with the same test; `before` is that visit
    missing   what was not done and leaves the number unknown (value None), names of tests
    others    further published values of the same measure; low: the limit under which the number is low
    parts     points of the parts of a score, by sentences of the catalogue
    remarks   what else is to be said, sentences of the catalogue
    """

    key: str
    test: str
    title: str
    value: float | None
    unit: str
    variant: str | None = None
    norm: Norm | None = None
    verdicts: tuple[Verdict, ...] = ()
    change: Change | None = None
    before: Visit | None = None
    missing: tuple[str, ...] = ()
    others: tuple[Norm, ...] = ()
    low: float | None = None
    parts: Mapping[str, int | None] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def band(self) -> Band | None:
        """The range of the norm."""
        return None if self.norm is None else self.norm.band

    @property
    def at_risk(self) -> bool:
        """True when a rule is met."""
        return any(verdict.met for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class _Person:
    age: float
    sex: str


def findings(kept: Kept, visit: str) -> tuple[Finding, ...]:
    """Everything that the accepted tests of `visit` found, the score of a battery first; () for an unknown visit."""
    found = kept.store.visit(visit)
    person = None if found is None else kept.store.person(found.person_id)
    if found is None or person is None:
        return ()
    about = _Person(found.started.year - person.birth_year, person.sex)
    today = kept.trials.of_visit(visit)
    earlier = _earlier(kept, found)
    simple = [_with_change(_simple(trial, shown, about), earlier) for trial, shown in _accepted(today)]
    return (*_sppb(today, about, earlier), *simple, *_composed(today, about))


def _accepted(trials: Iterable[Trial]) -> list[tuple[Trial, Shown]]:
    return [
        (trial, shown)
        for trial in trials
        for shown in SHOWN
        if counts(trial) and trial.protocol == shown.protocol and shown.key in _measures(trial)
    ]


def counts(trial: Trial) -> bool:
    """True for a try that was accepted and can be used."""
    return trial.state == "accepted" and trial.usable


def _measures(trial: Trial) -> Mapping[str, Any]:
    return (trial.measures or {}).get("measures", {})  # type: ignore[no-any-return]


def _simple(trial: Trial, shown: Shown, about: _Person) -> Finding:
    held = _measures(trial)[shown.key]
    return _judged(shown, trial.test, float(held["value"]), held["unit"], about, trial.variant)


def _judged(
    shown: Shown, test: str, value: float | None, unit: str, about: _Person, variant: str | None = None
) -> Finding:
    norm, others = _published(shown, about)
    return Finding(
        shown.key, test, shown.title, value, unit, variant, norm,
        verdicts=() if value is None else _verdicts(shown.rules, value, about),
        others=others, low=_low(shown, about), remarks=_remarks(shown, value, about),
    )  # fmt: skip


def _published(shown: Shown, about: _Person) -> tuple[Norm | None, tuple[Norm, ...]]:
    """The row to stand beside the value, and the other rows for such a person."""
    from gaitsignal.norms import norm_beside, norms_for

    if shown.norm is None:
        return None, ()
    norm = norm_beside(*shown.norm, about.age, about.sex)
    return norm, tuple(one for one in norms_for(*shown.norm, about.age, about.sex) if one is not norm)


def _low(shown: Shown, about: _Person) -> float | None:
    if shown.title != words.LEG_POWER or about.age < words.LOW_POWER_AGES:
        return None
    return words.LOW_POWER_W_KG.get(about.sex)


def _remarks(shown: Shown, value: float | None, about: _Person) -> tuple[str, ...]:
    slow = "gait_speed" in shown.rules and value is not None and value < words.SLOW_M_S
    found = (shown.remark, words.SLOW_WOMAN if slow and about.sex == "female" else "")
    return tuple(text for text in found if text)


def _verdicts(names: Sequence[str], value: float, about: _Person) -> tuple[Verdict, ...]:
    """What the rules say that look at this value alone, or that they say nothing at this age."""
    from gaitsignal.scoring.rule_set import rule_set
    from gaitsignal.scoring.verdict import judge

    said: list[Verdict] = []
    for rules in RULE_SETS:
        numbers = {name: value for name in names if name in rule_set(rules).values}
        if numbers:
            judged = judge(rules, numbers, about.sex, about.age)
            said += [one for one in judged if one.comparisons or one.reason == NO_LIMIT]
    return tuple(said)


# --- scores of several tests ------------------------------------------------------------------------------------


def _composed(today: Sequence[Trial], about: _Person) -> list[Finding]:
    found = _stands(today, about)
    held = tandem_s(today)
    if held is not None:
        found.append(_judged(TANDEM, "stage_tandem", held, "s", about))
    ratio = romberg_rms(today)
    if ratio is not None:
        found.append(_judged(ROMBERG, "quiet_stance_closed", ratio, "1", about))
    return found


def _sppb(
    today: Sequence[Trial], about: _Person, earlier: Sequence[tuple[Visit, Sequence[Trial]]]
) -> list[Finding]:
    """The points with those of the parts, and the speed of the walk."""
    score = sppb_score(today)
    if score is None:
        return []
    parts = {words.PARTS[part]: points for part, points in score.parts.items()}
    whole = replace(_judged(SPPB, "sppb", score.points, "1", about), missing=score.missing, parts=parts)
    found, walk = [_sppb_change(whole, earlier)], walked_4m(today)
    if walk is not None:
        speed = _judged(SPEED_4M, walk.test, METRES / four_m_s(walk), "m/s", about)
        flags = {flag["code"] for flag in (walk.measures or {})["flags"]}
        more = (words.ESTIMATED,) if "sppb_time_estimated" in flags else ()
        found.append(replace(speed, remarks=(*more, *speed.remarks)))
    return found


def _stands(today: Sequence[Trial], about: _Person) -> list[Finding]:
    """No rise without the arms is a count too."""
    trial = could_not_rise(today)
    shown = next(one for one in SHOWN if one.protocol == "chair_stand_30s")
    if trial is None:
        return []
    return [replace(_judged(shown, trial.test, 0.0, "1", about), remarks=(words.NO_RISE,))]


# --- against the visit before -----------------------------------------------------------------------------------


def _earlier(kept: Kept, visit: Visit) -> list[tuple[Visit, Sequence[Trial]]]:
    """The visits before this one with their tests, the newest first."""
    visits = [one for one in kept.store.visits_of(visit.person_id) if one.started < visit.started]
    trials = kept.trials.of_person(visit.person_id)
    ordered = sorted(visits, key=lambda one: one.started, reverse=True)
    return [(one, [trial for trial in trials if trial.visit_id == one.id]) for one in ordered]


def _with_change(finding: Finding, earlier: Sequence[tuple[Visit, Sequence[Trial]]]) -> Finding:
    """Against the newest earlier visit at which the same test was accepted; stances only with the same eyes."""
    condition = finding.variant if finding.key == "rms" else None
    for visit, trials in earlier:
        before = [
            float(_measures(one)[finding.key]["value"])
            for one in trials
            if one.test == finding.test and counts(one) and finding.key in _measures(one)
        ]
        if before:
            return _changed(finding, before[-1], visit, condition)
    return finding


def _sppb_change(finding: Finding, earlier: Sequence[tuple[Visit, Sequence[Trial]]]) -> Finding:
    for visit, trials in earlier:
        score = sppb_score(trials)
        if score is not None and score.points is not None:
            return _changed(finding, score.points, visit, None)
    return finding


def _changed(finding: Finding, before: float, visit: Visit, condition: str | None) -> Finding:
    from gaitsignal.change import real_change

    if finding.value is None:
        return finding
    try:
        change = real_change(finding.key, before, finding.value, condition)
    except ValueError:  # a rule by ratio says nothing on a zero
        return finding
    return replace(finding, change=change, before=visit)
