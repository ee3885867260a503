"""What a clinician does with a result: assess, comment, override with a reason, sign, amend; nothing is overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import OsteogaitError, Rejected
from osteogait.report.document import OUTCOMES
from osteogait.web.access import Unknown
from osteogait.web.clinician.proof import proven
from osteogait.web.clinician.result import CONCLUSIONS, page
from osteogait.web.clinician.subject import result_of, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from osteogait.web.call import Call

REFUSED = 422


def assess(call: Call) -> Response:
    """A new preliminary report of a visit, from what is known now."""
    from osteogait.assessment.visit import assess_and_keep

    visit = call.station.store.visit(call.params["visit"])
    if visit is None:
        raise Unknown
    made = assess_and_keep(call.station, visit.person_id, visit.id, lang=call.lang, actor=call.actor)
    return call.go("clinician.result", result=made)


def again(call: Call) -> Response:
    """Another version of a result, from what is known now; the earlier one stays as it is."""
    from osteogait.assessment.visit import assess_and_keep

    earlier = result_of(call)
    try:
        made = assess_and_keep(
            call.station,
            earlier.person_id,
            earlier.visit_id,
            lang=call.lang,
            actor=call.actor,
            supersedes=earlier.id,
        )
    except Rejected as error:
        return _refused(call, error.message(call.lang))
    return call.go("clinician.result", result=made)


def comment(call: Call) -> Response:
    """A remark of the clinician."""
    text = call.form.text("comment")
    if not text:
        return _refused(call, call.say("Please write the comment first."))
    return _kept(call, "comment", text, None)


def override(call: Call) -> Response:
    """The clinician concludes otherwise on one outcome, with the reason."""
    outcome, conclusion, reason = (call.form.text(name) for name in ("outcome", "conclusion", "reason"))
    if outcome not in OUTCOMES or conclusion not in CONCLUSIONS:
        return _refused(call, call.say("Please choose the outcome and your conclusion."))
    if not reason:
        return _refused(call, call.say("An override needs its reason."))
    return _kept(call, "override", reason, {"outcome": OUTCOMES.index(outcome), "conclusion": conclusion})


def sign(call: Call) -> Response:
    """The report becomes final; PIN or password are asked again."""
    if not call.form.has("read"):
        return _refused(call, call.say("Please confirm that you have read the report."))
    try:
        mine = proven(call)
    except OsteogaitError as error:
        return _refused(call, error.message(call.lang))
    if not mine:
        return _refused(call, call.say("PIN or password is not right. The report is not signed."))
    return _kept(call, "sign", call.form.text("comment") or None, None)


def _kept(call: Call, kind: str, text: str | None, conclusion: Mapping[str, object] | None) -> Response:
    """The act and its row of audit, both or neither."""
    result, station = result_of(call), call.station
    assert call.user is not None  # noqa: S101 - these places are for accounts alone
    try:
        with station.store.transaction():
            station.signatures.add(result, call.user.id, kind, comment=text, override=conclusion)
            action = "sign" if kind == "sign" else "change"
            call.audit(action, f"result:{result.id}", act=kind, sha256=result.sha256)
    except OsteogaitError as error:
        return _refused(call, error.message(call.lang))
    return call.go_to(call.url("clinician.result", result=result.id) + "#acts")


def _refused(call: Call, problem: str) -> Response:
    return page(call, shown(call, result_of(call)), problem=problem, status=REFUSED)
