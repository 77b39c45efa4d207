"""What-if hints: the one change of a decision that would have earned most.

They are found by workers that have nothing else to do, once for every decision of a lab, whoever made it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grading.tables import hints
from labs import DecisionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from grading.assessment import Assessor
    from grading.database import Database
    from labs import Lab

__all__ = ["Hints", "find", "neighbours", "want"]

_TRIES = 2


def neighbours(lab: Lab, decision: Mapping[str, int]) -> Iterator[tuple[str, int, dict[str, int]]]:
    """Return every decision that differs by one unit of one lever and is allowed, with the lever and its change."""
    for lever in lab.levers:
        for change in (1, -1):
            changed = {**decision, lever.name: decision.get(lever.name, 0) + change}
            try:
                yield lever.name, change, dict(lab.check(changed))
            except DecisionError:
                continue


def find(
    assessor: Assessor,
    slug: str,
    decision: Mapping[str, Any],
    interrupted: Callable[[], bool] = lambda: False,
) -> dict[str, Any] | None:
    """Return the hint of a decision as plain data: ``lever`` (None where no change earns more), ``change``, ``gain``.

    Every change meets the same random numbers as the decision itself.

    Parameters
    ----------
    assessor
        Tries the changes.
    slug, decision
        Which decision of which lab.
    interrupted
        Asked before each change whether to give up; the answer is None then.
    """
    complete = assessor.complete(slug, decision)
    points = assessor.assess(slug, complete)[0].points
    best: dict[str, Any] = {"lever": None, "change": 0, "gain": 0.0}
    for lever, change, changed in neighbours(assessor.bench(slug).lab, complete):
        if interrupted():
            return None
        gain = assessor.assess(slug, changed)[0].points - points
        if gain > best["gain"]:
            best = {"lever": lever, "change": change, "gain": gain}
    return best


def want(connection: sa.Connection, wanted: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Ask for the hints of decisions inside a transaction: key of the study, lab, decision."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    now = datetime.now(UTC)
    rows = [
        {"key": key, "lab": lab, "decision": dict(decision), "wanted_at": now, "tries": 0}
        for key, lab, decision in sorted(wanted, key=lambda item: item[0])
    ]
    if rows:
        connection.execute(insert(hints).on_conflict_do_nothing(), rows)


class Hints:
    """The store of hints."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> dict[str, Any] | None:
        """Return the hint of a study; None where it is not found yet."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(hints.c.hint).where(hints.c.key == key)).scalar_one_or_none()

    def claim(self, lease_s: float) -> tuple[str, str, Mapping[str, Any]] | None:
        """Lease the hint that is wanted longest: its key, lab and decision; None where none is wanted."""
        now = datetime.now(UTC)
        free = sa.or_(hints.c.lease_expires_at.is_(None), hints.c.lease_expires_at < now)
        oldest = (
            sa.select(hints.c.key)
            .where(hints.c.found_at.is_(None), hints.c.tries < _TRIES, free)
            .order_by(hints.c.wanted_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        with self._database.writing() as connection:
            row = connection.execute(
                sa.update(hints)
                .where(hints.c.key == oldest)
                .values(lease_expires_at=now + timedelta(seconds=lease_s), tries=hints.c.tries + 1)
                .returning(hints.c.key, hints.c.lab, hints.c.decision)
            ).one_or_none()
        return (row.key, row.lab, row.decision) if row else None

    def release(self, key: str) -> None:
        """Put a hint back as if it had not been looked for: something more important came."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(hints).where(hints.c.key == key).values(tries=hints.c.tries - 1, lease_expires_at=None)
            )

    def put(self, key: str, hint: Mapping[str, Any] | None) -> None:
        """Store a hint; None where there is none to be found."""
        with self._database.writing() as connection:
            connection.execute(sa.update(hints).where(hints.c.key == key).values(hint=hint, found_at=datetime.now(UTC)))
