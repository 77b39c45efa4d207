"""Submissions: stored before they are acknowledged, leased to one worker at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa

from grading.chain import canonical
from grading.errors import IdempotencyConflictError, LeaseLostError
from grading.tables import submissions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grading.database import Database

__all__ = ["MAXIMUM_TRIES", "State", "Submission", "Submissions"]

State = Literal["queued", "grading", "graded", "failed"]

MAXIMUM_TRIES = 3
"""So often is a submission tried before it counts as failed."""


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


def _submission(row: sa.Row[Any]) -> Submission:
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
        return _submission(row) if row else None

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
        self, *, learner: str, lab: str, lab_version: str, lab_digest: str, decision: Mapping[str, Any], key: str
    ) -> Submission:
        """Store a submission durably, once for each key of a learner.

        Raises
        ------
        IdempotencyConflictError
            Where the key was used for another lab or decision.
        """
        values = {
            "id": uuid4(),
            "learner": learner,
            "lab": lab,
            "lab_version": lab_version,
            "lab_digest": lab_digest,
            "decision": dict(decision),
            "idempotency_key": key,
            "submitted_at": datetime.now(UTC),
            "state": "queued",
            "tries": 0,
        }
        try:
            with self._database.writing() as connection:
                row = connection.execute(sa.insert(submissions).values(values).returning(submissions)).one()
        except sa.exc.IntegrityError:
            earlier = self.repeated(learner, key, lab, decision)
            if earlier is None:
                raise
            return earlier
        return _submission(row)

    def get(self, submission_id: UUID) -> Submission | None:
        """Return one submission."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(submissions).where(submissions.c.id == submission_id)).one_or_none()
        return _submission(row) if row else None

    def unfinished(self, learners: Sequence[str]) -> list[Submission]:
        """Return the submissions of these learners that have no outcome (yet), newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(submissions)
                .where(submissions.c.learner.in_(learners), submissions.c.state != "graded")
                .order_by(submissions.c.submitted_at.desc())
            ).all()
        return [_submission(row) for row in rows]

    def position(self, submission: Submission) -> int | None:
        """Return the place in the queue, from 1; None where the submission waits no more."""
        if submission.state != "queued":
            return None
        with self._database.reading() as connection:
            before = connection.execute(
                sa.select(sa.func.count())
                .select_from(submissions)
                .where(
                    submissions.c.state == "queued",
                    sa.tuple_(submissions.c.submitted_at, submissions.c.id)
                    < sa.tuple_(sa.literal(submission.submitted_at, submissions.c.submitted_at.type), submission.id),
                )
            ).scalar_one()
        return int(before) + 1

    def graded_counts(self) -> dict[str, int]:
        """Return how many outcomes each learner should have."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(submissions.c.learner, sa.func.count())
                .where(submissions.c.state == "graded")
                .group_by(submissions.c.learner)
            ).all()
        return {learner: count for learner, count in rows}  # noqa: C416 - dict(rows) loses the types

    def claim(self, owner: str, lease_s: float) -> Submission | None:
        """Lease the oldest waiting submission, or one whose worker has fallen silent.

        Parameters
        ----------
        owner
            Name of the worker, unlike every other.
        lease_s
            Seconds until the lease runs out unless it is renewed.
        """
        now = datetime.now(UTC)
        expired = sa.and_(submissions.c.state == "grading", submissions.c.lease_expires_at < now)
        oldest = (
            sa.select(submissions.c.id)
            .where(sa.or_(submissions.c.state == "queued", expired))
            .order_by(submissions.c.submitted_at)
            .limit(1)
            .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer at a time anyway
            .scalar_subquery()
        )
        with self._database.writing() as connection:
            connection.execute(
                sa.update(submissions)
                .where(expired, submissions.c.tries >= MAXIMUM_TRIES)
                .values(
                    state="failed",
                    failure=f"the grading worker died {MAXIMUM_TRIES} times while it simulated this decision",
                    lease_owner=None,
                    lease_expires_at=None,
                )
            )
            row = connection.execute(
                sa.update(submissions)
                .where(submissions.c.id == oldest)
                .values(
                    state="grading",
                    lease_owner=owner,
                    lease_expires_at=now + timedelta(seconds=lease_s),
                    tries=submissions.c.tries + 1,
                )
                .returning(submissions)
            ).one_or_none()
        return _submission(row) if row else None

    def renew(self, claim: Submission, lease_s: float) -> None:
        """Prolong a lease.

        Raises
        ------
        LeaseLostError
            Where another worker has taken the submission over.
        """
        self._settle(claim, lease_expires_at=datetime.now(UTC) + timedelta(seconds=lease_s))

    def release(self, claim: Submission) -> None:
        """Put a submission back as if it had not been tried: the worker stops, the submission is not to blame.

        Raises
        ------
        LeaseLostError
            Where another worker has taken the submission over.
        """
        self._settle(claim, state="queued", lease_owner=None, lease_expires_at=None, tries=claim.tries - 1)

    def fail(self, claim: Submission, reason: str, *, final: bool) -> State:
        """Note a failed try and return the new state: queued again, or failed where it was the last or is final.

        Raises
        ------
        LeaseLostError
            Where another worker has taken the submission over.
        """
        state: State = "failed" if final or claim.tries >= MAXIMUM_TRIES else "queued"
        self._settle(claim, state=state, failure=reason, lease_owner=None, lease_expires_at=None)
        return state

    def _settle(self, claim: Submission, **values: object) -> None:
        with self._database.writing() as connection:
            settle(connection, claim, **values)


def settle(connection: sa.Connection, claim: Submission, **values: object) -> None:
    """Change a leased submission inside a transaction, if the lease still holds.

    Raises
    ------
    LeaseLostError
        Where another worker has taken the submission over.
    """
    changed = connection.execute(
        sa.update(submissions)
        .where(
            submissions.c.id == claim.id,
            submissions.c.state == "grading",
            submissions.c.lease_owner == claim.lease_owner,
            # The same worker may hold it a second time: its own first lease is lost then, too.
            submissions.c.tries == claim.tries,
        )
        .values(**values)
    )
    if changed.rowcount != 1:
        raise LeaseLostError(claim.id, str(claim.lease_owner))
