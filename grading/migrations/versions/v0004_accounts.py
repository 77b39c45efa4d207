"""Accounts: a random number stands for the learner in the hash chain, so that her name alone can be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEPT = (
    *("id", "submission_id", "seq", "lab", "lab_version", "lab_digest", "engine_version", "rubric_digest"),
    *("seed_commitment", "replications", "decision", "estimates", "points", "maximum", "criteria", "recorded_at"),
    *("prev_hash", "hash", "half_width_95", "late_factor", "supersedes", "reason", "regraded_by", "account"),
)

_SQLITE_ERASURE = f"""CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes
WHEN NOT (NEW.learner = 'erased-' || OLD.account AND {" AND ".join(f"NEW.{name} IS OLD.{name}" for name in _KEPT)})
BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END"""

_SQLITE_STRICT = """CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes
BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END"""

_POSTGRESQL_ERASURE = [
    """CREATE FUNCTION outcomes_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.learner = 'erased-' || OLD.account AND to_jsonb(NEW) - 'learner' = to_jsonb(OLD) - 'learner' THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'outcomes are append-only';
    END $$""",
    "DROP TRIGGER outcomes_append_only ON outcomes",
    """CREATE TRIGGER outcomes_append_only BEFORE DELETE OR TRUNCATE ON outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION outcomes_append_only()""",
    """CREATE TRIGGER outcomes_only_erased BEFORE UPDATE ON outcomes
    FOR EACH ROW EXECUTE FUNCTION outcomes_only_erased()""",
]

_POSTGRESQL_STRICT = [
    "DROP TRIGGER outcomes_only_erased ON outcomes",
    "DROP FUNCTION outcomes_only_erased()",
    "DROP TRIGGER outcomes_append_only ON outcomes",
    """CREATE TRIGGER outcomes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION outcomes_append_only()""",
]


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("account", sa.String(36)))
    if _sqlite():
        op.execute("DROP TRIGGER outcomes_no_update")
        op.execute(_SQLITE_ERASURE)
        return
    for statement in _POSTGRESQL_ERASURE:
        op.execute(statement)


def downgrade() -> None:
    count = op.get_bind().execute(sa.text("SELECT count(*) FROM outcomes WHERE account IS NOT NULL")).scalar_one()
    if count:
        message = (
            f"{count} outcomes hold an account, which is in their hashes and version 0003 does not know; "
            "restore a backup made before the upgrade instead"
        )
        raise RuntimeError(message)
    if _sqlite():
        op.execute("DROP TRIGGER outcomes_no_update")
        op.drop_column("outcomes", "account")
        op.execute(_SQLITE_STRICT)
        return
    for statement in _POSTGRESQL_STRICT:
        op.execute(statement)
    op.drop_column("outcomes", "account")
