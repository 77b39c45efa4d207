from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from grading.database import Database
from grading.tables import metadata, outcomes

from .conftest import graded

if TYPE_CHECKING:
    from pathlib import Path


def test_migrations_make_the_tables_that_the_code_means(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrading_again_changes_nothing(database: Database) -> None:
    outcome = graded(database)
    database.upgrade()
    with database.reading() as connection:
        assert connection.execute(sa.select(outcomes.c.id)).scalar_one() == outcome.id


def test_processes_that_start_together_take_turns(database_url: str) -> None:
    program = f"from grading.database import Database; Database({database_url!r}).upgrade()"
    starting = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) for _ in range(4)]
    for one in starting:
        _, errors = one.communicate()
        assert one.returncode == 0, errors


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outcomes SET points = 100",
        "UPDATE outcomes SET points = points WHERE seq = 1",
        "DELETE FROM outcomes",
        "DELETE FROM outcomes WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_outcomes(database: Database, statement: str) -> None:
    before = graded(database, points=40)
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), database.writing() as connection:
        connection.execute(sa.text(statement))
    with database.reading() as connection:
        assert connection.execute(sa.select(outcomes.c.points, outcomes.c.hash)).all() == [(40, before.hash)]


@pytest.mark.postgres
def test_postgresql_refuses_to_empty_the_outcomes(postgres_database: Database) -> None:
    graded(postgres_database)
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), postgres_database.writing() as connection:
        connection.execute(sa.text("TRUNCATE outcomes CASCADE"))


def test_sqlite_writes_durably(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'store.sqlite3'}")
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() >= 1000
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    database.close()


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def fail_half_way() -> None:
        with database.writing() as connection:
            connection.execute(sa.text("CREATE TABLE half_done (id INTEGER)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with database.reading() as connection:
        assert "half_done" not in sa.inspect(connection).get_table_names()


def test_tables_go_down_and_up_and_nothing_recorded_is_lost_by_it(database: Database) -> None:
    database.downgrade("base")
    database.upgrade()
    graded(database)
    with pytest.raises(RuntimeError, match="restore a backup"):
        database.downgrade("0001")
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_outcomes_of_the_first_version_keep_their_hashes_and_their_guards(database: Database) -> None:
    from grading.chain import GENESIS, row_hash
    from grading.outcomes import Outcomes

    from .conftest import judged, stored

    made = stored(database)
    database.downgrade("0001")
    old = {
        **{name: value for name, value in vars(judged()).items() if name != "half_width_95"},
        "id": made.id,
        "submission_id": made.id,
        "learner": "li",
        "seq": 1,
        "lab": "small-line",
        "recorded_at": made.submitted_at,
        "prev_hash": GENESIS,
    }
    old["hash"] = row_hash(old)
    with database.writing() as connection:
        connection.execute(sa.insert(outcomes).values(old))
    database.upgrade()
    assert Outcomes(database).verify() is None
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), database.writing() as connection:
        connection.execute(sa.text("DELETE FROM outcomes"))
    database.downgrade("0001")
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), database.writing() as connection:
        connection.execute(sa.text("DELETE FROM outcomes"))
