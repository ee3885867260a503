"""The made-up person of a station that is tried out: real recordings of simulated movements, through the real code."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from osteogait.clinic.purposes import PURPOSES
from osteogait.storage.identity import Identity
from osteogait.web.language import N_, translations

if TYPE_CHECKING:
    from gaitsignal.recording import Recording
    from osteogait.acquire.summary import RecordingSummary
    from osteogait.storage.accounts import Account
    from osteogait.web.station import Station

SETTING = "example_person"
NAME = N_("Example person")
CLINIC_ID = "EXAMPLE-1"
BATTERY = "quick"
EARLIER: tuple[tuple[timedelta, int, float, float], ...] = (
    (timedelta(days=190), 1, 0.80, 0.120),
    (timedelta(days=95), 2, 0.94, 0.085),
)
"""When, seed, walking speed in m/s, sway in m/s2: she got better since, by more than the error of measurement."""
CADENCE_PER_MIN = 104.0
DRIFT_PPM = 20.0


def add_example(station: Station, account: Account, lang: str) -> str:
    """The pseudonym of the example person: consents, values and two earlier visits, the last with a report."""
    from osteogait.assessment.visit import assess_and_keep
    from osteogait.demo import EXAMPLE_SEED, example_person

    case, _ = example_person(EXAMPLE_SEED)
    today = datetime.now(UTC)
    with station.store.transaction():
        person = _known(station, account, case["person"], today, lang)
    visits = [
        _visit(station, account, person, case["person"], today - ago, seed, speed, sway)
        for ago, seed, speed, sway in EARLIER
    ]
    with station.store.transaction():
        _add_values(station, account, visits[-1], case, today - EARLIER[-1][0])
    assess_and_keep(station, person, visits[-1], lang=lang, actor=account.id)
    for visit in visits:
        station.store.close_visit(visit)
    return person


def _known(station: Station, account: Account, about: Mapping[str, Any], today: datetime, lang: str) -> str:
    year = today.astimezone().year - int(about["age"])
    person = station.store.add_person(birth_year=year, sex=about["sex"])
    name = translations(lang).gettext(NAME)
    station.identities.put(person, Identity(name, CLINIC_ID))
    station.settings.put(SETTING, person, account.id)
    for purpose in PURPOSES:
        station.consents.give(person, purpose, lang=lang, signer=name, by=account.id)
    station.audit.add(account.id, "create", f"person:{person}", example=True)
    return person


def _visit(
    station: Station, account: Account, person: str, about: Mapping[str, Any], when: datetime,
    seed: int, speed_m_s: float, sway_rms: float,
) -> str:  # fmt: skip
    """A visit with a stance and a walk, each recorded, measured, accepted."""
    from osteogait.demo import simulated_trials

    gait = {"speed_m_s": speed_m_s, "cadence_per_min": CADENCE_PER_MIN, "sway_rms": sway_rms}
    felt = simulated_trials(seed, about["height"] / 100, gait)
    visit = station.store.add_visit(person, started=when, battery=BATTERY, by=account.id)
    for test, recording in felt.items():
        _trial(station, account, visit, test, recording)
    return visit


def _trial(station: Station, account: Account, visit: str, test: str, felt: Recording) -> None:
    from osteogait.screening.battery import test as item_named
    from osteogait.screening.keep import recording_row
    from osteogait.screening.outcome import measured

    item = item_named(test)
    summary = _recorded(station, visit, test, felt)
    outcome = measured(summary.path, item.protocol, summary)
    with station.store.transaction():
        row = station.store.add_recording(visit, recording_row(summary.path, item.protocol, summary))
        station.trials.add(
            visit, item.id, item.protocol, variant=item.variant, state="accepted", recording=row,
            measures=outcome.kept, by=account.id,
        )  # fmt: skip


def _recorded(station: Station, visit: str, test: str, felt: Recording) -> RecordingSummary:
    """Simulated packets through decoder and durable recorder."""
    from osteogait.acquire import Worn, record
    from osteogait.radio.simulated import Faults, SimulatedSensor
    from osteogait.screening.sensor_in_use import SIMULATED_NAME

    folder = station.recordings / visit
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sensor = SimulatedSensor(felt, faults=Faults(drift_ppm=DRIFT_PPM), seed=felt.n, name=SIMULATED_NAME)
    path = folder / f"{test}.ogrec"
    return asyncio.run(record(sensor.source, path, worn=Worn(height_m=felt.height_m)))


def _add_values(
    station: Station, account: Account, visit: str, case: Mapping[str, Any], when: datetime
) -> None:
    """Height, weight, bone density, laboratory and answers of the example case, as a person would have typed them."""
    from osteogait.clinic.kept import typed_value

    schema, about = station.model().schema, case["person"]
    written = {"height": about["height"], "weight": about["weight"], **case["values"]}
    values = []
    for name, value in written.items():
        text, unit = _typed(value)
        values.append(typed_value(schema.by_id[name], text, unit=unit, by=account.id, taken_at=when)[0])
    station.store.add_values(visit, values)


def _typed(value: object) -> tuple[str, str | None]:
    """A value of the case as text and unit."""
    if isinstance(value, Mapping):
        return str(value["value"]), str(value["unit"])
    if isinstance(value, bool):
        return ("yes" if value else "no"), None
    return str(value), None
