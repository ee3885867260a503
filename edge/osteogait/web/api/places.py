"""The places of the API."""

from __future__ import annotations

from osteogait.clinic.roles import Role
from osteogait.web.api import reading
from osteogait.web.api.description import describe
from osteogait.web.place import ANYONE, Place

SERVICE = frozenset({Role.SERVICE})

PLACES = (
    Place("/api/health", reading.health, ANYONE, name="api.health", quiet=True),
    Place("/api/openapi.json", describe, ANYONE, name="api.description", quiet=True),
    Place("/api/people", reading.people, SERVICE, name="api.people", quiet=True),
    Place("/api/people/{person}/values", reading.values, SERVICE, name="api.values", quiet=True),
    Place("/api/people/{person}/results", reading.results, SERVICE, name="api.results", quiet=True),
    Place("/api/results/{result}", reading.result, SERVICE, name="api.result", quiet=True),
)
