"""Outcomes: appended once a submission, chained per learner, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from grading.chain import GENESIS, row_hash, verify
from grading.submissions import Submissions, settle
from grading.tables import outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grading.assessment import Assessment
    from grading.chain import Break
    from grading.database import Database
    from grading.submissions import Submission

__all__ = ["Outcome", "OutcomePage", "Outcomes"]


@dataclass(frozen=True)
class Outcome:
    """One graded decision in a learner's account."""

    id: UUID
    submission_id: UUID
    learner: str
    seq: int
    lab: str
    lab_version: str
    lab_digest: str
    engine_version: str
    rubric_digest: str
    seed_commitment: str
    replications: int
    decision: Mapping[str, Any]
    estimates: Mapping[str, Any]
    points: float
    maximum: float
    criteria: Sequence[Mapping[str, Any]]
    recorded_at: datetime
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class OutcomePage:
    """A page of outcomes, newest first, and how many there are in all."""

    items: tuple[Outcome, ...]
    total: int


def _outcome(row: sa.Row[Any]) -> Outcome:
    return Outcome(**row._mapping)


class Outcomes:
    """The store of outcomes: the learning accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, claim: Submission, assessment: Assessment) -> Outcome:
        """Append the outcome of a leased submission and mark it graded, both or neither.

        Raises
        ------
        LeaseLostError
            Where another worker has taken the submission over; nothing is recorded then.
        """
        with self._database.writing() as connection:
            if not self._database.sqlite:
                # Two workers must not both continue the same end of one learner's chain.
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(claim.learner, 0))))
            settle(connection, claim, state="graded", failure=None, lease_owner=None, lease_expires_at=None)
            last = connection.execute(
                sa.select(outcomes.c.seq, outcomes.c.hash)
                .where(outcomes.c.learner == claim.learner)
                .order_by(outcomes.c.seq.desc())
                .limit(1)
            ).one_or_none()
            row: dict[str, Any] = {
                "id": uuid4(),
                "submission_id": claim.id,
                "learner": claim.learner,
                "seq": last.seq + 1 if last else 1,
                "lab": claim.lab,
                "lab_version": assessment.lab_version,
                "lab_digest": assessment.lab_digest,
                "engine_version": assessment.engine_version,
                "rubric_digest": assessment.rubric_digest,
                "seed_commitment": assessment.seed_commitment,
                "replications": assessment.replications,
                "decision": dict(assessment.decision),
                "estimates": dict(assessment.estimates),
                "points": assessment.points,
                "maximum": assessment.maximum,
                "criteria": [dict(criterion) for criterion in assessment.criteria],
                "recorded_at": datetime.now(UTC),
                "prev_hash": last.hash if last else GENESIS,
            }
            row["hash"] = row_hash(row)
            connection.execute(sa.insert(outcomes).values(row))
        return Outcome(**row)

    def get(self, outcome_id: UUID) -> Outcome | None:
        """Return one outcome."""
        return self._one(outcomes.c.id == outcome_id)

    def of_submission(self, submission_id: UUID) -> Outcome | None:
        """Return the outcome of a submission; None where it has none yet."""
        return self._one(outcomes.c.submission_id == submission_id)

    def _one(self, condition: sa.ColumnElement[bool]) -> Outcome | None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(outcomes).where(condition)).one_or_none()
        return _outcome(row) if row else None

    def page(
        self, *, learners: Sequence[str] | None, lab: str | None = None, limit: int = 50, offset: int = 0
    ) -> OutcomePage:
        """Return outcomes, newest first.

        Parameters
        ----------
        learners
            Whose; None for everybody's.
        lab
            Of which lab; None for all.
        limit, offset
            How many, after how many.
        """
        conditions: list[sa.ColumnElement[bool]] = [outcomes.c.learner.in_(learners)] if learners is not None else []
        if lab is not None:
            conditions.append(outcomes.c.lab == lab)
        with self._database.reading() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(outcomes).where(*conditions)).scalar_one()
            rows = connection.execute(
                sa.select(outcomes)
                .where(*conditions)
                .order_by(outcomes.c.recorded_at.desc(), outcomes.c.id)
                .limit(limit)
                .offset(offset)
            ).all()
        return OutcomePage(tuple(_outcome(row) for row in rows), int(total))

    def of_learners(self, learners: Sequence[str]) -> list[Outcome]:
        """Return every outcome of these learners, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(outcomes)
                .where(outcomes.c.learner.in_(learners))
                .order_by(outcomes.c.recorded_at.desc(), outcomes.c.seq.desc())
            ).all()
        return [_outcome(row) for row in rows]

    def verify(self) -> Break | None:
        """Check every learner's chain and name the first break; None where all hold."""
        graded = Submissions(self._database).graded_counts()
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(outcomes).order_by(outcomes.c.learner, outcomes.c.seq))
            return verify((dict(row._mapping) for row in rows), graded)
