"""What the tests of a visit found, each beside its norm, the rules, and the visit before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from osteogait.screening.composed import romberg_rms, sppb_score, tandem_s
from osteogait.screening.test_guide import N_

if TYPE_CHECKING:
    from gaitsignal.change import Change
    from gaitsignal.norms import Band, Norm
    from gaitsignal.scoring.verdict import Verdict
    from osteogait.storage.records import Visit
    from osteogait.storage.store import Store
    from osteogait.storage.trials import Trial, Trials

RULE_SETS = ("awgs2019", "steadi", "china2018")
"""Those of the assessment; the report may ask for others."""


class Kept(Protocol):
    """Where visits and their tests are kept."""

    @property
    def store(self) -> Store:
        """People and visits."""

    @property
    def trials(self) -> Trials:
        """Tests."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How one measure of a protocol is shown: its words, its norm (measure, method), its names in the rules."""

    protocol: str
    key: str
    title: str
    norm: tuple[str, str] | None = None
    rules: tuple[str, ...] = ()


SHOWN = (
    Shown(
        "walk", "walking_speed", N_("Walking speed"), ("gait_speed", "stopwatch_20ft"), ("gait_speed", "gait_speed_6m")
    ),
    Shown("timed_up_and_go", "tug_total", N_("Up and go, time"), ("tug", "stopwatch"), ("tug",)),
    Shown(
        "chair_stand_5x", "total_time", N_("Five times up, time"), ("chair_stand_5x", "stopwatch"), ("chair_stand_5x",)
    ),
    Shown("chair_stand_30s", "repetitions", N_("Times up in 30 seconds"), ("stands_30s", "count"), ("stands_30s",)),
    Shown("one_leg", "hold_time", N_("On one leg, time"), None, ("one_leg_open",)),
    Shown("quiet_stance", "rms", N_("Sway while standing")),
)  # fmt: skip
SPPB = Shown("sppb", "sppb", N_("SPPB, points of 12"), None, ("sppb",))
TANDEM = Shown("four_stage", "tandem", N_("Heel to toe, time held"), None, ("tandem",))
ROMBERG = Shown("quiet_stance", "romberg_rms", N_("Sway, eyes closed over open"))


@dataclass(frozen=True, slots=True)
class Finding:
    """One number about the person.

    title     a sentence of the catalogue; variant: left, right, closed_firm ... of the test
    norm      published values beside it, got with a stopwatch or by counting; None where there are none
    verdicts  what rules say on it, met or not
    change    against the newest earlier visit with the same test; `before` is that visit
    missing   what was not done and leaves the number unknown (value None), names of tests
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
    """Everything that the accepted tests of `visit` found, in the order of the tests; () for an unknown visit."""
    found = kept.store.visit(visit)
    person = None if found is None else kept.store.person(found.person_id)
    if found is None or person is None:
        return ()
    about = _Person(found.started.year - person.birth_year, person.sex)
    today = kept.trials.of_visit(visit)
    earlier = _earlier(kept, found)
    simple = [_with_change(_simple(trial, shown, about), earlier) for trial, shown in _accepted(today)]
    return (*simple, *_composed(today, about, earlier))


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
    from gaitsignal.norms import norm_beside

    norm = None if shown.norm is None else norm_beside(*shown.norm, about.age, about.sex)
    said = () if value is None else _verdicts(shown.rules, value, about)
    return Finding(shown.key, test, shown.title, value, unit, variant, norm, said)


def _verdicts(names: Sequence[str], value: float, about: _Person) -> tuple[Verdict, ...]:
    """What the rules say that look at this value alone."""
    from gaitsignal.scoring.rule_set import rule_set
    from gaitsignal.scoring.verdict import judge

    said: list[Verdict] = []
    for rules in RULE_SETS:
        numbers = {name: value for name in names if name in rule_set(rules).values}
        if numbers:
            judged = judge(rules, numbers, about.sex, about.age)
            said += [one for one in judged if one.met is not None and one.comparisons]
    return tuple(said)


# --- scores of several tests ------------------------------------------------------------------------------------


def _composed(
    today: Sequence[Trial], about: _Person, earlier: Sequence[tuple[Visit, Sequence[Trial]]]
) -> list[Finding]:
    found: list[Finding] = []
    score = sppb_score(today)
    if score is not None:
        points, missing = score
        finding = _judged(SPPB, "sppb", points, "1", about)
        found.append(_sppb_change(replace(finding, missing=missing), earlier))
    held = tandem_s(today)
    if held is not None:
        found.append(_judged(TANDEM, "stage_tandem", held, "s", about))
    ratio = romberg_rms(today)
    if ratio is not None:
        found.append(_judged(ROMBERG, "quiet_stance_closed", ratio, "1", about))
    return found


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
        if score is not None and score[0] is not None:
            return _changed(finding, score[0], visit, None)
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
