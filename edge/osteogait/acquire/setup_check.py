"""Before a test: is this sensor fit for it, and does it sit as it should? A few still seconds, then steps if any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gaitsignal.quality import RATE_LOW_HZ
from osteogait.acquire.assembled import assemble, body_frame
from osteogait.acquire.limits import LIMITS, Limits
from osteogait.acquire.live import RATES_HZ
from osteogait.acquire.rate import counted_rate_hz
from osteogait.acquire.session import Session
from osteogait.acquire.state import Event
from osteogait.acquire.summary import GOOD_LOSS, LIMITED_LOSS, RecordingSummary
from osteogait.acquire.worn import Worn
from osteogait.devices.driver import LossClass, Settings
from osteogait.errors import OsteogaitError, QualityGateFailed
from osteogait.radio.source import Source
from osteogait.words import sentence

if TYPE_CHECKING:
    from gaitsignal.recording import Recording

G0 = 9.80665
CHECK_S = 8.0
WEAK_DBM = -80
"""A body in the way takes 10-20 dB; a receiver must hear -70 dBm (Bluetooth Core 5.4, vol 6 A 4), many hear -95."""
GRAVITY_SHARE = 0.05
"""Zero-g offsets of wearable accelerometers are up to 40 mg; more is a wrong scale or a moving person."""
TILT_DEG = 30.0
"""The lumbar curve tilts a belt sensor up to 20 deg."""
SWING_RAD_S = 3.5
"""95th percentile of rotation while walking: 2.8 in 20 of 21 open walks with the sensor on the lower back; a foot or
a shank turns at 4-6."""
MIN_STEPS = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `status` is `ok`, `warn`, `fail` or `unknown`; the sentence is `check_<name>_<word>`."""

    name: str
    status: str
    word: str
    value: float | str | None = None

    def message(self, lang: str) -> str:
        """The finding in words."""
        value = self.value if self.value is not None else "?"
        return sentence(f"check_{self.name}_{self.word}", lang, {"value": value})


@dataclass(frozen=True, slots=True)
class Checked:
    """All findings about one sensor; `error` when it could not be listened to, or is of no use for any test."""

    sensor: str
    model: str
    loss: LossClass
    findings: tuple[Finding, ...]
    error: OsteogaitError | None = None

    @property
    def ready(self) -> bool:
        """True when nothing forbids a test."""
        return self.error is None and not any(one.status == "fail" for one in self.findings)

    def to_json(self, lang: str = "en") -> dict[str, object]:
        """The keys of `osteogait sensors check --json`."""
        rows = [
            {"name": one.name, "status": one.status, "value": one.value, "message": one.message(lang)}
            for one in self.findings
        ]
        error = None if self.error is None else {"code": self.error.code, "message": self.error.message(lang)}
        return {
            "sensor": self.sensor, "model": self.model, "class": self.loss.value, "ready": self.ready,
            "findings": rows, "error": error,
        }  # fmt: skip


async def check(
    source: Source,
    *,
    seconds: float = CHECK_S,
    settings: Settings | None = None,
    worn: Worn | None = None,
    limits: Limits = LIMITS,
    on_event: Callable[[Event], None] | None = None,
) -> Checked:
    """Listen for `seconds`, keep nothing, say what was found; the person stands still, then may take some steps."""
    worn = worn or Worn()
    listening = replace(limits, battery_start_percent=0)  # a low battery is a finding here, not an end
    session = Session(source, None, settings=settings, worn=worn, limits=listening, on_event=on_event)
    model = source.model
    try:
        summary = await session.run(seconds)
    except OsteogaitError as error:
        return Checked(
            source.name, model.key, model.loss, (_battery(session.driver.battery_percent, limits),), error
        )
    findings = [
        _battery(summary.battery_percent, limits),
        _signal(source.rssi_dbm),
        _rate(session, summary, limits),
        _lost(summary),
    ]
    if session.books.stream is None or not session.books.stream.has_gyroscope:
        deaf = QualityGateFailed("sensor_no_gyroscope", sensor=source.name)
        return Checked(source.name, model.key, model.loss, tuple(findings), deaf)
    findings += _worn_findings(body_frame(assemble(session.books, source.name), worn), worn)
    return Checked(source.name, model.key, model.loss, tuple(findings))


