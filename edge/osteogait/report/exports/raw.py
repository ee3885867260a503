"""Recordings as they were made and as tables: samples, side file, facts of the sensor, the original."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.errors import OsteogaitError
from osteogait.report.exports.archive import archive, json_bytes
from osteogait.report.exports.wanted import EVERYTHING, Wanted
from osteogait.report.fhir.facts import Facts

if TYPE_CHECKING:
    from osteogait.storage.records import Recording
    from osteogait.storage.trials import Trial

UNITS = {
    "time_s": "s", "acc_x": "m/s2", "acc_y": "m/s2", "acc_z": "m/s2",
    "gyr_x": "rad/s", "gyr_y": "rad/s", "gyr_z": "rad/s",
}  # fmt: skip
OWN = ".ogrec"
SHOWN = 8  # characters of an id in a name


@dataclass(frozen=True, slots=True)
class Raw:
    """Files by name, and recordings that could not be given, by name with the reason."""

    files: Mapping[str, bytes]
    left_out: Mapping[str, str]


def raw_zip(facts: Facts, folder: Path, wanted: Wanted = EVERYTHING, *, lang: str = "en") -> bytes:
    """The wanted recordings as a zip; `folder` is where recordings lie. Names hold tests and ids, nothing of a person.

    A recording that is gone, changed or unreadable stands in the manifest with the reason, in `lang`.
    """
    raw = raw_files(facts, folder, wanted, lang=lang)
    return archive(raw.files, {"person": facts.person.id, "left_out": dict(raw.left_out)})


def raw_files(facts: Facts, folder: Path, wanted: Wanted = EVERYTHING, *, lang: str = "en") -> Raw:
    """The same as files."""
    files: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    wanted_trials = (
        one for one in facts.trials if one.recording_id in facts.recordings and wanted.trial(one)
    )
    for number, one in enumerate(wanted_trials, start=1):
        name = f"{number:03d}_{one.test}_{one.attempt}_{one.id[:SHOWN]}"
        recording = facts.recordings[one.recording_id or ""]
        try:
            files |= _one(name, one, recording, folder / recording.path)
        except OsteogaitError as error:
            left_out[name] = error.message(lang)
    return Raw(files, left_out)


def _one(name: str, one: Trial, recording: Recording, path: Path) -> dict[str, bytes]:
    """The files of one recording; an original with other bytes than were kept goes out too, and its facts say so."""
    from osteogait.errors import StoreError

    try:
        original = path.read_bytes()
    except OSError as error:
        raise StoreError("recording_unreadable", path=name, reason=error.strerror or str(error)) from error
    facts = _facts(one, recording, original)
    if path.suffix != OWN:
        return {f"{name}/original{path.suffix}": original, f"{name}/facts.json": json_bytes(facts)}
    table, side = _table(path)
    return {
        f"{name}/original{OWN}": original,
        f"{name}/samples.csv": table,
        f"{name}/samples.json": side,
        f"{name}/facts.json": json_bytes(facts | _of_sensor(path)),
    }


def _facts(one: Trial, recording: Recording, original: bytes) -> dict[str, Any]:
    return {
        "test": one.test,
        "protocol": one.protocol,
        "condition": one.variant,
        "attempt": one.attempt,
        "state": one.state,
        "reason": one.reason,
        "trial": one.id,
        "visit": one.visit_id,
        "fs_hz": recording.fs_hz,
        "samples": recording.samples,
        "lost": recording.lost,
        "units": UNITS,
        "frame": "specific force with gravity and rotation, right-handed; axes: see axes",
        "sha256_kept": recording.sha256,
        "unchanged": hashlib.sha256(original).hexdigest() == recording.sha256,
    }


def _of_sensor(path: Path) -> dict[str, Any]:
    """What the session noted of the sensor and how it was worn; stature is no part of it."""
    from osteogait.acquire.recorded import read_recorded

    recorded = read_recorded(path)
    stream = recorded.books().stream
    known = {
        key: recorded.facts.get(key)
        for key in ("sensor", "driver", "settings", "axes", "started_utc", "ended")
    }
    return {
        **known,
        "placement": recorded.facts.get("site"),
        "serial": None if stream is None else stream.serial,
        "firmware": None if stream is None else stream.firmware,
        "damaged_chunks": recorded.damaged_chunks,
    }


def _table(path: Path) -> tuple[bytes, bytes]:
    """Samples as CSV and the side file that `osteogait measure` reads with it."""
    from osteogait.acquire import to_recording, write_csv

    with tempfile.TemporaryDirectory(prefix="osteogait-export-") as scratch:
        place = Path(scratch) / "samples.csv"
        write_csv(to_recording(path), place)
        return place.read_bytes(), place.with_suffix(".json").read_bytes()
