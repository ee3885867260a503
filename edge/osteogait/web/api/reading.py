"""What the API answers: pseudonyms, values, results; never a name."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from osteogait.report.withheld import is_genotype, rests_on_genotypes
from osteogait.web.access import Unknown

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.records import Person, Result, Value
    from osteogait.web.call import Call

TEST, GENETICS = "test", "genetics"


def health(call: Call) -> Response:
    """That the box answers, and which software it runs."""
    return _json({"status": "ok", "software": {"name": "osteogait", "version": version("osteogait")}})


def people(call: Call) -> Response:
    """Everybody who agrees to the tests now, by pseudonym."""
    call.audit("view", "people", by="api")
    agreeing = call.station.consents.agreeing(TEST)
    return _json({"people": [_person(one) for one in call.station.store.people() if one.id in agreeing]})


def values(call: Call) -> Response:
    """The values of one person that have not been withdrawn, oldest first; genotypes only with their own consent."""
    person = _agreeing(call, call.params["person"])
    call.audit("view", f"person:{person}", what="values", by="api")
    genetics = GENETICS in call.station.consents.held(person)
    known = (one for one in call.station.store.values_of(person) if one.withdrawn is None)
    return _json({"values": [_value(one) for one in known if genetics or not is_genotype(one.variable)]})


def results(call: Call) -> Response:
    """The results of one person, oldest first, each with its state."""
    person = _agreeing(call, call.params["person"])
    call.audit("view", f"person:{person}", what="results", by="api")
    return _json({"results": [_summary(call, one) for one in call.station.store.results_of(person)]})


def result(call: Call) -> Response:
    """One result whole: the assessment as docs/contracts/assessment-1.schema.json describes it.

    Nothing is taken out of it, so one that rests on genotypes needs their consent too.
    """
    found = call.station.store.result(call.params["result"])
    if found is None:
        raise Unknown
    _agreeing(call, found.person_id)
    if rests_on_genotypes(found.assessment):
        call.station.consents.require(found.person_id, GENETICS)
    call.audit("view", f"result:{found.id}", by="api")
    return _json(_summary(call, found) | {"assessment": found.assessment})


def _agreeing(call: Call, person: str) -> str:
    """`person`; NotPermitted once they took back their consent: what leaves the box ends with it."""
    call.station.consents.require(person, TEST)
    return person


def _json(content: dict[str, Any]) -> Response:
    from starlette.responses import Response

    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json")


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "birth_year": person.birth_year,
        "sex": person.sex,
        "created": _time(person.created),
    }


def _value(value: Value) -> dict[str, Any]:
    return {
        "id": value.id,
        "variable": value.variable,
        "value": value.value,
        "unit": value.unit,
        "comparator": value.comparator,
        "as_written": {"value": value.written_value, "unit": value.written_unit},
        "source": value.source,
        "taken_at": _time(value.taken_at),
    }


def _summary(call: Call, result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "person": result.person_id,
        "visit": result.visit_id,
        "created": _time(result.created),
        "state": call.station.signatures.state(result),
        "supersedes": result.supersedes,
        "sha256": result.sha256,
        "model": {"version": result.model_version, "sha256": result.model_sha256},
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
