"""The API as its description says: for programs with a token alone, in strict JSON, without a name anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import ignored_auth
from starlette.testclient import TestClient
from visitors import HOST, Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.storage.erase import erase
from osteogait.storage.records import Value
from osteogait.web.api.description import ANSWERS, description
from osteogait.web.app import places
from osteogait.web.place import ANYONE
from osteogait.web.station import Station

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ("Wang Xiulan", "C-1001")


@pytest.fixture
def program(visitors: Visitors) -> Visitor:
    visitor = visitors.service()
    visitor.client.cookies.clear()
    return visitor


def _paths(known: Any) -> dict[str, str]:
    return {path: path.format(**known.params) for path in ANSWERS}


def test_every_place_of_the_api_is_described() -> None:
    served = {place.path for place in places() if place.path.startswith("/api/")}
    assert set(description()["paths"]) == served - {"/api/openapi.json"}
    assert all(place.methods == ("GET",) for place in places() if place.path.startswith("/api/"))


def test_answers_are_as_described_and_nameless(program: Visitor, known: Any) -> None:
    from jsonschema import Draft202012Validator

    for path, schema in ANSWERS.items():
        answer = program.client.get(_paths(known)[path])
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/json"
        Draft202012Validator(schema).validate(json.loads(answer.content, parse_constant=pytest.fail))
        assert not [name for name in NAMES if name in answer.text], path


def test_schemathesis_finds_nothing(program: Visitor, known: Any) -> None:
    schema = schemathesis.openapi.from_dict(description())
    ids = st.sampled_from([*known.params.values(), "0" * 36, "é" * 36])

    @FEW
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from([one.ok() for one in schema.get_all_operations()]))
        case = data.draw(operation.as_strategy())
        if data.draw(st.booleans()):
            case.path_parameters = {name: data.draw(ids) for name in case.path_parameters or {}}
        path = case.path
        for name, value in (case.path_parameters or {}).items():
            path = path.replace(f"{{{name}}}", str(value))
        answer = program.client.get(path, params=dict(case.query or {}))
        found = schemathesis.Response.from_httpx(answer, verify=False)
        case.validate_response(found, excluded_checks=[ignored_auth])  # it asks with a real token

    check()


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.CLINICIAN, Role.ADMINISTRATOR, Role.OWNER])
def test_people_have_no_business_with_it(visitors: Visitors, known: Any, role: Role) -> None:
    visitor = visitors.signed_in(role)
    for path in list(_paths(known).values())[1:]:
        assert visitor.client.get(path).status_code == 403, path


def test_a_guest_and_nobody_read_nothing(visitors: Visitors, known: Any) -> None:
    guest = visitors.guest(known.person, known.visit)
    nobody = TestClient(visitors.app, base_url=HOST)
    for path in list(_paths(known).values())[1:]:
        assert guest.client.get(path).status_code == 403
        answer = nobody.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert nobody.get("/api/health").json()["status"] == "ok"
    assert nobody.get("/api/openapi.json").json() == description()


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer wrong", "Basic eDp5", "Bearer é", "bearer\t"]
)
def test_a_wrong_token_is_no_token(visitors: Visitors, known: Any, header: str) -> None:
    client = TestClient(visitors.app, base_url=HOST, headers={"authorization": header.encode()})
    assert client.get("/api/people").status_code == 401


def test_a_token_opens_no_page_and_a_session_no_api(visitors: Visitors, program: Visitor, known: Any) -> None:
    for place in places():
        if place.roles != ANYONE and not place.path.startswith("/api/") and "GET" in place.methods:
            answer = program.client.get(place.path, follow_redirects=False)
            assert answer.status_code in (403, 404), place.path
    staff = visitors.signed_in(Role.OWNER)
    as_bearer = {"authorization": f"Bearer {staff.client.cookies['osteogait_session']}"}
    assert TestClient(visitors.app, base_url=HOST).get("/api/people", headers=as_bearer).status_code == 401
    token = program.client.headers["authorization"].partition(" ")[2]
    client = TestClient(visitors.app, base_url=HOST, cookies={"osteogait_session": token})
    assert client.get("/api/people").status_code == 401


def test_a_new_token_kills_the_old_and_a_switched_off_account_has_none(visitors: Visitors) -> None:
    import re

    owner, account = visitors.signed_in(Role.OWNER), visitors.account(Role.SERVICE)
    tokens = []
    for _ in range(2):
        owner.get("/accounts")
        page = owner.post(f"/accounts/{account.id}/token").text
        found = re.search(r">\s*([A-Za-z0-9_-]{43})\s*<|value=\"([A-Za-z0-9_-]{43})\"", page)
        assert found is not None
        tokens.append(found[1] or found[2])
    client = TestClient(visitors.app, base_url=HOST)
    codes = [
        client.get("/api/people", headers={"authorization": f"Bearer {one}"}).status_code for one in tokens
    ]
    assert codes == [401, 200]
    owner.get("/accounts")
    owner.post(f"/accounts/{account.id}", {"active": "no"})
    assert client.get("/api/people", headers={"authorization": f"Bearer {tokens[1]}"}).status_code == 401


def test_whoever_was_erased_is_not_found(program: Visitor, known: Any, other: Any, station: Station) -> None:
    erase(station.store, station.documents, station.audit, known.person, "test")
    for path in list(_paths(known).values())[2:]:
        assert program.client.get(path).status_code == 404, path
    listed = program.client.get("/api/people").json()["people"]
    assert [one["id"] for one in listed] == [other.person]


def test_what_leaves_ends_with_the_consent(
    program: Visitor, known: Any, other: Any, station: Station
) -> None:
    station.consents.withdraw(known.person, "test", "t")
    for path in list(_paths(known).values())[2:]:
        assert program.client.get(path).status_code == 403, path
    assert [one["id"] for one in program.client.get("/api/people").json()["people"]] == [other.person]


def test_genotypes_leave_only_with_their_own_consent(
    program: Visitor, known: Any, station: Station, assessment: dict[str, Any]
) -> None:
    gene = Value("rs4355801", 1.0, "1", "upload:genotype_csv")
    station.store.add_values(known.visit, [gene, Value("height", 156.0, "cm", "typed")])
    held = {**assessment["values"], "rs4355801": {"value": 1, "unit": "1", "source": "typed"}}
    result = station.store.add_result(known.visit, {**assessment, "values": held})
    paths = f"/api/people/{known.person}/values", f"/api/results/{result}"
    listed = program.client.get(paths[0]).json()["values"]
    assert [one["variable"] for one in listed] == ["height"]
    assert program.client.get(paths[1]).status_code == 403
    station.consents.give(known.person, "genetics", lang="en", signer="herself", by="t")
    assert len(program.client.get(paths[0]).json()["values"]) == 2
    assert program.client.get(paths[1]).status_code == 200


def test_every_reading_is_in_the_audit(program: Visitor, known: Any, station: Station) -> None:
    before = len(station.audit.rows(None, None))
    for path in list(_paths(known).values())[1:]:
        program.client.get(path)
    rows = station.audit.rows(None, None)[: len(ANSWERS) - 1]
    assert len(station.audit.rows(None, None)) == before + len(ANSWERS) - 1
    assert {row.action for row in rows} == {"view"}
    assert len({row.actor for row in rows}) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed_through_it(program: Visitor, known: Any, method: str) -> None:
    for path in _paths(known).values():
        assert program.client.request(method, path, json={"sex": "male"}).status_code in (403, 404, 405)
