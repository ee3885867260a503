"""The API described in OpenAPI 3.1, from the same table of places; tests hold the answers against it."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

TEXT, NUMBER, TIME = {"type": "string"}, {"type": "number"}, {"type": "string", "format": "date-time"}
ID = {"type": "string", "minLength": 36, "maxLength": 36}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(name: str, item: dict[str, Any]) -> dict[str, Any]:
    return _object(**{name: {"type": "array", "items": item}})


PERSON = _object(
    id=ID, birth_year={"type": "integer"}, sex={"type": "string", "enum": ["female", "male"]}, created=TIME
)
VALUE = _object(
    id=ID, variable=TEXT, value={"anyOf": [NUMBER, TEXT]}, unit=TEXT, comparator=_nullable(TEXT),
    as_written=_object(value=_nullable(TEXT), unit=_nullable(TEXT)), source=TEXT, taken_at=_nullable(TIME),
)  # fmt: skip
SUMMARY: dict[str, dict[str, Any]] = {
    "id": ID, "person": ID, "visit": ID, "created": TIME,
    "state": {"type": "string", "enum": ["preliminary", "final", "amended"]},
    "supersedes": _nullable(ID), "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "model": _object(version=TEXT, sha256=TEXT),
}  # fmt: skip
ANSWERS: dict[str, dict[str, Any]] = {
    "/api/health": _object(status={"const": "ok"}, software=_object(name=TEXT, version=TEXT)),
    "/api/people": _list("people", PERSON),
    "/api/people/{person}/values": _list("values", VALUE),
    "/api/people/{person}/results": _list("results", _object(**SUMMARY)),
    "/api/results/{result}": _object(**SUMMARY, assessment={"type": "object"}),
}


def description() -> dict[str, Any]:
    """The OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "osteogait", "version": version("osteogait")},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": {path: {"get": _operation(path, schema)} for path, schema in ANSWERS.items()},
    }


def describe(call: Call) -> Response:
    """The document, served."""
    from starlette.responses import Response

    return Response(json.dumps(description()), media_type="application/json")


def _operation(path: str, schema: dict[str, Any]) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", path)
    responses: dict[str, Any] = {
        "200": {"description": "found", "content": {"application/json": {"schema": schema}}}
    }
    if path != "/api/health":
        responses["401"] = {"description": "no valid token"}
    if names:
        responses["403"] = {"description": "the person took back the consent that it needs"}
        responses["404"] = {"description": "there is no such thing"}
    return {
        "operationId": path.strip("/").replace("/", "_").replace("{", "").replace("}", ""),
        "parameters": [{"name": name, "in": "path", "required": True, "schema": ID} for name in names],
        "security": [] if path == "/api/health" else [{"token": []}],
        "responses": responses,
    }
