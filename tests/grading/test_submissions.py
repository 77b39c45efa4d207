from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from grading.errors import IdempotencyConflictError
from grading.submissions import Submissions
from grading.tables import submissions

from .conftest import DIGEST, stored

if TYPE_CHECKING:
    from grading.database import Database


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


def test_unfinished_are_those_of_the_learner_without_outcome(database: Database) -> None:
    store = Submissions(database)
    old, new = stored(database, key="old"), stored(database, key="new")
    stored(database, learner="wang")
    assert [submission.id for submission in store.unfinished(["li"])] == [new.id, old.id]
    assert store.unfinished([]) == []
