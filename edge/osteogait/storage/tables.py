"""The tables as typed models. A change here needs a step in migrations/versions (a test compares them)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, Dialect, Float, ForeignKey, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from osteogait.storage.moment import now

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(TypeDecorator[datetime]):
    """A moment as ISO 8601 text in UTC; a time without a zone is refused with ValueError."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Text for the database; microseconds always written, so that text order is time order."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value.isoformat()}")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The moment, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


def new_id() -> str:
    """A random identifier that says nothing about anybody."""
    return str(uuid.uuid4())


class Base(DeclarativeBase):
    """Base of all tables; every constraint has a name, so that a migration can refer to it."""

    metadata = MetaData(naming_convention=NAMES)


class PersonRow(Base):
    """One person: a random pseudonym, year of birth and sex, nothing that identifies."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("sex IN ('female', 'male')", name="sex"),
        CheckConstraint("birth_year BETWEEN 1880 AND 2100", name="birth_year"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    birth_year: Mapped[int]
    sex: Mapped[str] = mapped_column(String(6))
    created: Mapped[datetime] = mapped_column(Utc, default=now)
    erased: Mapped[datetime | None] = mapped_column(Utc)


class VisitRow(Base):
    """One visit of a person; tests, recordings, values and results hang on it."""

    __tablename__ = "visits"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    started: Mapped[datetime] = mapped_column(Utc, default=now)
    created: Mapped[datetime] = mapped_column(Utc, default=now)
    battery: Mapped[str | None]
    by: Mapped[str | None]
    closed: Mapped[datetime | None] = mapped_column(Utc)


class RecordingRow(Base):
    """One recording: the samples lie in the file at `path`, whose bytes have the hash `sha256`."""

    __tablename__ = "recordings"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("fs_hz > 0", name="fs_hz"),
        CheckConstraint("samples >= 0 AND lost >= 0", name="counts"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    protocol: Mapped[str]
    fs_hz: Mapped[float] = mapped_column(Float)
    samples: Mapped[int]
    lost: Mapped[int]
    started: Mapped[datetime | None] = mapped_column(Utc)
    created: Mapped[datetime] = mapped_column(Utc, default=now)


class ValueRow(Base):
    """One value of one variable: a number in the stored unit, or text; what was written; where it is from."""

    __tablename__ = "observed_values"
    __table_args__ = (CheckConstraint("(number IS NULL) <> (text IS NULL)", name="one_value"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id"), index=True)
    variable: Mapped[str] = mapped_column(index=True)
    number: Mapped[float | None] = mapped_column(Float)
    text: Mapped[str | None]
    unit: Mapped[str]
    written_value: Mapped[str | None]
    written_unit: Mapped[str | None]
    source: Mapped[str]
    taken_at: Mapped[datetime | None] = mapped_column(Utc)
    created: Mapped[datetime] = mapped_column(Utc, default=now)
    comparator: Mapped[str | None]
    code: Mapped[str | None]
    document_id: Mapped[str | None] = mapped_column(String(36))
    document_row: Mapped[int | None]
    notes: Mapped[str | None]
    by: Mapped[str | None]
    withdrawn: Mapped[datetime | None] = mapped_column(Utc)
    withdrawn_by: Mapped[str | None]
    withdrawn_reason: Mapped[str | None]


class ResultRow(Base):
    """One assessment as it was shown: canonical JSON and its hash, model and software that made it."""

    __tablename__ = "results"
    __table_args__ = (
        CheckConstraint("length(assessment_sha256) = 64", name="assessment_sha256"),
        CheckConstraint("length(model_sha256) = 64", name="model_sha256"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    assessment: Mapped[str]
    assessment_sha256: Mapped[str] = mapped_column(String(64))
    model_version: Mapped[str]
    model_sha256: Mapped[str] = mapped_column(String(64))
    software_version: Mapped[str]
    created: Mapped[datetime] = mapped_column(Utc, default=now)
    supersedes: Mapped[str | None] = mapped_column(String(36))


class TrialRow(Base):
    """One try of one test at a visit: done or not, taken or not, with its measures and the reason."""

    __tablename__ = "trials"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'rejected', 'repeated', 'skipped')", name="state"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id"))
    test: Mapped[str]
    protocol: Mapped[str]
    variant: Mapped[str | None]
    attempt: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None]
    measures: Mapped[str | None]
    by: Mapped[str]
    created: Mapped[datetime] = mapped_column(Utc, default=now)


class DocumentRow(Base):
    """One file as it was uploaded: its bytes lie under their hash, `report` says what became of its rows."""

    __tablename__ = "documents"
    __table_args__ = (CheckConstraint("length(sha256) = 64", name="sha256"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    name: Mapped[str]
    kind: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    report: Mapped[str]
    by: Mapped[str]
    created: Mapped[datetime] = mapped_column(Utc, default=now)


class SignatureRow(Base):
    """One act of a clinician on a result: comment, override or signature; none is ever changed."""

    __tablename__ = "signatures"
    __table_args__ = (CheckConstraint("kind IN ('comment', 'override', 'sign')", name="kind"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    result_id: Mapped[str] = mapped_column(ForeignKey("results.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(8))
    comment: Mapped[str | None]
    override: Mapped[str | None]
    assessment_sha256: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(Utc, default=now)
