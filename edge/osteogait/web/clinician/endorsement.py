"""What clinicians did with a report, as the sentences that are printed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.clinician.result import CONCLUSIONS
from osteogait.web.clinician.subject import account_name
from osteogait.web.language import N_, translations

if TYPE_CHECKING:
    from osteogait.storage.records import Result
    from osteogait.storage.signatures import Signature
    from osteogait.web.call import Call

SENTENCES = {
    "sign": N_("Final: read and signed by %(name)s on %(moment)s."),
    "comment": N_("Comment of %(name)s, %(moment)s: %(text)s"),
    "override": N_("Override by %(name)s, %(moment)s. %(outcome)s: %(conclusion)s. Reason: %(text)s"),
}
PRELIMINARY = N_("Preliminary: not yet read and signed by a clinician.")
AMENDS = N_("Amended version; the earlier one has the number %(number)s.")


def sentences(call: Call, result: Result, lang: str) -> tuple[str, ...]:
    """The state of the report first, then what was said of it, in `lang`."""
    say = translations(lang).gettext
    acts = call.station.signatures.of(result.id)
    said = [] if any(act.kind == "sign" for act in acts) else [say(PRELIMINARY)]
    if result.supersedes is not None:
        said.append(say(AMENDS) % {"number": result.supersedes[:8]})
    ordered = sorted(acts, key=lambda act: act.kind != "sign")
    return (*said, *(_sentence(call, act, lang) for act in ordered))


def judged(call: Call, result: str) -> dict[str, str]:
    """By outcome, the last conclusion of a clinician that differs from the estimate."""
    from osteogait.report.judgement import conclusions

    return conclusions(call.station.signatures.of(result))


def _sentence(call: Call, act: Signature, lang: str) -> str:
    from osteogait.report.document import OUTCOMES
    from osteogait.report.language import load_language

    say = translations(lang).gettext
    fields = {
        "name": account_name(call, act.account_id),
        "moment": f"{act.created.astimezone():%Y-%m-%d %H:%M}",
        "text": act.comment or "",
    }
    if act.override is not None:
        outcome = OUTCOMES[int(act.override["outcome"])]
        fields["outcome"] = load_language(lang).text(f"clinic.short.{outcome}")
        fields["conclusion"] = say(CONCLUSIONS[act.override["conclusion"]])
    return say(SENTENCES[act.kind]) % fields
