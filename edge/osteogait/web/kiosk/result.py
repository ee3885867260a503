"""What came out, in plain words, one page: what is fine, what to watch, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.assessment.translation import in_language
from osteogait.screening.battery import test
from osteogait.web.kiosk.steps import SARC_F_CUT, questions, sarc_f
from osteogait.web.kiosk.visit import answered, answers, whose
from osteogait.web.language import N_

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.report.data import ClinicPages
    from osteogait.storage.records import Result
    from osteogait.web.call import Call

SHORT = 6
"""Characters of the pseudonym: as staff see it in their lists."""
RULES = "awgs2019"
"""Cut-offs of walking and rising: Chen et al., J Am Med Dir Assoc 2020;21:300."""
MEASURED = {
    "gait_speed": (
        N_("Walking"),
        N_("You walked at %(value)s metres a second. Doctors look closer below %(limit)s."),
    ),
    "chair_stand_5x": (
        N_("Getting up"),
        N_("You stood up five times in %(value)s seconds. Doctors look closer from %(limit)s seconds on."),
    ),
}
OSTA = {
    "low": N_("By your age and weight alone, weak bones are not likely."),
    "medium": N_("By your age and weight alone, weak bones are possible. A bone density test would tell."),
    "high": N_("By your age and weight alone, weak bones are likely. Please have your bones tested."),
}
OSTA_CLASS = {"low": N_("low risk"), "medium": N_("medium risk"), "high": N_("high risk")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject: `watch` marks what a doctor should look at."""

    title: str
    text: str
    watch: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The page: what was found, what was not measured, what to do next; below it what a doctor reads."""

    findings: tuple[Finding, ...]
    not_measured: tuple[str, ...]
    advice: tuple[str, ...]
    numbers: tuple[str, ...]
    for_doctor: tuple[str, ...]
    notice: str
    made: str


def make(call: Call) -> Response:
    """The assessment of this visit, kept for the clinician; made once for what was answered and done."""
    from osteogait.assessment.visit import assess_and_keep

    person, visit = whose(call)
    call.station.consents.require(person.id, "test")
    if not _is_made(call):
        assess_and_keep(call.station, person.id, visit, lang=call.lang, actor=call.actor)
    return call.go("kiosk.result")


def show(call: Call) -> Response:
    """The page, and before there is a result the one that asks for it."""
    person, _ = whose(call)
    kept = newest(call)
    if kept is None:
        call.station.consents.require(person.id, "test")
        return call.page(
            "kiosk/last.html.j2", back_to=call.url("kiosk.question", number=len(questions(person.sex)))
        )
    told = tell(call, kept)
    call.audit("view", f"result:{kept.id}")
    return call.page("kiosk/result.html.j2", told=told)


def newest(call: Call) -> Result | None:
    """The newest result of this visit."""
    person, visit = whose(call)
    kept = [one for one in call.station.store.results_of(person.id) if one.visit_id == visit]
    return kept[-1] if kept else None


def _is_made(call: Call) -> bool:
    """Whether nothing was answered or done since the result."""
    _, visit = whose(call)
    kept = newest(call)
    if kept is None:
        return False
    done = [value.created for value in answered(call)]
    done += [trial.created for trial in call.station.trials.of_visit(visit)]
    return all(when is not None and when <= kept.created for when in done)


def tell(call: Call, kept: Result) -> Told:
    """A kept result in plain words; a change of language changes no number."""
    from osteogait.report.build import build_report
    from osteogait.report.language import load_language
    from osteogait.report.quantities import date_text
    from osteogait.web.clinician.endorsement import judged

    document = in_language(kept.assessment, call.lang)
    found = (*_questions(call), *_tests(call, document), *_bones(call, document))
    report = build_report(document, lang=call.lang, judged=judged(call, kept.id))
    shown = bool(call.station.settings.get("kiosk_shows_fracture", False))
    cards = report.person.cards if shown else ()
    return Told(
        findings=found,
        not_measured=_not_measured(call),
        advice=_advice(call, found, shown=shown),
        numbers=tuple(sentence for card in cards for sentence in card.sentences),
        for_doctor=_for_doctor(call, document, report.clinic),
        notice=report.notice,
        made=date_text(kept.created.astimezone().isoformat(), load_language(call.lang)),
    )


def _questions(call: Call) -> Iterator[Finding]:
    points = sarc_f(answers(call))
    if points is None:
        return
    watch = points >= SARC_F_CUT
    text = (
        N_("Your answers speak of weak muscles (%(points)s of 10 points).")
        if watch
        else N_("Your answers do not speak of weak muscles (%(points)s of 10 points).")
    )
    yield Finding(call.say(N_("Strength in daily life")), call.say(text, points=points), watch)


def _tests(call: Call, document: Mapping[str, Any]) -> Iterator[Finding]:
    """The measured tests beside the cut-offs of one rule set, each with its own number."""
    compared = [
        one
        for verdict in document["verdicts"]
        if verdict["rule_set"] == RULES
        for one in verdict["compared"]
        if one["feature"] in MEASURED
    ]
    for one in compared:
        title, text = MEASURED[one["feature"]]
        value = document["values"][one["feature"]]["value"]
        shown = f"{value:.2f}" if one["feature"] == "gait_speed" else f"{value:.1f}"
        said = call.say(text, value=shown, limit=f"{one['limit']:g}")
        yield Finding(call.say(title), said, bool(one["met"]))


def _bones(call: Call, document: Mapping[str, Any]) -> Iterator[Finding]:
    osta = document["tools"]["osta"]
    if osta is not None:
        risk = osta["class"]
        yield Finding(call.say(N_("Bones")), call.say(OSTA[risk]), risk != "low")


def _not_measured(call: Call) -> tuple[str, ...]:
    """Movements that were tried, none of them well enough to be used."""
    _, visit = whose(call)
    tries = call.station.trials.of_visit(visit)
    used = {one.test for one in tries if one.state == "accepted"}
    tried = dict.fromkeys(one.test for one in tries if one.state in ("rejected", "repeated"))
    return tuple(call.say(test(name).title) for name in tried if name not in used)


def _advice(call: Call, findings: tuple[Finding, ...], *, shown: bool) -> tuple[str, ...]:
    """What to do next; never what to take."""
    said = [N_("Show this page to the staff or to your doctor.")]
    if any(finding.watch for finding in findings):
        said.append(
            N_("Ask whether a bone density test and a closer look at your strength make sense for you.")
        )
    if not shown:
        said.append(
            N_("How likely a broken bone is in the next years, a doctor looks at first and then tells you.")
        )
    said.append(N_("Exercise that trains strength and balance helps at any age. Ask which one suits you."))
    return tuple(call.say(text) for text in said)


def _for_doctor(call: Call, document: Mapping[str, Any], clinic: ClinicPages) -> tuple[str, ...]:
    """The same in the words of the trade, with reference ranges and their sources."""
    person, _ = whose(call)
    points, osta = sarc_f(answers(call)), document["tools"]["osta"]
    said = [call.say("Found at this station under %(mark)s.", mark=person.id[:SHORT].upper())]
    if points is not None:
        said.append(call.say("SARC-F: %(points)s of 10 (cut-off %(cut)s).", points=points, cut=SARC_F_CUT))
    if osta is not None:
        risk = OSTA_CLASS[osta["class"]]
        said.append(call.say("OSTA index: %(score)s (%(risk)s).", score=osta["score"], risk=call.say(risk)))
    for row in clinic.function:
        beside = "; ".join(f"{words}: {side}" for words, side in row.reference)
        said.append(f"{row.name}: {row.value}. {beside}")
    return (*said, *clinic.sources) if clinic.function else tuple(said)
