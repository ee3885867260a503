"""Accounts, sessions, sealed identities, consents, tests, documents, signatures, slips, settings, sensors, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.String(32)
ID = sa.String(36)
HASH = sa.String(64)


def upgrade() -> None:
    """People with access, and what a visit on the screen leaves."""
    _accounts()
    _audit()
    _sensors()
    _settings()
    _sign_in_failures()
    _consents()
    _identities()
    _slips()
    _documents()
    _sessions()
    _signatures()
    _trials()
    _columns()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("pin", sa.String(), nullable=True),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("boot_id", ID, nullable=False),
        sa.Column("monotonic_ns", sa.Integer(), nullable=False),
        sa.Column("utc", TIME, nullable=False),
        sa.Column("synchronised", sa.Boolean(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("details", sa.String(), nullable=False),
        sa.Column("previous", HASH, nullable=False),
        sa.Column("sha256", HASH, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )


def _sensors() -> None:
    op.create_table(
        "sensors",
        sa.Column("address", sa.String(length=17), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_sensors")),
    )


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("changed", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )


def _sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("subject", HASH, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failures")),
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("given", TIME, nullable=False),
        sa.Column("withdrawn", TIME, nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('test', 'research', 'cloud', 'genetics')", name=op.f("ck_consents_purpose")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_consents_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_person_id"), "consents", ["person_id"], unique=False)


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("clinic_id_hmac", HASH, nullable=True),
        sa.Column("changed", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_identities")),
        sa.UniqueConstraint("clinic_id_hmac", name=op.f("uq_identities_clinic_id_hmac")),
    )


def _slips() -> None:
    op.create_table(
        "slips",
        sa.Column("code_sha256", HASH, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("used", TIME, nullable=True),
        sa.Column("created", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_slips_person_id_people")),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_slips")),
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("visit_id", ID, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", HASH, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_documents_sha256")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_documents_person_id_people")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_documents_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_person_id"), "documents", ["person_id"], unique=False)
    op.create_index(op.f("ix_documents_sha256"), "documents", ["sha256"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_sha256", HASH, nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("visit_id", ID, nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_sessions_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_sessions_token_sha256")),
    )


def _signatures() -> None:
    op.create_table(
        "signatures",
        sa.Column("id", ID, nullable=False),
        sa.Column("result_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("override", sa.String(), nullable=True),
        sa.Column("assessment_sha256", HASH, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.CheckConstraint("kind IN ('comment', 'override', 'sign')", name=op.f("ck_signatures_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_signatures_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_signatures_result_id_results")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
    )
    op.create_index(op.f("ix_signatures_result_id"), "signatures", ["result_id"], unique=False)


def _trials() -> None:
    op.create_table(
        "trials",
        sa.Column("id", ID, nullable=False),
        sa.Column("visit_id", ID, nullable=False),
        sa.Column("recording_id", ID, nullable=True),
        sa.Column("test", sa.String(), nullable=False),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("measures", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'rejected', 'repeated', 'skipped')", name=op.f("ck_trials_state")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_trials_recording_id_recordings")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_trials_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    op.create_index(op.f("ix_trials_visit_id"), "trials", ["visit_id"], unique=False)


def _columns() -> None:
    op.add_column("observed_values", sa.Column("comparator", sa.String(), nullable=True))
    op.add_column("observed_values", sa.Column("code", sa.String(), nullable=True))
    op.add_column("observed_values", sa.Column("document_id", ID, nullable=True))
    op.add_column("observed_values", sa.Column("document_row", sa.Integer(), nullable=True))
    op.add_column("observed_values", sa.Column("notes", sa.String(), nullable=True))
    op.add_column("observed_values", sa.Column("by", sa.String(), nullable=True))
    op.add_column("observed_values", sa.Column("withdrawn", TIME, nullable=True))
    op.add_column("observed_values", sa.Column("withdrawn_by", sa.String(), nullable=True))
    op.add_column("observed_values", sa.Column("withdrawn_reason", sa.String(), nullable=True))
    op.add_column("people", sa.Column("erased", TIME, nullable=True))
    op.add_column("results", sa.Column("supersedes", ID, nullable=True))
    op.add_column("visits", sa.Column("battery", sa.String(), nullable=True))
    op.add_column("visits", sa.Column("by", sa.String(), nullable=True))
    op.add_column("visits", sa.Column("closed", TIME, nullable=True))
