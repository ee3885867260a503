"""Tables of people with access, sealed identities, consents and the audit; `tables.py` holds what was measured."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from osteogait.storage.moment import now
from osteogait.storage.tables import Base, Utc, new_id


class AccountRow(Base):
    """Somebody who may sign in."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    display: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str]
    pin: Mapped[str | None]
    pin_failures: Mapped[int] = mapped_column(default=0)
    lang: Mapped[str | None] = mapped_column(String(2))
    active: Mapped[bool] = mapped_column(default=True)
    by: Mapped[str]
    created: Mapped[datetime] = mapped_column(Utc, default=now)


class FailureRow(Base):
    """Wrong passwords in a row for one name or one address."""

    __tablename__ = "sign_in_failures"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last: Mapped[datetime] = mapped_column(Utc)


class SessionRow(Base):
    """One session; of its token only the hash is kept."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(8))
    csrf: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    locked: Mapped[bool] = mapped_column(default=False)
    ended: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(Utc, default=now)
    last_seen: Mapped[datetime] = mapped_column(Utc, default=now)


class IdentityRow(Base):
    """Who a pseudonym is: sealed under a key of its own that is wrapped by the key of the site."""

    __tablename__ = "identities"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    clinic_id_hmac: Mapped[str | None] = mapped_column(String(64), unique=True)
    changed: Mapped[datetime] = mapped_column(Utc, default=now)


class ConsentRow(Base):
    """One consent for one purpose, given and perhaps withdrawn."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("purpose IN ('test', 'research', 'cloud', 'genetics')", name="purpose"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(8))
    text_version: Mapped[str]
    lang: Mapped[str] = mapped_column(String(2))
    signer: Mapped[str]
    by: Mapped[str]
    given: Mapped[datetime] = mapped_column(Utc, default=now)
    withdrawn: Mapped[datetime | None] = mapped_column(Utc)
    withdrawn_by: Mapped[str | None]


class SlipRow(Base):
    """A code on paper for one visit at the kiosk; only its hash is kept."""

    __tablename__ = "slips"

    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    by: Mapped[str]
    expires: Mapped[datetime] = mapped_column(Utc)
    used: Mapped[datetime | None] = mapped_column(Utc)
    created: Mapped[datetime] = mapped_column(Utc, default=now)


class SettingRow(Base):
    """One choice of the administrator, as JSON."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    by: Mapped[str]
    changed: Mapped[datetime] = mapped_column(Utc, default=now)


class SensorRow(Base):
    """A sensor that belongs to this box."""

    __tablename__ = "sensors"

    address: Mapped[str] = mapped_column(String(17), primary_key=True)
    name: Mapped[str]
    model: Mapped[str]
    site: Mapped[str]
    by: Mapped[str]
    created: Mapped[datetime] = mapped_column(Utc, default=now)


class AuditRow(Base):
    """One event of the chain: `sha256` is over everything else and the hash of the row before."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    boot_id: Mapped[str] = mapped_column(String(36))
    monotonic_ns: Mapped[int]
    utc: Mapped[str] = mapped_column(String(32))
    synchronised: Mapped[bool | None]
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    details: Mapped[str]
    previous: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
