"""The person and the result that a page of this room is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.web.access import Unknown
from osteogait.web.language import N_
from osteogait.web.therapist.names import named
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteogait.report.data import ReportData
    from osteogait.storage.records import Result
    from osteogait.web.call import Call

TABS = (
    ("clinician.person", N_("Reports")),
    ("clinician.values", N_("Values")),
    ("clinician.files", N_("Files")),
    ("clinician.exports", N_("Exports")),
)
STATES = {"preliminary": N_("Preliminary"), "final": N_("Final"), "amended": N_("Final, amended")}
KINDS = {"preliminary": "warn", "final": "good", "amended": "good"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A result as a page shows it: the document in the reader's language and the report's data made of it."""

    result: Result
    document: Mapping[str, Any]
    report: ReportData
    state: str
    replaced_by: str | None


def person_page(call: Call, person: str) -> dict[str, Any]:
    """What every page about a person needs: who it is, and the ways to the other pages about them."""
    tabs = [(name, call.say(text), call.url(name, person=person)) for name, text in TABS]
    return {"who": named(call, person), "tabs": tabs, "notice": notice(call)}


def notice(call: Call) -> str:
    """What must stand on every page with a number of ours."""
    return sentence("notice", call.lang, {})


def result_of(call: Call) -> Result:
    """The result of the address."""
    found = call.station.store.result(call.params["result"])
    if found is None:
        raise Unknown
    return found


def shown(call: Call, result: Result) -> Shown:
    """The result with everything that is said of it, in the language of the reader."""
    from osteogait.report.build import build_report

    document = document_of(call, result, call.lang)
    report = build_report(document, lang=call.lang, sha256=result.sha256)
    return Shown(result, document, report, state_of(call, result), replaced_by(call, result))


def document_of(call: Call, result: Result, lang: str, *, own: bool = False) -> Mapping[str, Any]:
    """The assessment in `lang`; without genotypes where their consent was taken back, unless it is for the person."""
    from osteogait.assessment.translation import in_language
    from osteogait.report.withheld import without_genotypes

    document = in_language(result.assessment, lang)
    agreed = own or "genetics" in call.station.consents.held(result.person_id)
    return document if agreed else without_genotypes(document)


def state_of(call: Call, result: Result) -> str:
    """`preliminary`, `final` or `amended`."""
    return call.station.signatures.state(result)


def account_name(call: Call, account: str) -> str:
    """The name of who did something; the id of an account that is not there any more."""
    found = call.station.accounts.get(account)
    return account if found is None else found.display


def test_name(call: Call, test: str) -> str:
    """What the screen calls a test; its id where no battery holds it any more."""
    from osteogait.errors import UsageError
    from osteogait.screening import battery

    try:
        return call.say(battery.test(test).title)
    except UsageError:
        return test


def replaced_by(call: Call, result: Result) -> str | None:
    """The result that stands in the place of this one."""
    later = [one.id for one in call.station.store.results_of(result.person_id) if one.supersedes == result.id]
    return later[-1] if later else None
