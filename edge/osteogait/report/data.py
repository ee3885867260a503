"""The report as data: every word resolved, every picture as coordinates; templates only lay it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osteogait.report.pictures import BandPicture, Bar, Figure, IntervalPicture, TPicture


@dataclass(frozen=True, slots=True)
class Card:
    """One subject of the person's page: what was found, a picture of it, and what to do next."""

    title: str
    sentences: tuple[str, ...]
    figures: tuple[Figure, ...]
    picture_text: str
    notes: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """The page for the person."""

    about: str
    cards: tuple[Card, ...]
    alerts: tuple[str, ...]
    closing: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One outcome for the clinician."""

    outcome: str
    result: str
    interval: str
    basis: str
    picture: IntervalPicture | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is known under it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class BoneStatus:
    """How the osteoporosis status came about."""

    headline: str
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    picture: TPicture | None


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One group of inputs, how far it moved each outcome, and the estimate once this row and those above are known."""

    name: str
    bars: tuple[Bar, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """What moved the estimates: a column an outcome, a row a group; below, the largest values."""

    outcomes: tuple[str, ...]
    rows: tuple[ReasonRow, ...]
    largest: tuple[tuple[Fact, ...], ...]
    note: str


@dataclass(frozen=True, slots=True)
class SureRow:
    """One outcome: its range by each source of doubt, and the missing tests that would narrow it most."""

    outcome: str
    ranges: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure each answer is; `judgements` say what it speaks for, where real answers exist."""

    rows: tuple[SureRow, ...]
    judgements: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """One test of function beside published values: each reference with where the value lies in it."""

    name: str
    value: str
    reference: tuple[tuple[str, str], ...]
    picture: BandPicture


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One value: `note` says what was written, where and when; `from_recording` marks a measured one."""

    name: str
    value: str
    note: str
    from_recording: bool


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """The values of one group; `sentences` hold what needs no line of its own."""

    name: str
    lines: tuple[ValueLine, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordingLine:
    """One recording and the verdict of its quality gate."""

    path: str
    protocol: str
    usable: bool
    verdict: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClinicPages:
    """The pages for the clinician; `endorsement` says who signed or remarked what, one sentence each."""

    about: str
    endorsement: tuple[str, ...]
    alerts: tuple[str, ...]
    results: tuple[ResultRow, ...]
    axis: tuple[int, ...]
    notes: tuple[str, ...]
    bone: BoneStatus
    reasons: Reasons | None
    sureness: Sureness | None
    function: tuple[FunctionRow, ...]
    function_note: str
    sources: tuple[str, ...]
    values_note: str
    columns: tuple[tuple[ValueGroup, ...], ...]
    missing: tuple[Fact, ...]
    recordings: tuple[RecordingLine, ...]
    remarks: tuple[tuple[str, tuple[str, ...]], ...]
    provenance: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything on the pages; `words` are the fixed headings, `digest` names the assessment on each page."""

    lang: str
    words: Mapping[str, Any]
    notice: str
    made: str
    digest: str
    person: PersonPage
    clinic: ClinicPages
