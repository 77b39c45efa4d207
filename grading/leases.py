"""Leases: a submission is worked on by one worker at a time, and by another one when that falls silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grading import reasons
from grading.errors import LeaseLostError
from grading.submissions import MAXIMUM_DEATHS, MAXIMUM_TRIES, Submission, submission_of
from grading.tables import submissions, workers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from grading.database import Database
    from grading.submissions import State

__all__ = ["Leases", "settle"]

_QUEUED = submissions.c.state == "queued"
_ORDER = (submissions.c.submitted_at, submissions.c.id)


def _expired(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(submissions.c.state == "grading", submissions.c.lease_expires_at < now)


class Leases:
    """Who works on which submission."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, owner: str, lease_s: float) -> Submission | None:
        """Lease one submission; see `claim_batch`."""
        return next(iter(self.claim_batch(owner, lease_s, 1)), None)

    def claim_batch(self, owner: str, lease_s: float, limit: int) -> list[Submission]:
        """Lease the oldest waiting submission and others of the same lab, and first what a silent worker has left.

        Rows that another worker is just claiming are passed over (PostgreSQL: ``SKIP LOCKED``; SQLite has one writer
        at a time anyway).

        Parameters
        ----------
        owner
            Name of the worker, unlike every other.
        lease_s
            Seconds until the lease runs out unless it is renewed.
        limit
            At most so many.
        """
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            self._bury(connection, now)
            # What a dead worker held is taken one by one: of all it held, only one may have killed it.
            ids = _oldest(connection, _expired(now), 1) or _oldest(connection, _QUEUED, limit)
            if not ids:
                return []
            rows = connection.execute(
                sa.update(submissions)
                .where(submissions.c.id.in_(ids))
                .values(
                    state="grading",
                    lease_owner=owner,
                    lease_expires_at=now + timedelta(seconds=lease_s),
                    tries=submissions.c.tries + 1,
                )
                .returning(submissions)
            ).all()
        return sorted(map(submission_of, rows), key=lambda found: (found.submitted_at, found.id))

    @staticmethod
    def _bury(connection: sa.Connection, now: datetime) -> None:
        """Give up what killed its worker again and again."""
        connection.execute(
            sa.update(submissions)
            .where(_expired(now), submissions.c.tries >= MAXIMUM_DEATHS)
            .values(
                state="failed",
                failure=reasons.WORKER_DIED % {"times": MAXIMUM_DEATHS},
                lease_owner=None,
                lease_expires_at=None,
            )
        )

    def renew(self, claims: Sequence[Submission], lease_s: float) -> list[Submission]:
        """Prolong leases, and return those that still hold; the others were taken over."""
        if not claims:
            return []
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            held = connection.execute(
                sa.update(submissions)
                .where(
                    submissions.c.id.in_([claim.id for claim in claims]),
                    submissions.c.state == "grading",
                    submissions.c.lease_owner == claims[0].lease_owner,
                )
                .values(lease_expires_at=now + timedelta(seconds=lease_s))
                .returning(submissions.c.id, submissions.c.tries)
            ).all()
        tries = {row.id: row.tries for row in held}
        return [claim for claim in claims if tries.get(claim.id) == claim.tries]

    def release(self, claim: Submission) -> None:
        """Put a submission back as if it had not been tried: the submission is not to blame.

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

    def seen(self, worker: str) -> None:
        """Note that a worker lives."""
        row = {"name": worker, "seen_at": datetime.now(UTC)}
        insert = sqlite.insert if self._database.sqlite else postgresql.insert
        with self._database.writing() as connection:
            connection.execute(insert(workers).values(row).on_conflict_do_update(index_elements=["name"], set_=row))

    def gone(self, worker: str) -> None:
        """Note that a worker has ended."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(workers).where(workers.c.name == worker))

    def living(self, lease_s: float) -> int:
        """Return how many workers have shown themselves within two leases."""
        since = datetime.now(UTC) - timedelta(seconds=2 * lease_s)
        with self._database.reading() as connection:
            count = sa.select(sa.func.count()).select_from(workers).where(workers.c.seen_at >= since)
            return int(connection.execute(count).scalar_one())


def _oldest(connection: sa.Connection, which: sa.ColumnElement[bool], limit: int) -> list[object]:
    """Return the ids of the oldest submission of a kind and of others of its lab, locked."""
    locked = sa.select(submissions.c.id, submissions.c.lab).where(which).order_by(*_ORDER)
    first = connection.execute(locked.limit(1).with_for_update(skip_locked=True)).one_or_none()
    if first is None:
        return []
    same = locked.where(submissions.c.lab == first.lab).limit(limit).with_for_update(skip_locked=True)
    return [row.id for row in connection.execute(same)]


def settle_all(
    connection: sa.Connection, claims: Sequence[Submission], each: Sequence[Mapping[str, object]], **values: object
) -> set[UUID]:
    """Change leased submissions inside a transaction, where the lease still holds.

    Parameters
    ----------
    connection
        Of a writing transaction.
    claims
        The submissions as they were leased.
    each
        What becomes of each of them, the same columns for all.
    values
        What becomes of all of them.

    Returns
    -------
    Those whose lease held; the others are another worker's and stay as they are.
    """
    rows = connection.execute(
        sa.select(submissions.c.id, submissions.c.lease_owner, submissions.c.tries)
        .where(submissions.c.id.in_([claim.id for claim in claims]), submissions.c.state == "grading")
        .order_by(submissions.c.id)
        .with_for_update()
    )
    # The same worker may hold one a second time: its own first lease is lost then, too.
    now = {row.id: (row.lease_owner, row.tries) for row in rows}
    held = {claim.id for claim in claims if now.get(claim.id) == (claim.lease_owner, claim.tries)}
    changes = [{"_id": claim.id, **own} for claim, own in zip(claims, each, strict=True) if claim.id in held]
    if changes:
        names = [name for name in changes[0] if name != "_id"]
        statement = sa.update(submissions).where(submissions.c.id == sa.bindparam("_id"))
        connection.execute(statement.values(**values, **{name: sa.bindparam(name) for name in names}), changes)
    return held


def settle(connection: sa.Connection, claim: Submission, **values: object) -> Submission:
    """Change a leased submission inside a transaction, if the lease still holds.

    Raises
    ------
    LeaseLostError
        Where another worker has taken the submission over.
    """
    if not settle_all(connection, [claim], [values]):
        raise LeaseLostError(claim.id, str(claim.lease_owner))
    return replace(claim, **values)  # type: ignore[arg-type]
