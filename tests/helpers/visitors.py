"""Browsers at a station of its own: one a role, each with the proof of origin that its pages carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from osteogait.clinic.roles import Role
from osteogait.storage.accounts import Account
from osteogait.web.app import create_app
from osteogait.web.station import Station

HOST = "http://localhost"
PASSWORD = "a sentence nobody else uses"  # noqa: S105 - of tests alone
TOKEN = re.compile(r'name="csrf" (?:content|value)="([^"]*)"')


@dataclass
class Visitor:
    """A browser that keeps its cookies and sends the token of the last page it saw."""

    client: TestClient
    csrf: str = ""
    seen: list[str] = field(default_factory=list)

    def get(self, path: str, **more: Any) -> Any:
        """A page; redirects are followed."""
        return self._saw(self.client.get(path, **more))

    def post(self, path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """A form, as the last page would have sent it."""
        more.setdefault("headers", {})
        data = {"csrf": self.csrf, **(fields or {})}
        return self._saw(self.client.post(path, data=data, **more))

    def _saw(self, answer: Any) -> Any:
        found = TOKEN.search(answer.text) if "html" in answer.headers.get("content-type", "") else None
        if found:
            self.csrf = found[1]
        self.seen.append(str(answer.url))
        return answer


class Visitors:
    """The station and everybody who uses it in a test."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.app = create_app(station)
        self.accounts: dict[Role, Account] = {}

    def stranger(self) -> Visitor:
        """Somebody who has not signed in."""
        return Visitor(TestClient(self.app, base_url=HOST, raise_server_exceptions=True))

    def account(self, role: Role) -> Account:
        """The account of that role, made when first asked for."""
        if role not in self.accounts:
            self.accounts[role] = self.station.accounts.add(
                f"the-{role}", f"The {role}", role, PASSWORD, "test"
            )
        return self.accounts[role]

    def signed_in(self, role: Role) -> Visitor:
        """Staff at their first page."""
        account, visitor = self.account(role), self.stranger()
        visitor.get("/sign-in")
        answer = visitor.post("/sign-in", {"name": account.name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return visitor

    def guest(self, person: str, visit: str) -> Visitor:
        """Somebody at the kiosk."""
        token, session = self.station.sessions.begin(None, Role.GUEST, "kiosk", person, visit)
        visitor = self.stranger()
        visitor.client.cookies.set("osteogait_session", token)
        visitor.csrf = session.csrf
        return visitor

    def service(self) -> Visitor:
        """Another program with its token."""
        token, _ = self.station.sessions.begin(self.account(Role.SERVICE), Role.SERVICE, "service")
        visitor = self.stranger()
        visitor.client.headers["authorization"] = f"Bearer {token}"
        return visitor
