from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from grading.backup import BackupError, back_up, restore
from grading.database import Database
from grading.outcomes import Outcomes
from grading.people import Enrolment, People, School
from grading.rules import Rule, Rules
from grading.tables import metadata

from .conftest import graded, stored
from .test_outcomes import without_guard
from .test_regrades import previewed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def content(database: Database) -> dict[str, list[object]]:
    with database.reading() as connection:
        return {
            table.name: sorted((dict(row._mapping) for row in connection.execute(sa.select(table))), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.fixture
def filled(database: Database) -> Database:
    People(database).put_school(School("north", "北方"))
    People(database).enrol("north", [Enrolment("one", "li", "1", "李明")])
    Rules(database).put("one", "small-line", Rule(attempts=3), "chen")
    for learner in ("li", "li", "wang"):
        graded(database, learner)
    previewed(database, {"li": 80.0, "wang": 50.0})
    stored(database, key="waits")
    return database


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    yield made
    made.close()


def test_what_is_restored_is_what_was_there(filled: Database, empty: Database, tmp_path: Path) -> None:
    secret, target = tmp_path / "secret", tmp_path / "backup.tar.gz"
    secret.write_text("5a" * 32)
    rows = back_up(filled, {"secret": secret, "gone": tmp_path / "gone"}, target)
    assert rows["outcomes"] == 3
    assert target.stat().st_mode & 0o077 == 0
    there = tmp_path / "there" / "secret"
    assert restore(empty, target, {"secret": there}) == rows
    assert content(empty) == content(filled)
    assert there.read_text() == secret.read_text()
    assert there.stat().st_mode & 0o077 == 0
    assert Outcomes(empty).breaks() == []
    with pytest.raises(BackupError, match="not empty"):
        restore(empty, target, {})


def test_a_backup_is_of_one_moment_while_others_write(database: Database, empty: Database, tmp_path: Path) -> None:
    graded(database)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            graded(database)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            back_up(database, {}, tmp_path / f"{number}.tar.gz")
    finally:
        stop.set()
        writer.join()
    rows = restore(empty, tmp_path / "2.tar.gz", {})
    assert 0 < rows["outcomes"] <= rows["submissions"] <= rows["outcomes"] + 1
    assert Outcomes(empty).breaks() == []


def test_a_ledger_that_does_not_hold_is_not_restored(filled: Database, empty: Database, tmp_path: Path) -> None:
    without_guard(filled, "UPDATE outcomes SET points = 100 WHERE seq = 1")
    back_up(filled, {}, tmp_path / "backup")
    with pytest.raises(BackupError, match="outcome 1 was changed"):
        restore(empty, tmp_path / "backup", {})
    assert all(rows == [] for rows in content(empty).values())


def test_a_damaged_backup_is_refused(filled: Database, empty: Database, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    back_up(filled, {}, target)
    with pytest.raises(BackupError, match="exists"):
        back_up(filled, {}, target)
    whole = target.read_bytes()
    target.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupError, match="damaged"):
        restore(empty, target, {})
    assert all(rows == [] for rows in content(empty).values())
