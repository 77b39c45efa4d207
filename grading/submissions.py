"""Submissions: stored before they are acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa

from grading.chain import canonical
from grading.errors import IdempotencyConflictError, TooManyWaitingError
from grading.tables import submissions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grading.database import Database
    from grading.rules import Rule

__all__ = ["MAXIMUM_DEATHS", "MAXIMUM_TRIES", "State", "Submission", "Submissions", "graded_counts", "submission_of"]

State = Literal["queued", "grading", "graded", "failed"]

MAXIMUM_TRIES = 3
"""So often is a submission tried before it counts as failed."""

MAXIMUM_DEATHS = 5
"""So often may a submission be in a worker's hands when that dies: most of the time it is not to blame."""

_NEWEST = 50


@dataclass(frozen=True)
class Submission:
    """One decision that a learner has handed in."""

    id: UUID
    learner: str
    lab: str
    lab_version: str
    lab_digest: str
    decision: Mapping[str, Any]
    idempotency_key: str
    submitted_at: datetime
    state: State
    lease_owner: str | None
    lease_expires_at: datetime | None
    tries: int
    failure: str | None
    late_factor: float | None = None
    worked_s: float | None = None


def submission_of(row: sa.Row[Any]) -> Submission:
    """Return a row of the table as a submission."""
    return Submission(**row._mapping)


class Submissions:
    """The store of submissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_key(self, learner: str, key: str) -> Submission | None:
        """Return what the learner has submitted under this idempotency key."""
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(submissions).where(submissions.c.learner == learner, submissions.c.idempotency_key == key)
            ).one_or_none()
        return submission_of(row) if row else None

    def repeated(self, learner: str, key: str, lab: str, decision: Mapping[str, Any]) -> Submission | None:
        """Return the earlier submission that this one repeats; None where it is new.

        Raises
        ------
        IdempotencyConflictError
            Where the key was used for another lab or decision.
        """
        earlier = self.by_key(learner, key)
        if earlier and (earlier.lab, canonical(earlier.decision)) != (lab, canonical(decision)):
            raise IdempotencyConflictError(key, earlier.id)
        return earlier

    def add(
        self,
        *,
        learner: str,
        lab: str,
        lab_version: str,
        lab_digest: str,
        decision: Mapping[str, Any],
        key: str,
        rule: Rule | None = None,
        waiting_limit: int | None = None,
    ) -> Submission:
        """Store a submission durably, once for each key of a learner.

        Parameters
        ----------
        learner, lab, lab_version, lab_digest, decision
            Whose, of which lab in which form, and what.
        key
            Idempotency key.
        rule
            Attempts and times that the submission must keep to; None for no bound.
        waiting_limit
            How many submissions of a learner may wait at a time.

        Raises
        ------
        IdempotencyConflictError
            Where the key was used for another lab or decision.
        NotAdmittedError
            Where the rule does not allow it: too early, too late, or too often.
        TooManyWaitingError
            Where too many submissions of the learner wait already.
        """
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "id": uuid4(),
            "learner": learner,
            "lab": lab,
            "lab_version": lab_version,
            "lab_digest": lab_digest,
            "decision": dict(decision),
            "idempotency_key": key,
            "submitted_at": now,
            "state": "queued",
            "tries": 0,
        }
        try:
            with self._database.writing() as connection:
                if rule is not None or waiting_limit is not None:
                    self._database.lock(connection, f"submissions:{learner}")
                    # A repetition that raced the first is for the unique key to answer.
                    if not _exists(connection, learner, key):
                        _refuse_too_many(connection, learner, waiting_limit)
                        if rule is not None:
                            used = _used(connection, learner, lab)
                            values["late_factor"] = rule.admit(now, used)
                row = connection.execute(sa.insert(submissions).values(values).returning(submissions)).one()
        except sa.exc.IntegrityError:
            earlier = self.repeated(learner, key, lab, decision)
            if earlier is None:
                raise
            return earlier
        return submission_of(row)

    def get(self, submission_id: UUID) -> Submission | None:
        """Return one submission."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(submissions).where(submissions.c.id == submission_id)).one_or_none()
        return submission_of(row) if row else None

    def unfinished(self, learners: Sequence[str]) -> list[Submission]:
        """Return the submissions of these learners that have no outcome (yet), newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(submissions)
                .where(submissions.c.learner.in_(learners), submissions.c.state != "graded")
                .order_by(submissions.c.submitted_at.desc())
            ).all()
        return [submission_of(row) for row in rows]

    def position(self, submission: Submission) -> int | None:
        """Return the place in the queue, from 1; None where the submission waits no more."""
        if submission.state != "queued":
            return None
        queued = sa.select(sa.func.count()).select_from(submissions).where(submissions.c.state == "queued")
        # Two questions: the first, over the long queue, is answered by the index alone.
        earlier = queued.where(submissions.c.submitted_at < submission.submitted_at)
        beside = queued.where(submissions.c.submitted_at == submission.submitted_at, submissions.c.id < submission.id)
        with self._database.reading() as connection:
            before = connection.execute(sa.select(earlier.scalar_subquery() + beside.scalar_subquery())).scalar_one()
        return int(before) + 1

    def used(self, learner: str, lab: str) -> int:
        """Return how many attempts a learner has used: what failed without her fault does not count."""
        with self._database.reading() as connection:
            return _used(connection, learner, lab)

    def work_s(self) -> float | None:
        """Return the mean time that grading took, in seconds, over the newest submissions; None without any."""
        newest = (
            sa.select(submissions.c.worked_s)
            .where(submissions.c.state == "graded", submissions.c.worked_s.is_not(None))
            .order_by(submissions.c.submitted_at.desc())
            .limit(_NEWEST)
            .subquery()
        )
        with self._database.reading() as connection:
            mean = connection.execute(sa.select(sa.func.avg(newest.c.worked_s))).scalar_one()
        return float(mean) if mean is not None else None

    def waiting(self) -> int:
        """Return how many submissions wait."""
        with self._database.reading() as connection:
            count = sa.select(sa.func.count()).select_from(submissions).where(submissions.c.state == "queued")
            return int(connection.execute(count).scalar_one())


def _exists(connection: sa.Connection, learner: str, key: str) -> bool:
    found = sa.select(submissions.c.id).where(submissions.c.learner == learner, submissions.c.idempotency_key == key)
    return connection.execute(found).first() is not None


def _used(connection: sa.Connection, learner: str, lab: str) -> int:
    count = (
        sa.select(sa.func.count())
        .select_from(submissions)
        .where(submissions.c.learner == learner, submissions.c.lab == lab, submissions.c.state != "failed")
    )
    return int(connection.execute(count).scalar_one())


def _refuse_too_many(connection: sa.Connection, learner: str, limit: int | None) -> None:
    if limit is None:
        return
    waiting = (
        sa.select(sa.func.count())
        .select_from(submissions)
        .where(submissions.c.learner == learner, submissions.c.state.in_(("queued", "grading")))
    )
    count = int(connection.execute(waiting).scalar_one())
    if count >= limit:
        raise TooManyWaitingError(learner, count, limit)


def graded_counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many submissions of each learner are graded."""
    rows = connection.execute(
        sa.select(submissions.c.learner, sa.func.count())
        .where(submissions.c.state == "graded")
        .group_by(submissions.c.learner)
    )
    return {learner: count for learner, count in rows}  # noqa: C416 - dict(rows) loses the types
