"""The one place where recordings' measures and clinic values become model inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from osteogait.assessment.remarks import Remark
from osteogait.clinic.values import Entry

if TYPE_CHECKING:
    from gaitsignal.result import Measures
    from osteofusion.schema import Feature, Schema

SIGNAL_SOURCE = "gaitsignal:"
SCANNER = "scanner_generation"  # travels with the values: the model scales HR-pQCT indices by it
BETTER = {"walking_speed": "timed_walking_speed"}  # a timed distance beats the sensor's estimate
BEST_OF = frozenset(
    {"one_leg_stance"}
)  # the best trial counts (T/GCM 0007-2018); elsewhere the mean of the trials
JERK_STANCE_S = (27.0, 33.0)  # JERK grows with the length of the stance: comparable at 30 s only


@dataclass(frozen=True, slots=True)
class MeasuredRecording:
    """A recording of the case, measured; `name` is its path as the case wrote it."""

    name: str
    protocol: str
    measures: Measures


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value of the assessment as it is printed: stored unit, where it came from, what was written."""

    value: object
    unit: str
    source: str
    written_value: object = None
    written_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What goes into the model (`values`), what is printed (`known`), and what had to be remarked."""

    values: Mapping[str, float]
    known: Mapping[str, KnownValue]
    remarks: tuple[Remark, ...]


def make_inputs(
    entries: Mapping[str, Entry], recordings: Iterable[MeasuredRecording], schema: Schema
) -> Inputs:
    """Typed values first, then what the recordings add; a conflict is remarked and the typed value is used."""
    values: dict[str, float] = {}
    known: dict[str, KnownValue] = {}
    remarks: list[Remark] = []
    for name, entry in entries.items():
        feature = schema.by_id[name]
        known[name] = KnownValue(entry.value, entry.unit, "typed", entry.written_value, entry.written_unit)
        remarks += [Remark(code, "warn", fields) for code, fields in entry.warnings]
        if feature.role == "recorded":
            remarks.append(Remark("not_used_by_model", "info", {"feature": name}))
        if feature.role == "input" and entry.usable and isinstance(entry.value, float):
            values[name] = entry.value
    remarks += _scanner(entries, values, schema)
    usable = list(recordings)
    remarks += [remark for recording in usable for remark in _about(recording)]
    for feature in schema.features:
        remarks += _add_measured(feature, usable, values, known)
    return Inputs(values, known, tuple(remarks))


def _scanner(entries: Mapping[str, Entry], values: dict[str, float], schema: Schema) -> list[Remark]:
    """Puts the one scanner generation into `values`; indices that do not fit it are taken out and remarked."""
    given = {name: entries[name].extra[SCANNER] for name in values if SCANNER in entries[name].extra}
    if not given:
        return []
    generation = next(iter(given.values()))
    remarks = []
    for name, own in given.items():
        if own != generation:
            remarks.append(
                Remark("scanner_generation_mixed", "warn", {"feature": name, "generation": generation})
            )
            del values[name]
        elif generation == 2 and schema.by_id[name].scaling_generation_2 is None:
            remarks.append(Remark("scanner_generation_unsupported", "warn", {"feature": name}))
            del values[name]
    if any(name in values for name in given):
        values[SCANNER] = float(str(generation))
    return remarks


def _about(recording: MeasuredRecording) -> list[Remark]:
    """What the quality gate said of a recording."""
    fields = {"path": recording.name, "protocol": recording.protocol}
    if not recording.measures.usable:
        reasons = [flag for flag in recording.measures.flags if flag.severity == "reject"]
        return [Remark("recording_unusable", "warn", {**fields, "reason": flag}) for flag in reasons]
    warnings = [flag for flag in recording.measures.flags if flag.severity == "warn"]
    return [Remark("recording_caution", "warn", {**fields, "reason": flag}) for flag in warnings]


def signal_source(feature: Feature) -> tuple[str | None, str] | None:
    """Protocol (None: any) and measure key of `gaitsignal:[PROTOCOL/]KEY`; None for another source."""
    if not feature.source.startswith(SIGNAL_SOURCE):
        return None
    protocol, _, key = feature.source.removeprefix(SIGNAL_SOURCE).rpartition("/")
    return protocol or None, key


def _add_measured(
    feature: Feature,
    recordings: list[MeasuredRecording],
    values: dict[str, float],
    known: dict[str, KnownValue],
) -> list[Remark]:
    """Puts what the usable recordings measured of `feature` into `values` and `known`."""
    source = signal_source(feature)
    if source is None:
        return []
    protocol, key = source
    holding = [r for r in recordings if r.measures.usable and key in r.measures.values]
    holding = [r for r in holding if protocol in (None, r.protocol)]
    remarks = []
    if key == "jerk":
        remarks = [_jerk_remark(r) for r in holding if not _thirty_seconds(r)]
        holding = [r for r in holding if _thirty_seconds(r)]
    if not holding:
        return remarks
    found = [r.measures.values.get(BETTER.get(key, key), r.measures.values[key]).value for r in holding]
    measured = max(found) if feature.id in BEST_OF else fmean(found)
    objection = _objection(feature, measured, known)
    if objection is not None:
        return [*remarks, objection]
    values[feature.id] = measured
    known[feature.id] = KnownValue(measured, feature.unit, "recording:" + ", ".join(r.name for r in holding))
    if len(holding) > 1:
        code = "recordings_best" if feature.id in BEST_OF else "recordings_averaged"
        remarks.append(Remark(code, "info", {"feature": feature.id, "count": len(holding)}))
    return remarks


def _objection(feature: Feature, measured: float, known: Mapping[str, KnownValue]) -> Remark | None:
    """Why a measured value is not used: a typed one stands already, or it is impossible."""
    shown = {"feature": feature.id, "unit": feature.unit}
    if feature.id in known:
        typed = known[feature.id].value
        typed = round(typed, 4) if isinstance(typed, float) else typed
        return Remark(
            "conflict_typed_recording", "warn", shown | {"typed": typed, "measured": round(measured, 4)}
        )
    if feature.hard is not None and not feature.hard[0] <= measured <= feature.hard[1]:
        low, high = feature.hard
        return Remark(
            "measured_outside_range", "warn", shown | {"value": round(measured, 4), "low": low, "high": high}
        )
    return None


def _thirty_seconds(recording: MeasuredRecording) -> bool:
    low, high = JERK_STANCE_S
    return low <= recording.measures.values["duration_s"].value <= high


def _jerk_remark(recording: MeasuredRecording) -> Remark:
    duration = round(recording.measures.values["duration_s"].value, 1)
    return Remark("jerk_needs_30_s", "info", {"path": recording.name, "duration": duration})
