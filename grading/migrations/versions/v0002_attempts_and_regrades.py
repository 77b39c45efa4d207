"""Rules of attempts, regrades that append, stored studies, hints, workers that are seen."""

import sqlalchemy as sa
from alembic import op

from grading.migrations.versions.v0001_submissions_and_outcomes import _SQLITE_GUARDS
from grading.tables import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NEW = ("half_width_95", "late_factor", "supersedes", "reason", "regraded_by")


def _outcomes() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("submission_id", sa.Uuid, sa.ForeignKey("submissions.id"), nullable=False),
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
    ]


def _added() -> list[sa.Column[object]]:
    return [
        sa.Column("half_width_95", sa.Double),
        sa.Column("late_factor", sa.Double),
        sa.Column("supersedes", sa.Uuid, sa.ForeignKey("outcomes.id", name="fk_outcomes_supersedes")),
        sa.Column("reason", sa.Text),
        sa.Column("regraded_by", sa.String(255)),
    ]


def _rebuild(*parts: sa.Column[object] | sa.UniqueConstraint) -> None:
    """Make SQLite's table of outcomes anew: it cannot drop a constraint. Its guards fall and rise again with it."""
    kept = ", ".join(column.name for column in _outcomes())
    op.create_table("outcomes_rebuilt", *parts)
    op.execute(f"INSERT INTO outcomes_rebuilt ({kept}) SELECT {kept} FROM outcomes")  # noqa: S608 - names of ours
    op.drop_table("outcomes")
    op.rename_table("outcomes_rebuilt", "outcomes")
    op.create_index("ix_outcomes_lab", "outcomes", ["lab", "learner"])
    for statement in _SQLITE_GUARDS:
        op.execute(statement)


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    op.add_column("submissions", sa.Column("late_factor", sa.Double))
    op.add_column("submissions", sa.Column("worked_s", sa.Double))
    chain = sa.UniqueConstraint("learner", "seq", name="uq_outcomes_learner_seq")
    if _sqlite():
        _rebuild(*_outcomes(), *_added(), chain)
    else:
        op.drop_constraint("outcomes_submission_id_key", "outcomes", type_="unique")
        for column in _added():
            op.add_column("outcomes", column)
    first = sa.text("supersedes IS NULL")
    op.create_index(
        "uq_outcomes_first", "outcomes", ["submission_id"], unique=True, sqlite_where=first, postgresql_where=first
    )
    op.create_index("uq_outcomes_supersedes", "outcomes", ["supersedes"], unique=True)
    op.create_index("ix_outcomes_submission", "outcomes", ["submission_id"])
    op.create_index("ix_outcomes_learner_time", "outcomes", ["learner", "recorded_at"])
    op.create_index("ix_outcomes_time", "outcomes", ["recorded_at"])
    op.create_table(
        "studies",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("lab_digest", sa.String(64), nullable=False),
        sa.Column("engine", sa.String(40), nullable=False),
        sa.Column("kpis", sa.JSON, nullable=False),
        sa.Column("replications", sa.Integer, nullable=False),
        sa.Column("values", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_studies_lab_digest", "studies", ["lab_digest"])
    op.create_table(
        "hints",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("lab", sa.String(100), nullable=False),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.Column("wanted_at", UtcDateTime, nullable=False),
        sa.Column("lease_expires_at", UtcDateTime),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("found_at", UtcDateTime),
        sa.Column("hint", sa.JSON),
    )
    op.create_index("ix_hints_wanted", "hints", ["found_at", "wanted_at"])
    op.create_table(
        "rules",
        sa.Column("class_name", sa.String(255), primary_key=True),
        sa.Column("lab", sa.String(100), primary_key=True),
        sa.Column("attempts", sa.Integer),
        sa.Column("counts", sa.String(10), nullable=False),
        sa.Column("opens_at", UtcDateTime),
        sa.Column("due_at", UtcDateTime),
        sa.Column("closes_at", UtcDateTime),
        sa.Column("deduction_per_day", sa.Double, nullable=False),
        sa.Column("changed_by", sa.String(255), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("seen_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "regrades",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("requested_by", sa.String(255), nullable=False),
        sa.Column("requested_at", UtcDateTime, nullable=False),
        sa.Column("lab", sa.String(100), nullable=False),
        sa.Column("class_name", sa.String(255)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("never_lower", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("applied_by", sa.String(255)),
        sa.Column("applied_at", UtcDateTime),
        sa.CheckConstraint("state IN ('preview', 'applied', 'dropped')", name="ck_regrades_state"),
    )
    op.create_table(
        "regrade_items",
        sa.Column("regrade_id", sa.Uuid, sa.ForeignKey("regrades.id"), primary_key=True),
        sa.Column("outcome_id", sa.Uuid, sa.ForeignKey("outcomes.id"), primary_key=True),
        sa.Column("lease_owner", sa.String(255)),
        sa.Column("lease_expires_at", UtcDateTime),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("assessment", sa.JSON),
        sa.Column("failure", sa.Text),
        sa.Column("new_outcome_id", sa.Uuid, sa.ForeignKey("outcomes.id")),
    )


def downgrade() -> None:
    regraded = op.get_bind().execute(sa.text("SELECT count(*) FROM outcomes WHERE supersedes IS NOT NULL")).scalar_one()
    dressed = " OR ".join(f"{name} IS NOT NULL" for name in _NEW)
    hashed = op.get_bind().execute(sa.text(f"SELECT count(*) FROM outcomes WHERE {dressed}")).scalar_one()  # noqa: S608
    if regraded or hashed:
        message = (
            f"{hashed} outcomes ({regraded} of them regrades) hold what version 0001 cannot: "
            "their hashes would break; restore a backup made before the upgrade instead"
        )
        raise RuntimeError(message)
    for table in ("regrade_items", "regrades", "workers", "rules", "hints", "studies"):
        op.drop_table(table)
    for index in ("uq_outcomes_first", "uq_outcomes_supersedes", "ix_outcomes_submission", "ix_outcomes_time"):
        op.drop_index(index, "outcomes")
    op.drop_index("ix_outcomes_learner_time", "outcomes")
    if _sqlite():
        chain = sa.UniqueConstraint("learner", "seq", name="uq_outcomes_learner_seq")
        _rebuild(*_outcomes(), chain, sa.UniqueConstraint("submission_id"))
    else:
        for name in _NEW:
            op.drop_column("outcomes", name)
        op.create_unique_constraint("outcomes_submission_id_key", "outcomes", ["submission_id"])
    op.drop_column("submissions", "worked_s")
    op.drop_column("submissions", "late_factor")
