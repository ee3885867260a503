"""People, visits, recordings, values and results."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.String(32)
ID = sa.String(36)
HASH = sa.String(64)


def upgrade() -> None:
    """From an empty file to the first tables."""
    op.create_table(
        "people",
        sa.Column("id", ID, nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=False),
        sa.Column("sex", sa.String(6), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.CheckConstraint("sex IN ('female', 'male')", name=op.f("ck_people_sex")),
        sa.CheckConstraint("birth_year BETWEEN 1880 AND 2100", name=op.f("ck_people_birth_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "visits",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("started", TIME, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_visits_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_person_id"), "visits", ["person_id"])
    _recordings()
    _values()
    _results()


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", ID, nullable=False),
        sa.Column("visit_id", ID, nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sha256", HASH, nullable=False),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("fs_hz", sa.Float(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("started", TIME, nullable=True),
        sa.Column("created", TIME, nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_recordings_sha256")),
        sa.CheckConstraint("fs_hz > 0", name=op.f("ck_recordings_fs_hz")),
        sa.CheckConstraint("samples >= 0 AND lost >= 0", name=op.f("ck_recordings_counts")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_recordings_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
    )
    op.create_index(op.f("ix_recordings_visit_id"), "recordings", ["visit_id"])


def _values() -> None:
    op.create_table(
        "observed_values",
        sa.Column("id", ID, nullable=False),
        sa.Column("visit_id", ID, nullable=False),
        sa.Column("recording_id", ID, nullable=True),
        sa.Column("variable", sa.String(), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("written_value", sa.String(), nullable=True),
        sa.Column("written_unit", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("taken_at", TIME, nullable=True),
        sa.Column("created", TIME, nullable=False),
        sa.CheckConstraint("(number IS NULL) <> (text IS NULL)", name=op.f("ck_observed_values_one_value")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_observed_values_visit_id_visits")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_observed_values_recording_id_recordings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observed_values")),
    )
    for column in ("visit_id", "recording_id", "variable"):
        op.create_index(op.f(f"ix_observed_values_{column}"), "observed_values", [column])


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("id", ID, nullable=False),
        sa.Column("visit_id", ID, nullable=False),
        sa.Column("assessment", sa.String(), nullable=False),
        sa.Column("assessment_sha256", HASH, nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("model_sha256", HASH, nullable=False),
        sa.Column("software_version", sa.String(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.CheckConstraint("length(assessment_sha256) = 64", name=op.f("ck_results_assessment_sha256")),
        sa.CheckConstraint("length(model_sha256) = 64", name=op.f("ck_results_model_sha256")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_results_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
    )
    op.create_index(op.f("ix_results_visit_id"), "results", ["visit_id"])
