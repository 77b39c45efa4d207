"""One learner's personal data: given to her whole, or erased so that nothing points to her any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from grading import reasons
from grading.errors import GradingError
from grading.tables import enrolments, outcomes, submissions

if TYPE_CHECKING:
    from grading.database import Database

__all__ = ["ErasureError", "erase", "personal_data"]


class ErasureError(GradingError):
    """A learner's data cannot be erased."""


def personal_data(database: Database, learner: str) -> dict[str, Any]:
    """Return everything that is stored under a learner's name, as plain data."""
    found: dict[str, Any] = {"learner": learner}
    with database.reading() as connection:
        for name, table in (("enrolments", enrolments), ("submissions", submissions), ("outcomes", outcomes)):
            rows = connection.execute(sa.select(table).where(table.c.learner == learner)).all()
            found[name] = [dict(row._mapping) for row in rows]
    return found


def erase(database: Database, learner: str) -> list[str]:
    """Put a random account in the place of a learner's name, everywhere; her outcomes and their chain stay.

    Returns
    -------
    The accounts under which her outcomes now stand; there is no way back from them to her.

    Raises
    ------
    ErasureError
        Where a submission of hers is being graded, or an outcome is so old that her name is in its hash.
    """
    with database.writing() as connection:
        database.lock(connection, f"submissions:{learner}")
        database.lock(connection, f"outcomes:{learner}")
        waiting = sa.select(sa.func.count()).select_from(submissions)
        waiting = waiting.where(submissions.c.learner == learner, submissions.c.state.in_(("queued", "grading")))
        if count := connection.execute(waiting).scalar_one():
            raise ErasureError(reasons.SUBMISSIONS_WAIT % {"learner": learner, "count": count})
        mine = outcomes.c.learner == learner
        accounts = connection.execute(
            sa.select(outcomes.c.account, sa.func.count()).where(mine).group_by(outcomes.c.account)
        ).all()
        if old := sum(number for account, number in accounts if account is None):
            raise ErasureError(reasons.NAME_IN_HASH % {"learner": learner, "count": old})
        names = sorted(account for account, _ in accounts)
        for account in names:
            connection.execute(
                sa.update(outcomes).where(mine, outcomes.c.account == account).values(learner=f"erased-{account}")
            )
        # What was never graded has no account; its place is taken by the first one, or by nobody's name.
        stand_in = f"erased-{names[0]}" if names else "erased"
        graded = sa.select(outcomes.c.learner).where(outcomes.c.submission_id == submissions.c.id).limit(1)
        connection.execute(
            sa.update(submissions)
            .where(submissions.c.learner == learner)
            .values(
                learner=sa.func.coalesce(graded.scalar_subquery(), stand_in),
                # Keys of several learners may meet under one name.
                idempotency_key=sa.cast(submissions.c.id, sa.String(36)) if not database.sqlite else submissions.c.id,
                failure=None,
            )
        )
        connection.execute(sa.delete(enrolments).where(enrolments.c.learner == learner))
    return names
