from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from grading.chain import GENESIS
from grading.errors import LeaseLostError
from grading.leases import Leases
from grading.outcomes import Outcomes
from grading.submissions import Submissions
from grading.tables import outcomes

from .conftest import graded, judged, stored
from .test_leases import expire

if TYPE_CHECKING:
    from grading.database import Database


def test_an_outcome_comes_back_as_it_was(database: Database) -> None:
    outcome = graded(database, points=72.5)
    store = Outcomes(database)
    assert store.get(outcome.id) == outcome
    assert store.of_submission(outcome.submission_id) == outcome
    submission = Submissions(database).get(outcome.submission_id)
    assert submission is not None
    assert (submission.state, submission.lease_owner) == ("graded", None)
    assert outcome.criteria[0]["feedback"] == {"zh": "好", "en": "good"}


def test_outcomes_of_a_learner_are_chained(database: Database) -> None:
    first, second, other = graded(database), graded(database), graded(database, "wang")
    assert (first.seq, first.prev_hash) == (1, GENESIS)
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert (other.seq, other.prev_hash) == (1, GENESIS)
    assert Outcomes(database).verify() is None


def test_a_submission_is_graded_once(database: Database) -> None:
    store, queue = Outcomes(database), Leases(database)
    stored(database)
    first = queue.claim("first", 60)
    assert first is not None
    expire(database, first.id)
    second = queue.claim("second", 60)
    assert second is not None
    store.record(second, judged())
    with pytest.raises(LeaseLostError):
        store.record(first, judged(100))
    with pytest.raises(LeaseLostError):
        store.record(second, judged(100))
    assert [outcome.points for outcome in store.of_learners(["li"])] == [60.0]


def test_workers_that_record_at_once_keep_the_chain_whole(database: Database) -> None:
    store, queue = Outcomes(database), Leases(database)
    for number in range(12):
        stored(database, key=f"key-{number}")
    claims = [claim for _ in range(12) if (claim := queue.claim("worker", 60))]
    with ThreadPoolExecutor(6) as threads:
        recorded = list(threads.map(lambda claim: store.record(claim, judged()), claims))
    assert sorted(outcome.seq for outcome in recorded) == list(range(1, 13))
    assert store.verify() is None


def without_guard(database: Database, statement: str) -> None:
    """Do what only somebody with the database's own rights can do."""
    with database.writing() as connection:
        if database.sqlite:
            connection.execute(sa.text("DROP TRIGGER outcomes_no_update"))
            connection.execute(sa.text("DROP TRIGGER outcomes_no_delete"))
        else:
            connection.execute(sa.text("ALTER TABLE outcomes DISABLE TRIGGER ALL"))
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("statement", "seq", "reason"),
    [
        ("UPDATE outcomes SET points = 100 WHERE seq = 2", 2, "changed"),
        ("UPDATE outcomes SET learner = 'wang' WHERE seq = 1", 1, "missing"),
        ("DELETE FROM outcomes WHERE seq = 2", 2, "missing"),
        ("DELETE FROM outcomes WHERE seq = 3", 3, "missing"),
    ],
)
def test_verify_finds_what_was_tampered_with(database: Database, statement: str, seq: int, reason: str) -> None:
    for _ in range(3):
        graded(database)
    without_guard(database, statement)
    found = Outcomes(database).verify()
    assert found is not None
    assert (found.learner, found.seq) == ("li", seq)
    assert reason in found.reason


def test_pages_are_filtered_and_newest_first(database: Database) -> None:
    made = [graded(database, points=float(number)) for number in range(5)]
    graded(database, "wang")
    graded(database, lab="other-line")
    store = Outcomes(database)
    page = store.page(learners=["li"], lab="small-line", limit=2, offset=1)
    assert page.total == 5
    assert [outcome.id for outcome in page.items] == [made[3].id, made[2].id]
    assert store.page(learners=None).total == 7
    assert store.page(learners=[]).total == 0


def test_an_outcome_needs_its_submission(database: Database) -> None:
    row = dict(graded(database).__dict__)
    row.update(id=row["submission_id"], submission_id=row["id"], seq=2)
    with pytest.raises(sa.exc.IntegrityError), database.writing() as connection:
        connection.execute(sa.insert(outcomes).values(row))
