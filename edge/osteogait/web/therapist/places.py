"""The places of the physiotherapist's room."""

from __future__ import annotations

from osteogait.web.place import STAFF, Place
from osteogait.web.therapist import (
    consent,
    people,
    person,
    registration,
    report,
    results,
    sensor,
    signal_picture,
    skipping,
    slip,
    stopwatch,
    trend,
    unfinished,
    visits,
    wizard,
)

POST = ("POST",)
TEST = "/visits/{visit}/tests/{item}"

PLACES = (
    Place("/people", people.show, STAFF, name="therapist.people"),
    Place("/people/found", people.search, STAFF, name="therapist.search"),
    Place("/people/new", registration.new_page, STAFF, name="therapist.new_person"),
    Place("/people/new", registration.make, STAFF, POST),
    Place("/cut-off", unfinished.decide, STAFF, POST, name="therapist.cut_off"),
    Place("/sensor", sensor.show, STAFF, name="therapist.sensor"),
    Place("/sensor", sensor.check, STAFF, POST),
    Place("/people/{person}", person.show, STAFF, name="therapist.person"),
    Place("/people/{person}/details", registration.details_page, STAFF, name="therapist.details"),
    Place("/people/{person}/details", registration.change, STAFF, POST),
    Place("/people/{person}/consent", consent.show, STAFF, name="therapist.consent"),
    Place("/people/{person}/consent", consent.give, STAFF, POST),
    Place("/people/{person}/consent/back", consent.withdraw, STAFF, POST, name="therapist.consent_back"),
    Place("/people/{person}/slip", slip.make, STAFF, POST, name="therapist.slip"),
    Place("/people/{person}/trend", trend.show, STAFF, name="therapist.trend"),
    Place("/people/{person}/tests", visits.choose, STAFF, name="therapist.batteries"),
    Place("/people/{person}/tests", visits.begin, STAFF, POST),
    Place("/visits/{visit}", visits.show, STAFF, name="therapist.visit"),
    Place("/visits/{visit}/close", visits.close, STAFF, POST, name="therapist.close"),
    Place("/visits/{visit}/sensor", sensor.show, STAFF, name="therapist.setup"),
    Place("/visits/{visit}/sensor", sensor.check, STAFF, POST),
    Place("/visits/{visit}/next", visits.first_step, STAFF, name="therapist.next"),
    Place(TEST, wizard.show, STAFF, name="therapist.test"),
    Place(f"{TEST}/start", wizard.start, STAFF, POST, name="therapist.start"),
    Place(f"{TEST}/stop", wizard.stop, STAFF, POST, name="therapist.stop"),
    Place(f"{TEST}/cancel", wizard.cancel, STAFF, POST, name="therapist.cancel"),
    Place(f"{TEST}/accept", wizard.accept, STAFF, POST, name="therapist.accept"),
    Place(f"{TEST}/repeat", wizard.repeat, STAFF, POST, name="therapist.repeat"),
    Place(f"{TEST}/time", stopwatch.use, STAFF, POST, name="therapist.time"),
    Place(f"{TEST}/skip", skipping.why, STAFF, name="therapist.why"),
    Place(f"{TEST}/skip", skipping.skip, STAFF, POST, name="therapist.skip"),
    Place(f"{TEST}/signal.svg", signal_picture.of_live, STAFF, name="therapist.live_signal"),
    Place("/visits/{visit}/result", results.show, STAFF, name="therapist.result"),
    Place("/visits/{visit}/work-out", report.assess, STAFF, POST, name="therapist.assess"),
    Place("/visits/{visit}/report", report.show, STAFF, name="therapist.report"),
    Place("/visits/{visit}/report.pdf", report.pdf, STAFF, name="therapist.pdf"),
    Place("/visits/{visit}/tries/{trial}/signal", signal_picture.show, STAFF, name="therapist.signal"),
    Place(
        "/visits/{visit}/tries/{trial}/signal.svg",
        signal_picture.of_trial,
        STAFF,
        name="therapist.signal_picture",
    ),
)
