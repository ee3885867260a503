"""The places of the entrance."""

from __future__ import annotations

from osteogait.web.entrance import (
    accounts,
    audit,
    door,
    erasing,
    first_run,
    language,
    lock,
    mine,
    more,
    notice,
    sensors,
    settings,
)
from osteogait.web.place import ADMINISTRATORS, ANYONE, SIGNED_IN, Place

POST = ("POST",)

PLACES = (
    Place("/", door.home, ANYONE, name="entrance.home"),
    Place("/first-run", first_run.show, ANYONE, name="entrance.first_run"),
    Place("/first-run", first_run.make, ANYONE, POST),
    Place("/sign-in", door.sign_in_page, ANYONE, name="entrance.sign_in"),
    Place("/sign-in", door.sign_in, ANYONE, POST),
    Place("/sign-out", door.sign_out, SIGNED_IN, POST, name="entrance.sign_out", locked=True),
    Place("/lock", lock.lock, SIGNED_IN, POST, name="entrance.lock"),
    Place("/locked", lock.show, SIGNED_IN, name="entrance.locked", locked=True, quiet=True),
    Place("/locked", lock.unlock, SIGNED_IN, POST, locked=True),
    Place("/language", language.choose, ANYONE, POST, name="entrance.language"),
    Place("/notice", notice.show, ANYONE, name="entrance.notice"),
    Place("/my-account", mine.show, SIGNED_IN, name="entrance.mine"),
    Place("/my-account/pin", mine.set_pin, SIGNED_IN, POST, name="entrance.pin"),
    Place("/my-account/password", mine.set_password, SIGNED_IN, POST, name="entrance.password"),
    Place("/accounts", accounts.show, ADMINISTRATORS, name="entrance.accounts"),
    Place("/accounts", accounts.add, ADMINISTRATORS, POST),
    Place("/accounts/{account}", accounts.change, ADMINISTRATORS, POST, name="entrance.account"),
    Place("/accounts/{account}/token", accounts.token, ADMINISTRATORS, POST, name="entrance.token"),
    Place("/administration", more.show, ADMINISTRATORS, name="entrance.more"),
    Place("/erase", erasing.show, ADMINISTRATORS, name="entrance.erase"),
    Place("/erase", erasing.erase_person, ADMINISTRATORS, POST),
    Place("/settings", settings.show, ADMINISTRATORS, name="entrance.settings"),
    Place("/settings", settings.change, ADMINISTRATORS, POST),
    Place("/sensors", sensors.show, ADMINISTRATORS, name="entrance.sensors"),
    Place("/sensors/scan", sensors.scan, ADMINISTRATORS, POST, name="entrance.sensor_scan"),
    Place("/sensors/enrol", sensors.enrol, ADMINISTRATORS, POST, name="entrance.sensor_enrol"),
    Place("/sensors/remove", sensors.remove, ADMINISTRATORS, POST, name="entrance.sensor_remove"),
    Place("/audit", audit.show, ADMINISTRATORS, name="entrance.audit"),
    Place("/audit/export", audit.export, ADMINISTRATORS, POST, name="entrance.audit_export"),
)
