"""Rules of a lab in a class: how many attempts, from when until when, what lateness costs, which attempt counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grading.errors import NotAdmittedError
from grading.tables import rules

if TYPE_CHECKING:
    from collections.abc import Collection

    from grading.database import Database
    from labs import Lab

__all__ = ["Counting", "Rule", "Rules"]

Counting = Literal["best", "last", "mean"]

_DAY_S = 86_400
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Rule:
    """What a class may do in a lab.

    Parameters
    ----------
    attempts
        Most submissions; None for no limit.
    counts
        Which attempt counts.
    opens_at, due_at, closes_at
        First moment, last moment that is not late, and last moment at all; None for no bound.
    deduction_per_day
        Share of the points, from 0 to 1, that each day or part of a day after ``due_at`` costs.
    class_name
        Whose rule it is; empty for the lab's own.
    """

    attempts: int | None = None
    counts: Counting = "best"
    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    deduction_per_day: float = 0.0
    class_name: str = ""

    @classmethod
    def of_lab(cls, lab: Lab) -> Rule:
        """Return the rule that ``lab.yaml`` gives."""
        return cls(lab.attempts.maximum, lab.attempts.counts)

    def admit(self, now: datetime, used: int) -> float:
        """Return the factor of the points, 1 in time and less when late.

        Parameters
        ----------
        now
            When it is submitted.
        used
            Attempts before this one.

        Raises
        ------
        NotAdmittedError
            Where it is too early, too late, or the attempts are used.

        Examples
        --------
        >>> from datetime import UTC, datetime, timedelta
        >>> due = datetime(2026, 6, 1, 18, tzinfo=UTC)
        >>> rule = Rule(due_at=due, deduction_per_day=0.25)
        >>> [rule.admit(due + timedelta(hours=late), 0) for late in (-1, 1, 25, 1000)]
        [1.0, 0.75, 0.5, 0.0]
        """
        if self.opens_at and now < self.opens_at:
            raise NotAdmittedError(self.opens_at, kind="not-open")
        if self.closes_at and now > self.closes_at:
            raise NotAdmittedError(self.closes_at, kind="closed")
        if self.attempts is not None and used >= self.attempts:
            raise NotAdmittedError(self.attempts, kind="attempts-used")
        if self.due_at is None or now <= self.due_at:
            return 1.0
        days = -(-(now - self.due_at).total_seconds() // _DAY_S)
        return max(0.0, 1.0 - days * self.deduction_per_day)


class Rules:
    """The store of the classes' rules."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, class_name: str, lab: str, rule: Rule, changed_by: str) -> None:
        """Set the rule of a class in a lab; it holds for what is submitted from now on."""
        row = {
            "class_name": class_name,
            "lab": lab,
            "attempts": rule.attempts,
            "counts": rule.counts,
            "opens_at": rule.opens_at,
            "due_at": rule.due_at,
            "closes_at": rule.closes_at,
            "deduction_per_day": rule.deduction_per_day,
            "changed_by": changed_by,
            "changed_at": datetime.now(UTC),
        }
        insert = sqlite.insert if self._database.sqlite else postgresql.insert
        with self._database.writing() as connection:
            connection.execute(
                insert(rules).values(row).on_conflict_do_update(index_elements=["class_name", "lab"], set_=row)
            )

    def remove(self, class_name: str, lab: str) -> None:
        """Let the lab's own rule hold again."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(rules).where(rules.c.class_name == class_name, rules.c.lab == lab))

    def of_class(self, class_name: str, lab: Lab) -> Rule:
        """Return the rule that holds for a class: its own, or else the lab's."""
        return self._find([class_name], lab.slug).get(class_name) or Rule.of_lab(lab)

    def of_learner(self, classes: Collection[str], lab: Lab) -> Rule:
        """Return the rule that holds for a learner of some classes: the one that is open longest, else the lab's."""
        found = self._find(classes, lab.slug).values()
        many = 1_000_000_000

        def generous(rule: Rule) -> tuple[datetime, datetime, int]:
            attempts = many if rule.attempts is None else rule.attempts
            return rule.closes_at or _NEVER, rule.due_at or _NEVER, attempts

        return max(found, key=generous, default=Rule.of_lab(lab))

    def _find(self, classes: Collection[str], lab: str) -> dict[str, Rule]:
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(rules).where(rules.c.class_name.in_(sorted(classes)), rules.c.lab == lab)
            ).all()
        return {row.class_name: _rule(row) for row in rows}


def _rule(row: sa.Row[Any]) -> Rule:
    return Rule(
        attempts=row.attempts,
        counts=row.counts,
        opens_at=row.opens_at,
        due_at=row.due_at,
        closes_at=row.closes_at,
        deduction_per_day=row.deduction_per_day,
        class_name=row.class_name,
    )
