"""Outcomes: appended once a submission and once a regrade, chained per learner, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from grading.chain import GENESIS, breaks, row_hash
from grading.errors import LeaseLostError
from grading.hints import want
from grading.leases import settle_all
from grading.studies import keep
from grading.submissions import graded_counts
from grading.tables import outcomes, regrade_items
from labs.policy import POLICY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from grading.assessment import Assessment
    from grading.chain import Break
    from grading.database import Database
    from grading.submissions import Submission
    from simulators import Study

__all__ = ["Graded", "Outcome", "OutcomePage", "Outcomes", "append", "content", "outcome_of"]

_OPTIONAL = ("half_width_95", "late_factor", "supersedes", "reason", "regraded_by")


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
    half_width_95: float | None = None
    late_factor: float | None = None
    supersedes: UUID | None = None
    reason: str | None = None
    regraded_by: str | None = None
    account: str | None = None


@dataclass(frozen=True)
class Graded:
    """A leased submission and what grading it gave.

    Parameters
    ----------
    claim
        The submission.
    assessment
        How it was judged.
    key, study
        Name of its study, and the study, to be stored.
    worked_s
        How long it took, in seconds.
    """

    claim: Submission
    assessment: Assessment
    key: str | None = None
    study: Study | None = None
    worked_s: float | None = None


@dataclass(frozen=True)
class OutcomePage:
    """A page of outcomes, newest first, and how many there are in all."""

    items: tuple[Outcome, ...]
    total: int


def outcome_of(row: sa.Row[Any]) -> Outcome:
    """Return a row of the table as an outcome."""
    return Outcome(**row._mapping)


def content(assessment: Assessment, late_factor: float | None) -> dict[str, Any]:
    """Return the columns of an outcome that an assessment fills, its points lessened where it was late."""
    return {
        "lab_version": assessment.lab_version,
        "lab_digest": assessment.lab_digest,
        "engine_version": assessment.engine_version,
        "rubric_digest": assessment.rubric_digest,
        "seed_commitment": assessment.seed_commitment,
        "replications": assessment.replications,
        "decision": dict(assessment.decision),
        "estimates": dict(assessment.estimates),
        "points": assessment.points * (1 if late_factor is None else late_factor),
        "maximum": assessment.maximum,
        "half_width_95": assessment.half_width_95,
        "late_factor": late_factor,
        "criteria": [dict(criterion) for criterion in assessment.criteria],
    }


def append(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """Append rows to the chains of their learners, in a transaction that holds the locks ``outcomes:<learner>``."""
    ends = _ends(connection, {fields["learner"] for fields in rows})
    appended = []
    for fields in rows:
        last = ends.get(fields["learner"])
        row: dict[str, Any] = {
            **dict.fromkeys(_OPTIONAL),  # one statement inserts them all
            **fields,
            "account": (last and last["account"]) or str(uuid4()),
            "id": uuid4(),
            "seq": last["seq"] + 1 if last else 1,
            "recorded_at": datetime.now(UTC),
            "prev_hash": last["hash"] if last else GENESIS,
        }
        row["hash"] = row_hash(row)
        ends[fields["learner"]] = row
        appended.append(row)
    if appended:
        connection.execute(sa.insert(outcomes), appended)
    return [Outcome(**row) for row in appended]


def _ends(connection: sa.Connection, learners: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Return where the chains of learners end: number, hash and account."""
    newest = (
        sa.select(outcomes.c.learner, sa.func.max(outcomes.c.seq).label("seq"))
        .where(outcomes.c.learner.in_(learners))
        .group_by(outcomes.c.learner)
        .subquery()
    )
    rows = connection.execute(
        sa.select(outcomes.c.learner, outcomes.c.seq, outcomes.c.hash, outcomes.c.account).join(
            newest, sa.and_(outcomes.c.learner == newest.c.learner, outcomes.c.seq == newest.c.seq)
        )
    )
    return {row.learner: dict(row._mapping) for row in rows}


