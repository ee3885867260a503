"""A recording from its file to its measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.errors import CaseError, StoreError, UsageError

if TYPE_CHECKING:
    from gaitsignal.recording import Recording
    from gaitsignal.result import Measures

SENSOR_SUFFIX = ".ogrec"
SUFFIXES = (".csv", ".npz", SENSOR_SUFFIX)
REJECTED, GATE_FAILED = 3, 4
INPUT_FLAWS = frozenset(
    {"gap_long"}
)  # what the file lacks, not how the test went: rejected like any bad input
HEIGHT_M = (1.00, 2.20)  # hard range of body height


def check_protocol(protocol: str) -> None:
    """UsageError when there is no such protocol."""
    from gaitsignal.pipeline import PROTOCOLS

    if protocol not in PROTOCOLS:
        raise UsageError("unknown_protocol", protocol=protocol, allowed=", ".join(PROTOCOLS))


def check_height(height_m: float | None) -> None:
    """CaseError when a body height in metres is impossible."""
    low, high = HEIGHT_M
    if height_m is not None and not low <= height_m <= high:
        raise CaseError("outside_hard_range", feature="height", value=height_m, low=low, high=high, unit="m")


def measure_recording(path: Path, protocol: str, height_m: float | None) -> Measures:
    """The measures of the recording in `path` (CSV, npz or a sensor's own); RecordingError when it is refused."""
    from gaitsignal.pipeline import measure
    from gaitsignal.readers import read_recording

    if path.suffix == SENSOR_SUFFIX:
        return measure(_of_a_sensor(path, height_m), protocol)
    return measure(read_recording(path, height_m=height_m), protocol)


def _of_a_sensor(path: Path, height_m: float | None) -> Recording:
    """What a session kept, read with all that it knows of gaps, interruption and damage."""
    from gaitsignal.errors import RecordingError
    from osteogait.acquire import to_recording

    try:
        recording = to_recording(path)
    except StoreError as failure:
        reason = failure.fields.get("reason", failure.code)
        raise RecordingError("file_unreadable", file=str(path), reason=reason) from failure
    return recording if height_m is None else replace(recording, height_m=height_m)


def recording_files(places: Iterable[Path]) -> list[Path]:
    """The recordings that `places` mean: files as they are, folders with all the recordings in them.

    A recording that a sensor's session wrote also as CSV is taken once. UsageError for a folder without any.
    """
    found: list[Path] = []
    for place in places:
        if not place.is_dir():
            found.append(place)
            continue
        inside = sorted(one for one in place.iterdir() if one.suffix in SUFFIXES)
        own = {one.stem for one in inside if one.suffix == SENSOR_SUFFIX}
        inside = [one for one in inside if one.suffix == SENSOR_SUFFIX or one.stem not in own]
        if not inside:
            raise UsageError("folder_without_recordings", folder=str(place))
        found += inside
    return found


def measure_file(
    path: Path, protocol: str, height_m: float | None, lang: str
) -> tuple[dict[str, Any], int, str]:
    """The JSON document of one recording, its exit code, and the reason when that is not 0."""
    from gaitsignal.errors import RecordingError
    from gaitsignal.result import Events, Flag, Measures, to_json

    try:
        measures = measure_recording(path, protocol, height_m)
    except RecordingError as error:
        refused = Measures(protocol, False, (Flag(error.code, "reject", error.fields),), {}, Events())
        return {**to_json(refused, lang), "recording": str(path)}, REJECTED, error.message(lang)
    document = {**to_json(measures, lang), "recording": str(path)}
    if measures.usable:
        return document, 0, ""
    rejecting = [flag for flag in measures.flags if flag.severity == "reject"]
    code = REJECTED if any(flag.code in INPUT_FLAWS for flag in rejecting) else GATE_FAILED
    return document, code, " ".join(flag.message(lang) for flag in rejecting)
