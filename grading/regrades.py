"""Regrades: graded submissions are assessed again under today's rubric; what changes is shown before it is applied.

Applying appends an outcome that supersedes the earlier one; nothing is rewritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa

from grading import reasons
from grading.assessment import Assessment
from grading.errors import RegradeError
from grading.outcomes import append, content
from grading.tables import outcomes, regrade_items, regrades

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from grading.database import Database

__all__ = ["Change", "Item", "Regrade", "Regrades"]

_TRIES = 3
_LATER = outcomes.alias("later")


@dataclass(frozen=True)
class Item:
    """An outcome that a worker is to assess again."""

    regrade_id: UUID
    outcome_id: UUID
    lab: str
    decision: Mapping[str, Any]
    tries: int
    owner: str


@dataclass(frozen=True)
class Change:
    """What a regrade makes of one outcome.

    Parameters
    ----------
    outcome_id, learner
        Which outcome.
    points_before, points_after
        Points as they stand and as they would be; the latter None while it is simulated or where that failed.
    kept
        Whether the earlier outcome stays because of the option ``never_lower``, or because nothing changes.
    failure
        Why it could not be assessed.
    new_outcome_id
        The outcome that superseded it.
    """

    outcome_id: UUID
    learner: str
    points_before: float
    points_after: float | None
    kept: bool
    failure: str | None
    new_outcome_id: UUID | None


@dataclass(frozen=True)
class Regrade:
    """A regrade and every change that it makes."""

    id: UUID
    requested_by: str
    requested_at: datetime
    lab: str
    class_name: str | None
    reason: str
    never_lower: bool
    state: Literal["preview", "applied", "dropped"]
    applied_by: str | None
    applied_at: datetime | None
    changes: tuple[Change, ...]

    @property
    def pending(self) -> int:
        """How many outcomes are still to be assessed."""
        return sum(change.points_after is None and change.failure is None for change in self.changes)


class Regrades:
    """The store of regrades."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        requested_by: str,
        lab: str,
        reason: str,
        never_lower: bool,
        learners: Collection[str] | None = None,
        class_name: str | None = None,
        outcome_id: UUID | None = None,
    ) -> Regrade:
        """Begin a regrade of the standing outcomes of a lab.

        Parameters
        ----------
        requested_by, reason
            Who, and why; both stand in every new outcome.
        lab
            Which lab.
        never_lower
            Whether an outcome that would earn less is left as it is.
        learners, class_name
            Only of these learners, who are this class; None for everybody.
        outcome_id
            Only this outcome.

        Raises
        ------
        RegradeError
            Where there is nothing to regrade.
        """
        standing = [outcomes.c.lab == lab, ~sa.exists().where(_LATER.c.supersedes == outcomes.c.id)]
        if learners is not None:
            standing.append(outcomes.c.learner.in_(sorted(learners)))
        if outcome_id is not None:
            standing.append(outcomes.c.id == outcome_id)
        regrade_id = uuid4()
        with self._database.writing() as connection:
            ids = connection.execute(sa.select(outcomes.c.id).where(*standing)).scalars().all()
            if not ids:
                raise RegradeError(reasons.NOTHING_TO_REGRADE % {"lab": lab})
            connection.execute(
                sa.insert(regrades).values(
                    id=regrade_id,
                    requested_by=requested_by,
                    requested_at=datetime.now(UTC),
                    lab=lab,
                    class_name=class_name,
                    reason=reason,
                    never_lower=never_lower,
                    state="preview",
                )
            )
            rows = [{"regrade_id": regrade_id, "outcome_id": found, "tries": 0} for found in ids]
            connection.execute(sa.insert(regrade_items), rows)
        made = self.get(regrade_id)
        assert made is not None  # noqa: S101 - it was written a moment ago
        return made

    def get(self, regrade_id: UUID) -> Regrade | None:
        """Return a regrade with its changes, those that matter most first."""
        with self._database.reading() as connection:
            head = connection.execute(sa.select(regrades).where(regrades.c.id == regrade_id)).one_or_none()
            if head is None:
                return None
            rows = connection.execute(
                sa.select(regrade_items, outcomes.c.learner, outcomes.c.points, outcomes.c.late_factor)
                .join(outcomes, outcomes.c.id == regrade_items.c.outcome_id)
                .where(regrade_items.c.regrade_id == regrade_id)
                .order_by(outcomes.c.learner, outcomes.c.seq)
            ).all()
        changes = [_change(row, never_lower=head.never_lower) for row in rows]
        changes.sort(key=lambda change: -abs((change.points_after or change.points_before) - change.points_before))
        return Regrade(**head._mapping, changes=tuple(changes))

    def of_class(self, class_names: Collection[str] | None, limit: int = 50) -> list[Regrade]:
        """Return the newest regrades of some classes; of all for None."""
        wanted = sa.select(regrades.c.id).order_by(regrades.c.requested_at.desc()).limit(limit)
        if class_names is not None:
            wanted = wanted.where(regrades.c.class_name.in_(sorted(class_names)))
        with self._database.reading() as connection:
            ids = connection.execute(wanted).scalars().all()
        return [found for regrade_id in ids if (found := self.get(regrade_id))]

    def claim(self, owner: str, lease_s: float) -> Item | None:
        """Lease an outcome that is to be assessed again."""
        now = datetime.now(UTC)
        items = regrade_items.c
        oldest = (
            sa.select(items.regrade_id, items.outcome_id)
            .join(regrades, sa.and_(regrades.c.id == items.regrade_id, regrades.c.state == "preview"))
            .where(
                items.assessment.is_(None),
                items.failure.is_(None),
                items.tries < _TRIES,
                sa.or_(items.lease_expires_at.is_(None), items.lease_expires_at < now),
            )
            .limit(1)
            .with_for_update(of=regrade_items, skip_locked=True)
        )
        with self._database.writing() as connection:
            found = connection.execute(oldest).one_or_none()
            if found is None:
                return None
            tries = connection.execute(
                sa.update(regrade_items)
                .where(items.regrade_id == found.regrade_id, items.outcome_id == found.outcome_id)
                .values(lease_owner=owner, lease_expires_at=now + timedelta(seconds=lease_s), tries=items.tries + 1)
                .returning(items.tries)
            ).scalar_one()
            outcome = connection.execute(
                sa.select(outcomes.c.lab, outcomes.c.decision).where(outcomes.c.id == found.outcome_id)
            ).one()
        return Item(found.regrade_id, found.outcome_id, outcome.lab, outcome.decision, tries, owner)

    def preview(self, item: Item, assessment: Mapping[str, Any]) -> None:
        """Store what an outcome would become."""
        self._settle(item, assessment=dict(assessment), lease_owner=None, lease_expires_at=None)

    def release(self, item: Item) -> None:
        """Put an outcome back as if it had not been tried."""
        self._settle(item, tries=item.tries - 1, lease_owner=None, lease_expires_at=None)

    def fail(self, item: Item, reason: str, *, final: bool) -> None:
        """Note a failed try; the last one, or a final one, stays in the preview as a failure."""
        over = final or item.tries >= _TRIES
        self._settle(item, failure=reason if over else None, lease_owner=None, lease_expires_at=None)

    def _settle(self, item: Item, **values: object) -> None:
        items = regrade_items.c
        with self._database.writing() as connection:
            connection.execute(
                sa.update(regrade_items)
                .where(
                    items.regrade_id == item.regrade_id,
                    items.outcome_id == item.outcome_id,
                    items.lease_owner == item.owner,
                    items.tries == item.tries,
                )
                .values(**values)
            )

    def drop(self, regrade_id: UUID) -> None:
        """Give a regrade up before it is applied."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(regrades)
                .where(regrades.c.id == regrade_id, regrades.c.state == "preview")
                .values(state="dropped")
            )

    def apply(self, regrade_id: UUID, applied_by: str) -> int:
        """Append an outcome for every change, all or none; return how many.

        Raises
        ------
        RegradeError
            Where it is not a finished preview, or an outcome was superseded by another regrade meanwhile.
        """
        planned = self.get(regrade_id)
        if planned is None or planned.state != "preview" or planned.pending:
            state = "unknown" if planned is None else f"{planned.state}, {planned.pending} outcomes pending"
            raise RegradeError(reasons.NO_FINISHED_PREVIEW % {"id": regrade_id, "state": state})
        with self._database.writing() as connection:
            taken = connection.execute(
                sa.update(regrades)
                .where(regrades.c.id == regrade_id, regrades.c.state == "preview")
                .values(state="applied", applied_by=applied_by, applied_at=datetime.now(UTC))
            )
            if taken.rowcount != 1:
                raise RegradeError(reasons.REGRADE_SETTLED % {"id": regrade_id})
            wanted = [change for change in planned.changes if not change.kept and change.points_after is not None]
            for learner in sorted({change.learner for change in wanted}):
                self._database.lock(connection, f"outcomes:{learner}")
            for change in wanted:
                self._supersede(connection, planned, change)
        return len(wanted)

    @staticmethod
    def _supersede(connection: sa.Connection, planned: Regrade, change: Change) -> None:
        items = regrade_items.c
        before = connection.execute(sa.select(outcomes).where(outcomes.c.id == change.outcome_id)).one()
        newer = connection.execute(sa.select(outcomes.c.id).where(outcomes.c.supersedes == change.outcome_id)).first()
        if newer:
            raise RegradeError(reasons.SUPERSEDED % {"id": change.outcome_id, "newer": newer.id})
        here = sa.and_(items.regrade_id == planned.id, items.outcome_id == change.outcome_id)
        found = connection.execute(sa.select(items.assessment).where(here)).scalar_one()
        fields = {
            **content(Assessment(**found), before.late_factor),
            "submission_id": before.submission_id,
            "learner": before.learner,
            "lab": before.lab,
            "supersedes": before.id,
            "reason": planned.reason,
            "regraded_by": planned.requested_by,
        }
        (made,) = append(connection, [fields])
        connection.execute(sa.update(regrade_items).where(here).values(new_outcome_id=made.id))


def _change(row: sa.Row[Any], *, never_lower: bool) -> Change:
    after = None
    if row.assessment is not None:
        after = float(row.assessment["points"]) * (1.0 if row.late_factor is None else row.late_factor)
    return Change(
        outcome_id=row.outcome_id,
        learner=row.learner,
        points_before=row.points,
        points_after=after,
        kept=after is not None and (after == row.points or (never_lower and after < row.points)),
        failure=row.failure,
        new_outcome_id=row.new_outcome_id,
    )
