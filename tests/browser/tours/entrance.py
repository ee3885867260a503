"""The door and the rooms of the administrator."""

from __future__ import annotations

from harness import Stop

TOUR = (
    Stop("sign-in", None, "/sign-in", fits=True),
    Stop("accounts", "administrator", "/accounts"),
    Stop("sensors", "administrator", "/sensors"),
    Stop("settings", "administrator", "/settings"),
    Stop("audit", "administrator", "/audit?verify=yes"),
    Stop("administration", "administrator", "/administration"),
    Stop("my-account", "administrator", "/my-account"),
    Stop("notice", "administrator", "/notice"),
)
