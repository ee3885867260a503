"""A case: one person, what the clinic knows of them, and their recordings (CASE.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.clinic.frax import Frax, read_frax
from osteogait.clinic.strict_yaml import load_yaml
from osteogait.clinic.values import Entry, read_entry
from osteogait.config import configuration
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.schema import Schema

TOP_KEYS = ("person", "values", "recordings", "rule_set", "country", "frax")
PERSON_KEYS = ("age", "sex", "height", "weight")
RECORDING_KEYS = ("path", "protocol")
SEXES = {"female": 0.0, "male": 1.0}
RULE_SETS = ("china2022", "who1994")


@dataclass(frozen=True, slots=True)
class Person:
    """Age in years, sex, height in cm and weight in kg (None when not known)."""

    age: float
    sex: str
    height: float | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class RecordingRef:
    """A recording of the case and the protocol it was made with."""

    path: Path
    name: str
    protocol: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything typed or uploaded for one assessment; `entries` include age, sex, height and weight.

    `country` is None where the case names none: then the configured one holds.
    """

    person: Person
    entries: Mapping[str, Entry]
    recordings: tuple[RecordingRef, ...] = ()
    rule_set: str = "china2022"
    country: str | None = None
    frax: Frax | None = None


def read_case(path: Path, schema: Schema, protocols: tuple[str, ...]) -> Case:
    """The case in `path`; CaseError names the first thing that is wrong. Nothing is guessed."""
    content = load_yaml(path)
    _only(content, TOP_KEYS, "")
    person_block = _mapping(content.get("person"), "person")
    _only(person_block, PERSON_KEYS, "person.")
    entries = _person_entries(person_block, schema)
    for name, written in _mapping(_or(content.get("values"), {}), "values").items():
        if name in PERSON_KEYS:
            raise CaseError("belongs_to_person", key=name)
        if name not in schema.by_id:
            raise CaseError("unknown_feature", feature=name, close=_closest(name, schema))
        entry = read_entry(schema.by_id[name], written)
        if entry is not None:
            entries[name] = entry
    return Case(
        person=_person(entries),
        entries=entries,
        recordings=_recordings(_or(content.get("recordings"), []), path.parent, protocols),
        rule_set=_rule_set(_or(content.get("rule_set"), RULE_SETS[0])),
        country=_country(content.get("country")),
        frax=_frax(content.get("frax")),
    )


def _person_entries(block: dict[str, Any], schema: Schema) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for key in ("age", "sex"):
        if block.get(key) is None:
            raise CaseError("required", key=f"person.{key}")
    sex = block["sex"]
    if not isinstance(sex, str) or sex not in SEXES:
        raise CaseError("unknown_choice", feature="person.sex", value=sex, allowed=", ".join(SEXES))
    entries["sex"] = Entry("sex", SEXES[sex], "1", sex, None)
    for key in ("age", "height", "weight"):
        entry = read_entry(schema.by_id[key], block.get(key))
        if entry is not None:
            entries[key] = entry
    return entries


def _person(entries: Mapping[str, Entry]) -> Person:
    def number(key: str) -> float | None:
        entry = entries.get(key)
        return float(entry.value) if entry is not None and isinstance(entry.value, float) else None

    age = number("age")
    if age is None:
        raise CaseError("required", key="person.age")
    return Person(age, str(entries["sex"].written_value), number("height"), number("weight"))


def _recordings(block: object, folder: Path, protocols: tuple[str, ...]) -> tuple[RecordingRef, ...]:
    if not isinstance(block, list):
        raise CaseError("not_a_list", key="recordings")
    limit = configuration().limits.recordings_per_case
    if len(block) > limit:
        raise CaseError("too_many_recordings", count=len(block), limit=limit)
    found = tuple(_recording(item, number, folder, protocols) for number, item in enumerate(block, 1))
    for number, recording in enumerate(found):
        if recording in found[:number]:
            raise CaseError("recording_twice", path=recording.name, protocol=recording.protocol)
    return found


def _recording(item: object, number: int, folder: Path, protocols: tuple[str, ...]) -> RecordingRef:
    where = f"recordings[{number}]"
    block = _mapping(item, where)
    _only(block, RECORDING_KEYS, f"{where}.")
    for key in RECORDING_KEYS:
        if block.get(key) is None or block[key] == "":
            raise CaseError("required", key=f"{where}.{key}")
        if not isinstance(block[key], str):
            raise CaseError("not_text", key=f"{where}.{key}", value=block[key])
    if block["protocol"] not in protocols:
        raise CaseError(
            "unknown_choice",
            feature=f"{where}.protocol",
            value=block["protocol"],
            allowed=", ".join(protocols),
        )
    return RecordingRef(folder / block["path"], block["path"], block["protocol"])


def _rule_set(name: object) -> str:
    if name not in RULE_SETS:
        raise CaseError("unknown_choice", feature="rule_set", value=name, allowed=", ".join(RULE_SETS))
    return str(name)


def _country(name: object) -> str | None:
    """As written; whether the model has a scale for it, only the model knows."""
    if name is not None and not (isinstance(name, str) and name):
        raise CaseError("not_text", key="country", value=name)
    return name


def _frax(block: object) -> Frax | None:
    return None if block is None else read_frax(_mapping(block, "frax"))


def _or(block: object, default: object) -> object:
    """`default` where nothing was written; false and 0 are something."""
    return default if block is None else block


def _mapping(block: object, key: str) -> dict[str, Any]:
    if not isinstance(block, dict):
        raise CaseError("not_a_mapping", key=key)
    return block


def _only(block: Mapping[str, object], allowed: tuple[str, ...], where: str) -> None:
    for key in block:
        if key not in allowed:
            raise CaseError("unknown_key", key=f"{where}{key}", allowed=", ".join(allowed))


def _closest(name: str, schema: Schema) -> str:
    import difflib

    return ", ".join(difflib.get_close_matches(name, list(schema.by_id), n=3)) or "-"
