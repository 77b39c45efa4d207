"""The audit log: who did what with more than a learner's rights. Entries are appended only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from grading.tables import audit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grading.database import Database

__all__ = ["Audit", "Entry"]


@dataclass(frozen=True)
class Entry:
    """One privileged act.

    Parameters
    ----------
    id, at
        Its name and moment.
    who
        JupyterHub name of who acted.
    act, target
        What was done to what.
    details
        With which figures.
    """

    id: UUID
    at: datetime
    who: str
    act: str
    target: str
    details: Mapping[str, Any]


class Audit:
    """The store of privileged acts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, who: str, act: str, target: str, details: Mapping[str, Any] | None = None) -> None:
        """Append an entry."""
        with self._database.writing() as connection:
            connection.execute(
                sa.insert(audit).values(
                    id=uuid4(), at=datetime.now(UTC), who=who, act=act, target=target, details=dict(details or {})
                )
            )

    def page(
        self,
        who: str | None = None,
        limit: int = 100,
        offset: int = 0,
        *,
        act: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Entry]:
        """Return entries, newest first: of somebody, of one kind of act, from and before a moment, where given."""
        wanted = sa.select(audit).order_by(audit.c.at.desc(), audit.c.id).limit(limit).offset(offset)
        if who is not None:
            wanted = wanted.where(audit.c.who == who)
        if act is not None:
            wanted = wanted.where(audit.c.act == act)
        if since is not None:
            wanted = wanted.where(audit.c.at >= since)
        if until is not None:
            wanted = wanted.where(audit.c.at < until)
        with self._database.reading() as connection:
            return [Entry(**row._mapping) for row in connection.execute(wanted)]
