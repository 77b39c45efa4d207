from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from grading.errors import LeaseLostError
from grading.leases import Leases
from grading.submissions import MAXIMUM_DEATHS, MAXIMUM_TRIES, Submissions
from grading.tables import submissions

from .conftest import stored

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


def test_the_oldest_is_claimed_first_and_by_one_worker_only(database: Database) -> None:
    store = Leases(database)
    ids = [stored(database, key=f"key-{number}").id for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        claims = list(threads.map(lambda number: store.claim(f"worker-{number}", 60), range(6)))
    assert sorted(claim.id for claim in claims if claim) == sorted(ids)
    assert store.claim("late", 60) is None


def test_first_come_first_served(database: Database) -> None:
    store = Leases(database)
    ids = [stored(database, key=f"key-{number}").id for number in range(3)]
    waiting = [found for one in ids if (found := Submissions(database).get(one))]
    assert [Submissions(database).position(found) for found in waiting] == [1, 2, 3]
    claims = [store.claim("worker", 60) for _ in ids]
    assert [claim.id for claim in claims if claim] == ids
    last = Submissions(database).get(ids[-1])
    assert last is not None
    assert Submissions(database).position(last) is None


def test_an_expired_lease_is_taken_over_and_the_first_worker_can_do_no_more(database: Database) -> None:
    store = Leases(database)
    stored(database)
    first = store.claim("first", 60)
    assert first is not None
    assert store.claim("second", 60) is None
    expire(database, first.id)
    second = store.claim("second", 60)
    assert second is not None
    assert (second.id, second.tries) == (first.id, 2)
    for act in (
        lambda: store.release(first),
        lambda: store.fail(first, "", final=True),
    ):
        with pytest.raises(LeaseLostError, match="first"):
            act()
    assert store.renew([first], 60) == []
    assert store.renew([second], 60) == [second]


def test_a_worker_that_lost_its_lease_to_itself_has_lost_it(database: Database) -> None:
    store = Leases(database)
    stored(database)
    first = store.claim("worker", 60)
    assert first is not None
    expire(database, first.id)
    assert store.claim("worker", 60) is not None
    assert store.renew([first], 60) == []


def test_a_renewed_lease_is_kept(database: Database) -> None:
    store = Leases(database)
    stored(database)
    claim = store.claim("worker", 60)
    assert claim is not None
    expire(database, claim.id)
    assert store.renew([claim], 60) == [claim]
    assert store.claim("other", 60) is None


def test_failing_puts_back_until_the_last_try(database: Database) -> None:
    store = Leases(database)
    submission = stored(database)
    for number in range(1, MAXIMUM_TRIES + 1):
        claim = store.claim("worker", 60)
        assert claim is not None
        assert claim.tries == number
        assert store.fail(claim, "it crashed", final=False) == ("failed" if number == MAXIMUM_TRIES else "queued")
    found = Submissions(database).get(submission.id)
    assert found is not None
    assert (found.state, found.failure, found.lease_owner) == ("failed", "it crashed", None)
    assert store.claim("worker", 60) is None


def test_a_final_failure_is_not_tried_again(database: Database) -> None:
    store = Leases(database)
    stored(database)
    claim = store.claim("worker", 60)
    assert claim is not None
    assert store.fail(claim, "no such lab", final=True) == "failed"


def test_a_submission_that_kills_every_worker_fails(database: Database) -> None:
    store = Leases(database)
    submission = stored(database)
    for _ in range(MAXIMUM_DEATHS):
        claim = store.claim("worker", 60)
        assert claim is not None
        expire(database, claim.id)
    assert store.claim("worker", 60) is None
    found = Submissions(database).get(submission.id)
    assert found is not None
    assert found.state == "failed"
    assert "died 5 times" in (found.failure or "")


def test_a_released_submission_counts_as_not_tried(database: Database) -> None:
    store = Leases(database)
    stored(database)
    for _ in range(MAXIMUM_TRIES + 1):
        claim = store.claim("worker", 60)
        assert claim is not None
        assert claim.tries == 1
        store.release(claim)


def test_a_batch_is_of_one_lab_and_the_oldest_lab_comes_first(database: Database) -> None:
    store = Leases(database)
    ids = [stored(database, key=f"key-{number}", lab=lab).id for number, lab in enumerate(("a", "b", "a", "a"))]
    assert [claim.id for claim in store.claim_batch("worker", 60, 2)] == [ids[0], ids[2]]
    assert [claim.id for claim in store.claim_batch("worker", 60, 9)] == [ids[1]]
    assert [claim.id for claim in store.claim_batch("worker", 60, 9)] == [ids[3]]
    assert store.claim_batch("worker", 60, 9) == []


def test_workers_that_claim_batches_at_once_share_the_queue(database: Database) -> None:
    ids = [stored(database, key=f"key-{number}").id for number in range(40)]
    store = Leases(database)

    def work(number: int) -> list[UUID]:
        found = []
        while batch := store.claim_batch(f"worker-{number}", 60, 3):
            found += [claim.id for claim in batch]
        return found

    with ThreadPoolExecutor(4) as threads:
        taken = [one for found in threads.map(work, range(4)) for one in found]
    assert sorted(taken) == sorted(ids)


def test_living_workers_are_counted(database: Database) -> None:
    store = Leases(database)
    for name in ("one", "two", "two"):
        store.seen(name)
    assert store.living(60) == 2
    store.gone("one")
    assert store.living(60) == 1
