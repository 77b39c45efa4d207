from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from grading.errors import IdempotencyConflictError, LeaseLostError
from grading.submissions import MAXIMUM_TRIES, Submissions
from grading.tables import submissions

from .conftest import DIGEST, stored

if TYPE_CHECKING:
    from uuid import UUID

    from grading.database import Database


def expire(database: Database, submission_id: UUID) -> None:
    """Let a lease run out, as if its worker had fallen silent long ago."""
    with database.writing() as connection:
        connection.execute(
            sa.update(submissions)
            .where(submissions.c.id == submission_id)
            .values(lease_expires_at=datetime.now(UTC) - timedelta(seconds=1))
        )


def test_the_same_key_gives_the_same_submission(database: Database) -> None:
    first = stored(database, key="once")
    assert stored(database, key="once").id == first.id
    assert stored(database, learner="wang", key="once").id != first.id
    assert stored(database, key="twice").id != first.id


def test_the_same_key_for_another_decision_is_refused(database: Database) -> None:
    first = stored(database, key="once")
    store = Submissions(database)
    with pytest.raises(IdempotencyConflictError, match="'once'") as caught:
        store.repeated("li", "once", "small-line", {"second_weld": 2})
    assert caught.value.submission_id == first.id
    with pytest.raises(IdempotencyConflictError):
        store.repeated("li", "once", "other-line", {"second_weld": 1})
    with pytest.raises(IdempotencyConflictError):
        store.add(learner="li", lab="x", lab_version="1", lab_digest=DIGEST, decision={}, key="once")


def test_submissions_at_the_same_moment_with_one_key_give_one_row(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: stored(database, key="once").id, range(16)))
    assert len(set(found)) == 1
    with database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(submissions)).scalar_one() == 1


def test_a_submission_comes_back_as_it_was(database: Database) -> None:
    before = stored(database)
    found = Submissions(database).get(before.id)
    assert found == before
    assert found is not None
    assert found.submitted_at.utcoffset() == timedelta(0)
    assert (found.state, found.tries, found.decision) == ("queued", 0, {"second_weld": 1})


def test_the_oldest_is_claimed_first_and_by_one_worker_only(database: Database) -> None:
    store = Submissions(database)
    ids = [stored(database, key=f"key-{number}").id for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        claims = list(threads.map(lambda number: store.claim(f"worker-{number}", 60), range(6)))
    assert sorted(claim.id for claim in claims if claim) == sorted(ids)
    assert store.claim("late", 60) is None


def test_first_come_first_served(database: Database) -> None:
    store = Submissions(database)
    ids = [stored(database, key=f"key-{number}").id for number in range(3)]
    assert [store.position(submission) for submission in map(store.get, ids) if submission] == [1, 2, 3]
    claims = [store.claim("worker", 60) for _ in ids]
    assert [claim.id for claim in claims if claim] == ids
    last = store.get(ids[-1])
    assert last is not None
    assert store.position(last) is None


def test_an_expired_lease_is_taken_over_and_the_first_worker_can_do_no_more(database: Database) -> None:
    store = Submissions(database)
    stored(database)
    first = store.claim("first", 60)
    assert first is not None
    assert store.claim("second", 60) is None
    expire(database, first.id)
    second = store.claim("second", 60)
    assert second is not None
    assert (second.id, second.tries) == (first.id, 2)
    for act in (
        lambda: store.renew(first, 60),
        lambda: store.release(first),
        lambda: store.fail(first, "", final=True),
    ):
        with pytest.raises(LeaseLostError, match="first"):
            act()
    store.renew(second, 60)


def test_a_worker_that_lost_its_lease_to_itself_has_lost_it(database: Database) -> None:
    store = Submissions(database)
    stored(database)
    first = store.claim("worker", 60)
    assert first is not None
    expire(database, first.id)
    assert store.claim("worker", 60) is not None
    with pytest.raises(LeaseLostError):
        store.renew(first, 60)


def test_a_renewed_lease_is_kept(database: Database) -> None:
    store = Submissions(database)
    stored(database)
    claim = store.claim("worker", 60)
    assert claim is not None
    expire(database, claim.id)
    store.renew(claim, 60)
    assert store.claim("other", 60) is None


def test_failing_puts_back_until_the_last_try(database: Database) -> None:
    store = Submissions(database)
    submission = stored(database)
    for number in range(1, MAXIMUM_TRIES + 1):
        claim = store.claim("worker", 60)
        assert claim is not None
        assert claim.tries == number
        assert store.fail(claim, "it crashed", final=False) == ("failed" if number == MAXIMUM_TRIES else "queued")
    found = store.get(submission.id)
    assert found is not None
    assert (found.state, found.failure, found.lease_owner) == ("failed", "it crashed", None)
    assert store.claim("worker", 60) is None


def test_a_final_failure_is_not_tried_again(database: Database) -> None:
    store = Submissions(database)
    stored(database)
    claim = store.claim("worker", 60)
    assert claim is not None
    assert store.fail(claim, "no such lab", final=True) == "failed"


def test_a_submission_that_kills_every_worker_fails(database: Database) -> None:
    store = Submissions(database)
    submission = stored(database)
    for _ in range(MAXIMUM_TRIES):
        claim = store.claim("worker", 60)
        assert claim is not None
        expire(database, claim.id)
    assert store.claim("worker", 60) is None
    found = store.get(submission.id)
    assert found is not None
    assert found.state == "failed"
    assert "died 3 times" in (found.failure or "")


def test_a_released_submission_counts_as_not_tried(database: Database) -> None:
    store = Submissions(database)
    stored(database)
    for _ in range(MAXIMUM_TRIES + 1):
        claim = store.claim("worker", 60)
        assert claim is not None
        assert claim.tries == 1
        store.release(claim)


def test_unfinished_are_those_of_the_learner_without_outcome(database: Database) -> None:
    store = Submissions(database)
    old, new = stored(database, key="old"), stored(database, key="new")
    stored(database, learner="wang")
    assert [submission.id for submission in store.unfinished(["li"])] == [new.id, old.id]
    assert store.unfinished([]) == []
