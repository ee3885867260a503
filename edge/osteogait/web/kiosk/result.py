"""What came out, in plain words, one page: what is fine, what to watch, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.assessment.translation import in_language
from osteogait.web.access import Unknown
from osteogait.web.kiosk.steps import SARC_F_CUT, sarc_f
from osteogait.web.kiosk.visit import answers, whose
from osteogait.web.language import N_

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

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
    "low": N_("By your age and weight alone, weak bones are not likely (OSTA index %(score)s)."),
    "medium": N_(
        "By your age and weight alone, weak bones are possible (OSTA index %(score)s). A bone density test would tell."
    ),
    "high": N_(
        "By your age and weight alone, weak bones are likely (OSTA index %(score)s). Please have your bones tested."
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject: `watch` marks what a doctor should look at."""

    title: str
    text: str
    watch: bool


def make(call: Call) -> Response:
    """The assessment of this visit, kept for the clinician."""
    from osteogait.assessment.visit import assess_and_keep

    person, visit = whose(call)
    assess_and_keep(call.station, person.id, visit, lang=call.lang, actor=call.actor)
    return call.go("kiosk.result")


def show(call: Call) -> Response:
    """The page; it comes from the kept result, so that a change of language changes no number."""
    person, visit = whose(call)
    kept = [one for one in call.station.store.results_of(person.id) if one.visit_id == visit]
    if not kept:
        raise Unknown
    document = in_language(kept[-1].assessment, call.lang)
    found = (*_questions(call), *_tests(call, document), *_bones(call, document))
    call.audit("view", f"result:{kept[-1].id}")
    return call.page(
        "kiosk/result.html.j2", findings=found, advice=_advice(call, found), numbers=_numbers(call, document),
        repeated=[one for one in document["recordings"] if not one["usable"]],
    )  # fmt: skip


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
        text, score = OSTA[osta["class"]], osta["score"]
        yield Finding(call.say(N_("Bones")), call.say(text, score=score), osta["class"] != "low")


def _advice(call: Call, findings: tuple[Finding, ...]) -> list[str]:
    """What to do next; never what to take."""
    said = [N_("Talk to the staff or to your doctor about this page.")]
    if any(finding.watch for finding in findings):
        said.append(
            N_("Ask whether a bone density test and a closer look at your strength make sense for you.")
        )
    said.append(N_("Exercise that trains strength and balance helps at any age. Ask which one suits you."))
    return [call.say(text) for text in said]


def _numbers(call: Call, document: dict[str, Any]) -> list[str]:
    """Fracture and fall probabilities in words, where the administrator lets the kiosk show them."""
    if not call.station.settings.get("kiosk_shows_fracture", False):
        return []
    from osteogait.report.build import build_report

    page = build_report(document, lang=call.lang).person
    return [sentence for card in page.cards for sentence in card.sentences]
