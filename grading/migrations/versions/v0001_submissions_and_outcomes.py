"""Submissions and append-only outcomes."""

import sqlalchemy as sa
from alembic import op

from grading.tables import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE_GUARDS = [
    f"""CREATE TRIGGER outcomes_no_{verb.lower()} BEFORE {verb} ON outcomes
    BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END"""
    for verb in ("UPDATE", "DELETE")
]

_POSTGRESQL_GUARDS = [
    """CREATE FUNCTION outcomes_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'outcomes are append-only'; END $$""",
    """CREATE TRIGGER outcomes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION outcomes_append_only()""",
]


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("learner", sa.String(255), nullable=False),
        sa.Column("lab", sa.String(100), nullable=False),
        sa.Column("lab_version", sa.String(40), nullable=False),
        sa.Column("lab_digest", sa.String(64), nullable=False),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("submitted_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("lease_owner", sa.String(255)),
        sa.Column("lease_expires_at", UtcDateTime),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failure", sa.Text),
        sa.UniqueConstraint("learner", "idempotency_key", name="uq_submissions_learner_key"),
        sa.CheckConstraint("state IN ('queued', 'grading', 'graded', 'failed')", name="ck_submissions_state"),
    )
    op.create_index("ix_submissions_state", "submissions", ["state", "submitted_at"])
    op.create_index("ix_submissions_learner", "submissions", ["learner", "lab"])
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("submission_id", sa.Uuid, sa.ForeignKey("submissions.id"), nullable=False, unique=True),
        sa.Column("learner", sa.String(255), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("lab", sa.String(100), nullable=False),
        sa.Column("lab_version", sa.String(40), nullable=False),
        sa.Column("lab_digest", sa.String(64), nullable=False),
        sa.Column("engine_version", sa.String(40), nullable=False),
        sa.Column("rubric_digest", sa.String(64), nullable=False),
        sa.Column("seed_commitment", sa.String(64), nullable=False),
        sa.Column("replications", sa.Integer, nullable=False),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.Column("estimates", sa.JSON, nullable=False),
        sa.Column("points", sa.Double, nullable=False),
        sa.Column("maximum", sa.Double, nullable=False),
        sa.Column("criteria", sa.JSON, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("learner", "seq", name="uq_outcomes_learner_seq"),
    )
    op.create_index("ix_outcomes_lab", "outcomes", ["lab", "learner"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GUARDS if sqlite else _POSTGRESQL_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    count = op.get_bind().execute(sa.text("SELECT count(*) FROM outcomes")).scalar_one()
    if count:
        message = f"{count} outcomes would be lost; make a backup and start with a new database instead"
        raise RuntimeError(message)
    op.drop_table("outcomes")
    op.drop_table("submissions")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION outcomes_append_only()")
