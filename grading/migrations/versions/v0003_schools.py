"""Schools, their classes, who is enrolled, the audit log, and the files of graded labs."""

import sqlalchemy as sa
from alembic import op

from grading.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SQLITE_GUARDS = [
    f"""CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""
    for verb in ("UPDATE", "DELETE")
]

_POSTGRESQL_GUARDS = [
    """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
]


def upgrade() -> None:
    op.create_table(
        "schools",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("hours_per_credit", sa.Double, nullable=False),
        sa.Column("pass_share", sa.Double, nullable=False),
    )
    op.create_table(
        "classes",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("school", sa.String(255), sa.ForeignKey("schools.name"), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
    )
    op.create_index("ix_classes_school", "classes", ["school"])
    op.create_table(
        "enrolments",
        sa.Column("class_name", sa.String(255), sa.ForeignKey("classes.name"), primary_key=True),
        sa.Column("learner", sa.String(255), primary_key=True),
        sa.Column("student_number", sa.String(64), nullable=False),
        sa.Column("full_name", sa.String(255), nullable=False),
        sa.UniqueConstraint("class_name", "student_number", name="uq_enrolments_number"),
    )
    op.create_index("ix_enrolments_learner", "enrolments", ["learner"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("target", sa.String(600), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_table(
        "lab_files",
        sa.Column("lab_digest", sa.String(64), primary_key=True),
        sa.Column("rubric_digest", sa.String(64), primary_key=True),
        sa.Column("lab", sa.String(100), nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GUARDS if sqlite else _POSTGRESQL_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("lab_files")
    op.drop_table("audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_append_only()")
    for table in ("enrolments", "classes", "schools"):
        op.drop_table(table)
