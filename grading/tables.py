"""The tables: submissions, which change state, and outcomes, which never change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

__all__ = ["UtcDateTime", "metadata", "outcomes", "submissions"]


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; SQLite, which knows no time zones, keeps it without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; hand the others over in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"moment = {value!r} must carry a time zone"
            raise ValueError(message)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every moment back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()

submissions = sa.Table(
    "submissions",
    metadata,
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
    sa.Index("ix_submissions_state", "state", "submitted_at"),
    sa.Index("ix_submissions_learner", "learner", "lab"),
)

outcomes = sa.Table(
    "outcomes",
    metadata,
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
    sa.Index("ix_outcomes_lab", "lab", "learner"),
)
