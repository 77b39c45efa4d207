"""Transcripts: what a learning account says of a learner, lab by lab, with hours, credits and competencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from grading.competencies import attainments
from grading.outcomes import outcome_of
from grading.people import School
from grading.rules import Rule
from grading.tables import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from grading.competencies import Attainment, Framework
    from grading.database import Database
    from grading.outcomes import Outcome
    from labs import Lab

__all__ = ["Filter", "LabLine", "Transcript", "Transcripts", "counted", "transcript"]

_LATER = outcomes.alias("later")


@dataclass(frozen=True)
class Filter:
    """Which outcomes are wanted.

    Parameters
    ----------
    learners
        Whose; None for everybody's.
    lab
        Of which lab; None for all.
    since, until
        Recorded from, and before; None for no bound.
    """

    learners: Sequence[str] | None
    lab: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions on the table of outcomes; what a regrade superseded is left out."""
        found = [~sa.exists().where(_LATER.c.supersedes == outcomes.c.id)]
        if self.learners is not None:
            found.append(outcomes.c.learner.in_(self.learners))
        if self.lab is not None:
            found.append(outcomes.c.lab == self.lab)
        if self.since is not None:
            found.append(outcomes.c.recorded_at >= self.since)
        if self.until is not None:
            found.append(outcomes.c.recorded_at < self.until)
        return found


class Transcripts:
    """The standing outcomes of learning accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: Filter, limit: int, offset: int = 0) -> list[Outcome]:
        """Return standing outcomes, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(outcomes)
                .where(*wanted.conditions())
                .order_by(outcomes.c.recorded_at.desc(), outcomes.c.id)
                .limit(limit)
                .offset(offset)
            ).all()
        return [outcome_of(row) for row in rows]

    def count(self, wanted: Filter, most: int) -> int:
        """Return how many there are, counting to ``most`` at most: counting millions would take seconds."""
        some = sa.select(outcomes.c.id).where(*wanted.conditions()).limit(most).subquery()
        with self._database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


@dataclass(frozen=True)
class LabLine:
    """What counts of a learner's attempts in one lab.

    Parameters
    ----------
    lab
        Slug of the lab.
    attempts
        How many were graded.
    points, maximum
        What counts by the class's rule: best, last or mean.
    outcome
        The outcome that counts; for the mean the newest.
    hours_h
        Class hours that it is worth; 0 below the school's bound, or where the lab is no longer offered.
    """

    lab: str
    attempts: int
    points: float
    maximum: float
    outcome: Outcome
    hours_h: float


@dataclass(frozen=True)
class Transcript:
    """What a learning account says of one learner.

    Parameters
    ----------
    learner, full_name
        Who.
    school
        Whose rules of hours and credits hold.
    lines
        A line for each lab, in the order of the labs' names.
    outcomes
        The standing outcomes, newest first.
    attainments
        How far she is in every competency.
    """

    learner: str
    full_name: str
    school: School
    lines: tuple[LabLine, ...]
    outcomes: tuple[Outcome, ...]
    attainments: tuple[Attainment, ...]

    @property
    def hours_h(self) -> float:
        """Class hours in all."""
        return sum(line.hours_h for line in self.lines)

    @property
    def credits(self) -> float:
        """Credits: hours by the school's rule, down to a tenth."""
        return int(10 * self.hours_h / self.school.hours_per_credit + 1e-9) / 10


def counted(rule: Rule, attempts: Sequence[Outcome]) -> tuple[float, Outcome]:
    """Return the points that count, and the outcome that shows them.

    Parameters
    ----------
    rule
        Best, last or mean.
    attempts
        Standing outcomes of one learner in one lab, newest first, at least one.
    """
    newest = attempts[0]
    if rule.counts == "last":
        return newest.points, newest
    if rule.counts == "mean":
        share = sum(outcome.points / outcome.maximum for outcome in attempts) / len(attempts)
        return share * newest.maximum, newest
    best = max(attempts, key=lambda outcome: outcome.points / outcome.maximum)
    return best.points, best


def transcript(
    learner: str,
    full_name: str,
    school: School | None,
    found: Iterable[Outcome],
    labs: Mapping[str, Lab],
    rule_of: Callable[[Lab], Rule],
    frameworks: tuple[Framework, ...],
) -> Transcript:
    """Return the transcript of one learner.

    Parameters
    ----------
    learner, full_name
        Who.
    school
        Her school; None for the usual rules.
    found
        Her standing outcomes, newest first.
    labs
        What is offered.
    rule_of
        Gives the rule that holds for her in a lab.
    frameworks
        What competencies there are.
    """
    school = school or School("", "")
    kept = tuple(found)
    by_lab: dict[str, list[Outcome]] = {}
    for outcome in kept:
        by_lab.setdefault(outcome.lab, []).append(outcome)
    lines = []
    for slug, attempts in sorted(by_lab.items()):
        lab = labs.get(slug)
        points, shown = counted(rule_of(lab) if lab else Rule(), attempts)
        passed = points / shown.maximum >= school.pass_share
        hours = lab.hours_h if lab is not None and passed else 0.0
        lines.append(LabLine(slug, len(attempts), points, shown.maximum, shown, hours))
    standing = {line.lab: line.outcome for line in lines}
    return Transcript(learner, full_name, school, tuple(lines), kept, attainments(frameworks, standing))


def plain(found: Transcript) -> dict[str, Any]:
    """Return a transcript as plain data, as the API and the JSON export give it."""
    return {
        "learner": found.learner,
        "full_name": found.full_name,
        "school": {"name": found.school.name, "title": found.school.title},
        "hours_h": found.hours_h,
        "credits": found.credits,
        "labs": [
            {
                "lab": line.lab,
                "attempts": line.attempts,
                "points": line.points,
                "maximum": line.maximum,
                "hours_h": line.hours_h,
                "outcome_id": line.outcome.id,
            }
            for line in found.lines
        ],
        "competencies": [
            {
                "framework": each.framework.name,
                "code": each.competency.code,
                "title": each.competency.title.model_dump(),
                "attained": each.attained,
                "share": each.share,
                "outcome_ids": [outcome.id for outcome in each.outcomes],
            }
            for each in found.attainments
        ],
        "outcomes": [
            {
                "id": outcome.id,
                "seq": outcome.seq,
                "lab": outcome.lab,
                "lab_version": outcome.lab_version,
                "points": outcome.points,
                "maximum": outcome.maximum,
                "recorded_at": outcome.recorded_at,
                "hash": outcome.hash,
            }
            for outcome in found.outcomes
        ],
    }