def _fields(item: Graded) -> dict[str, Any]:
    claim = item.claim
    factor = claim.late_factor if claim.late_factor is not None and claim.late_factor < 1 else None
    return {
        **content(item.assessment, factor),
        "submission_id": claim.id,
        "learner": claim.learner,
        "lab": claim.lab,
    }


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
        (outcome,) = self.record_all([Graded(claim, assessment)])
        if outcome is None:
            raise LeaseLostError(claim.id, str(claim.lease_owner))
        return outcome

    def record_all(self, graded: Sequence[Graded]) -> list[Outcome | None]:
        """Append the outcomes of leased submissions in one transaction, with their studies and wanted hints.

        Returns
        -------
        The outcomes in the order given; None where another worker has taken the submission over.
        """
        studies = {item.key: (item.assessment.lab_digest, item.study) for item in graded if item.study and item.key}
        with self._database.writing() as connection:
            # Two workers must not both continue the same end of one learner's chain.
            for learner in sorted({item.claim.learner for item in graded}):
                self._database.lock(connection, f"outcomes:{learner}")
            held = settle_all(
                connection,
                [item.claim for item in graded],
                [{"worked_s": item.worked_s} for item in graded],
                state="graded",
                failure=None,
                lease_owner=None,
                lease_expires_at=None,
            )
            kept = [item for item in graded if item.claim.id in held]
            appended = iter(append(connection, [_fields(item) for item in kept]))
            keep(connection, studies)
            want(
                connection,
                [
                    (item.key, item.claim.lab, item.assessment.decision)
                    for item in kept
                    if item.key and POLICY not in item.assessment.decision
                ],
            )
        return [next(appended) if item.claim.id in held else None for item in graded]

    def get(self, outcome_id: UUID) -> Outcome | None:
        """Return one outcome."""
        return self._one(outcomes.c.id == outcome_id)

    def of_submission(self, submission_id: UUID) -> Outcome | None:
        """Return the newest outcome of a submission; None where it has none yet."""
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(outcomes)
                .where(outcomes.c.submission_id == submission_id)
                .order_by(outcomes.c.seq.desc())
                .limit(1)
            ).one_or_none()
        return outcome_of(row) if row else None

    def successor(self, outcome_id: UUID) -> Outcome | None:
        """Return the outcome that supersedes another; None where that still stands."""
        return self._one(outcomes.c.supersedes == outcome_id)

    def _one(self, condition: sa.ColumnElement[bool]) -> Outcome | None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(outcomes).where(condition)).one_or_none()
        return outcome_of(row) if row else None

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
        return OutcomePage(tuple(outcome_of(row) for row in rows), int(total))

    def of_learners(self, learners: Sequence[str]) -> list[Outcome]:
        """Return every outcome of these learners, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(outcomes)
                .where(outcomes.c.learner.in_(learners))
                .order_by(outcomes.c.recorded_at.desc(), outcomes.c.seq.desc())
            ).all()
        return [outcome_of(row) for row in rows]

    def verify(self) -> Break | None:
        """Check every learner's chain and return the first break; None where all hold."""
        return next(iter(self.breaks()), None)

    def breaks(self, connection: sa.Connection | None = None) -> list[Break]:
        """Check every learner's chain and return the first break of each.

        Parameters
        ----------
        connection
            Of the transaction to look into; by default one of its own.
        """
        if connection is None:
            with self._database.snapshot() as own:
                return self.breaks(own)
        graded = graded_counts(connection)
        regraded = (
            sa.select(outcomes.c.learner, sa.func.count())
            .join(regrade_items, regrade_items.c.outcome_id == outcomes.c.id)
            .where(regrade_items.c.new_outcome_id.is_not(None))
            .group_by(outcomes.c.learner)
        )
        for learner, count in connection.execute(regraded):
            graded[learner] = graded.get(learner, 0) + count
        # A city's ledger does not fit into memory.
        every = sa.select(outcomes).order_by(outcomes.c.learner, outcomes.c.seq).execution_options(yield_per=1000)
        return list(breaks((dict(row._mapping) for row in connection.execute(every)), graded))
