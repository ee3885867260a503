"""What a person agrees to, purpose by purpose; the words are shown in the person's own language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.clinic.purposes import PURPOSES, TEXT_VERSION
from osteogait.web.access import Unknown
from osteogait.web.language import LOCALES, N_, translations
from osteogait.web.therapist.days import date
from osteogait.web.therapist.names import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from osteogait.web.call import Call

TITLES = {
    "test": N_("The tests and their result"),
    "research": N_("Research"),
    "cloud": N_("Sending to another place"),
    "genetics": N_("Genetic values"),
}
TEXTS = {
    "test": N_(
        "I agree that a sensor on my lower back records how I stand, walk and get up, and that this clinic keeps the "
        "recordings, my answers and my values to work out a result for me. I may stop at any time."
    ),
    "research": N_(
        "I agree that my recordings and values may be used for research, without my name. "
        "My care is the same if I say no."
    ),
    "cloud": N_(
        "I agree that my results may be sent from this box to the clinic's server. Without this they stay in this box."
    ),
    "genetics": N_(
        "I agree that genetic values from my laboratory report are kept and used for my result. "
        "They are never sent from this box unless I also agree to that."
    ),
}


def show(call: Call) -> Response:
    """All purposes with what was agreed to, and a form for what was not."""
    call.audit("view", f"person:{call.params['person']}", what="consent")
    return _page(call, "")


def give(call: Call) -> Response:
    """The ticked purposes are agreed to from now on, signed by the name typed."""
    person, signer = call.params["person"], call.form.text("signer")
    ticked = [purpose for purpose in PURPOSES if purpose in call.form.all("purpose")]
    if not signer:
        return _page(
            call, call.say("Please enter who agrees: the person's own name, or who signs for them."), 422
        )
    if not ticked:
        return _page(call, call.say("Nothing is ticked. Without consent to the tests none can be done."), 422)
    lang = call.form.text("text_lang")
    with call.station.store.transaction():
        for purpose in ticked:
            call.station.consents.give(
                person, purpose, lang=lang if lang in LOCALES else call.lang, signer=signer, by=call.actor
            )
        call.audit("consent", f"person:{person}", given=",".join(ticked), text=TEXT_VERSION)
    return call.go("therapist.batteries" if "test" in ticked else "therapist.person", person=person)


def withdraw(call: Call) -> Response:
    """Taken back: from now on nothing is done with it for that purpose."""
    person, purpose = call.params["person"], call.form.text("purpose")
    if purpose not in PURPOSES:
        raise Unknown
    with call.station.store.transaction():
        call.station.consents.withdraw(person, purpose, call.actor)
        call.audit("consent", f"person:{person}", withdrawn=purpose)
    return call.go("therapist.consent", person=person)


def _page(call: Call, problem: str, status: int = 200) -> Response:
    person = call.params["person"]
    lang = call.query.get("text") or call.form.text("text_lang") or call.lang
    lang = lang if lang in LOCALES else call.lang
    given, say = call.station.consents.of(person), translations(lang).gettext
    held = {purpose: _given(call, given[purpose]) for purpose in given if given[purpose].holds}
    return call.page(
        "therapist/consent.html.j2",
        status=status,
        who=named(call, person),
        purposes=[(purpose, say(TITLES[purpose]), say(TEXTS[purpose])) for purpose in PURPOSES],
        held=held,
        ticked=call.form.all("purpose") or ("test",),
        signer=call.form.text("signer") or _name(call, person),
        text_lang=lang,
        version=TEXT_VERSION,
        problem=problem,
    )


def _given(call: Call, consent: object) -> Mapping[str, str]:
    return {"signer": consent.signer, "day": date(call, consent.given), "version": consent.text_version}  # type: ignore[attr-defined]


def _name(call: Call, person: str) -> str:
    identity = call.station.identities.get(person)
    return "" if identity is None else identity.name