def _battery(percent: int | None, limits: Limits) -> Finding:
    if percent is None:
        return Finding("battery", "unknown", "unknown")
    low = percent < limits.battery_start_percent
    return Finding("battery", "fail" if low else "ok", "low" if low else "ok", percent)


def _signal(rssi_dbm: int | None) -> Finding:
    if rssi_dbm is None:
        return Finding("signal", "unknown", "unknown")
    weak = rssi_dbm < WEAK_DBM
    return Finding("signal", "warn" if weak else "ok", "weak" if weak else "ok", rssi_dbm)


def _rate(session: Session, summary: RecordingSummary, limits: Limits) -> Finding:
    """The session ends with another rate than agreed once it was counted, which takes some seconds."""
    nominal_hz, window_s = summary.nominal_rate_hz, limits.rate_check_s
    if counted_rate_hz(session.books.main.packets, nominal_hz, window_s) is None:
        return Finding("rate", "unknown", "unknown", window_s)
    rate_hz = round(summary.rate_hz, 2)
    low = summary.rate_hz < RATE_LOW_HZ  # as agreed with the sensor, yet every test would be refused
    return Finding("rate", "fail" if low else "ok", "low" if low else "ok", rate_hz)


def _lost(summary: RecordingSummary) -> Finding:
    if summary.lost_link is None:
        return Finding("loss", "unknown", "unknown")
    share = summary.lost / max(1, summary.received + summary.lost)
    percent = round(100.0 * share, 1)
    if share > LIMITED_LOSS:
        return Finding("loss", "fail", "much", percent)
    return Finding(
        "loss", "warn" if share > GOOD_LOSS else "ok", "some" if share > GOOD_LOSS else "ok", percent
    )


def _worn_findings(recording: Recording, worn: Worn) -> list[Finding]:
    """Gravity and mounting from the still seconds, the place from the steps."""
    from gaitsignal.frames import vertical_alignment
    from gaitsignal.stillness import find_rest

    rest = find_rest(
        np.nan_to_num(recording.acc), np.nan_to_num(recording.gyr), recording.measured, recording.fs_hz
    )
    if rest is None:
        return [Finding("still", "unknown", "never"), *_place(recording, worn)]
    size = float(np.linalg.norm(rest.acc)) / G0
    off = abs(size - 1.0) > GRAVITY_SHARE
    found = [Finding("gravity", "warn" if off else "ok", "off" if off else "ok", round(size, 3))]
    way = vertical_alignment(rest.acc)
    tilt = round(way.tilt_deg, 1)
    if way.upside_down:
        found.append(Finding("mounting", "warn", "upside_down", tilt))
    else:
        tilted = way.tilt_deg > TILT_DEG
        found.append(Finding("mounting", "warn" if tilted else "ok", "tilted" if tilted else "ok", tilt))
    return [*found, *_place(recording, worn)]


def _place(recording: Recording, worn: Worn) -> list[Finding]:
    """Whether the sensor swings as one on the lower back does; nothing to say without steps or elsewhere."""
    from gaitsignal.live import LiveTracker

    if worn.site != "lower_back" or not RATES_HZ[0] <= recording.fs_hz <= RATES_HZ[1]:
        return []
    steps = LiveTracker(recording.fs_hz).feed(recording.acc, recording.gyr).steps
    if steps < MIN_STEPS:
        return [Finding("place", "unknown", "no_steps", steps)]
    swing = float(np.nanpercentile(np.linalg.norm(recording.gyr, axis=1), 95))
    limb = swing > SWING_RAD_S
    return [Finding("place", "warn" if limb else "ok", "limb" if limb else "ok", round(swing, 2))]
