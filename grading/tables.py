"""The tables: submissions, which change state; outcomes, which never change; and what grading keeps beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

__all__ = [
    "UtcDateTime",
    "audit",
    "classes",
    "enrolments",
    "hints",
    "lab_files",
    "metadata",
    "outcomes",
    "regrade_items",
    "regrades",
    "rules",
    "schools",
    "studies",
    "submissions",
    "workers",
]


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
    sa.Column("late_factor", sa.Double),
    sa.Column("worked_s", sa.Double),
    sa.UniqueConstraint("learner", "idempotency_key", name="uq_submissions_learner_key"),
    sa.CheckConstraint("state IN ('queued', 'grading', 'graded', 'failed')", name="ck_submissions_state"),
    sa.Index("ix_submissions_state", "state", "submitted_at"),
    sa.Index("ix_submissions_learner", "learner", "lab"),
)

outcomes = sa.Table(
    "outcomes",
    metadata,
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
    sa.Column("half_width_95", sa.Double),
    sa.Column("late_factor", sa.Double),
    sa.Column("supersedes", sa.Uuid, sa.ForeignKey("outcomes.id", name="fk_outcomes_supersedes")),
    sa.Column("reason", sa.Text),
    sa.Column("regraded_by", sa.String(255)),
    sa.Column("account", sa.String(36)),
    sa.UniqueConstraint("learner", "seq", name="uq_outcomes_learner_seq"),
    # A submission is graded once, and an outcome is superseded by one other at most.
    sa.Index(
        "uq_outcomes_first",
        "submission_id",
        unique=True,
        sqlite_where=sa.text("supersedes IS NULL"),
        postgresql_where=sa.text("supersedes IS NULL"),
    ),
    sa.Index("uq_outcomes_supersedes", "supersedes", unique=True),
    sa.Index("ix_outcomes_submission", "submission_id"),
    sa.Index("ix_outcomes_lab", "lab", "learner"),
    sa.Index("ix_outcomes_learner_time", "learner", "recorded_at"),
    sa.Index("ix_outcomes_time", "recorded_at"),
)

studies = sa.Table(
    "studies",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("lab_digest", sa.String(64), nullable=False),
    sa.Column("engine", sa.String(40), nullable=False),
    sa.Column("kpis", sa.JSON, nullable=False),
    sa.Column("replications", sa.Integer, nullable=False),
    sa.Column("values", sa.LargeBinary, nullable=False),
    sa.Index("ix_studies_lab_digest", "lab_digest"),
)

hints = sa.Table(
    "hints",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("lab", sa.String(100), nullable=False),
    sa.Column("decision", sa.JSON, nullable=False),
    sa.Column("wanted_at", UtcDateTime, nullable=False),
    sa.Column("lease_expires_at", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("found_at", UtcDateTime),
    sa.Column("hint", sa.JSON(none_as_null=True)),
    sa.Index("ix_hints_wanted", "found_at", "wanted_at"),
)

rules = sa.Table(
    "rules",
    metadata,
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

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)

regrades = sa.Table(
    "regrades",
    metadata,
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

regrade_items = sa.Table(
    "regrade_items",
    metadata,
    sa.Column("regrade_id", sa.Uuid, sa.ForeignKey("regrades.id"), primary_key=True),
    sa.Column("outcome_id", sa.Uuid, sa.ForeignKey("outcomes.id"), primary_key=True),
    sa.Column("lease_owner", sa.String(255)),
    sa.Column("lease_expires_at", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("assessment", sa.JSON(none_as_null=True)),
    sa.Column("failure", sa.Text),
    sa.Column("new_outcome_id", sa.Uuid, sa.ForeignKey("outcomes.id")),
)

schools = sa.Table(
    "schools",
    metadata,
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("title", sa.String(255), nullable=False),
    sa.Column("hours_per_credit", sa.Double, nullable=False),
    sa.Column("pass_share", sa.Double, nullable=False),
)

classes = sa.Table(
    "classes",
    metadata,
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("school", sa.String(255), sa.ForeignKey("schools.name"), nullable=False),
    sa.Column("title", sa.String(255), nullable=False),
    sa.Index("ix_classes_school", "school"),
)

enrolments = sa.Table(
    "enrolments",
    metadata,
    sa.Column("class_name", sa.String(255), sa.ForeignKey("classes.name"), primary_key=True),
    sa.Column("learner", sa.String(255), primary_key=True),
    sa.Column("student_number", sa.String(64), nullable=False),
    sa.Column("full_name", sa.String(255), nullable=False),
    sa.UniqueConstraint("class_name", "student_number", name="uq_enrolments_number"),
    sa.Index("ix_enrolments_learner", "learner"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("act", sa.String(40), nullable=False),
    sa.Column("target", sa.String(600), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Index("ix_audit_at", "at"),
)

lab_files = sa.Table(
    "lab_files",
    metadata,
    sa.Column("lab_digest", sa.String(64), primary_key=True),
    sa.Column("rubric_digest", sa.String(64), primary_key=True),
    sa.Column("lab", sa.String(100), nullable=False),
    sa.Column("files", sa.JSON, nullable=False),
)
