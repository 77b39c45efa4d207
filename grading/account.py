"""Learning accounts as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grading.outcomes import Outcome
    from grading.submissions import Submission
    from labs import Lab

__all__ = ["ClassRow", "LabCard", "Standing", "class_rows", "lab_cards"]


@dataclass(frozen=True)
class Standing:
    """How a learner stands in a lab.

    Parameters
    ----------
    state
        ``untried``, ``waiting`` (a submission is queued or simulated), ``failed`` (the last one could not be graded)
        or ``scored``.
    best
        The outcome with the largest share of its points; None without one.
    latest
        The newest outcome; None without one.
    """

    state: Literal["untried", "waiting", "failed", "scored"]
    best: Outcome | None
    latest: Outcome | None

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], unfinished: Sequence[Submission]) -> Standing:
        """Return the standing from one learner's outcomes and unfinished submissions in one lab, newest first.

        What a regrade has superseded does not stand any more.
        """
        superseded = {outcome.supersedes for outcome in outcomes}
        outcomes = [outcome for outcome in outcomes if outcome.id not in superseded]
        best = max(outcomes, key=share, default=None)
        latest = outcomes[0] if outcomes else None
        if any(submission.state in {"queued", "grading"} for submission in unfinished):
            return cls("waiting", best, latest)
        if unfinished and (latest is None or unfinished[0].submitted_at > latest.recorded_at):
            return cls("failed", best, latest)
        return cls("scored" if latest else "untried", best, latest)


@dataclass(frozen=True)
class LabCard:
    """A lab and how the learner stands in it."""

    lab: Lab
    standing: Standing


@dataclass(frozen=True)
class ClassRow:
    """A member of a class and how she stands in each lab, in the order of the labs."""

    learner: str
    standings: tuple[Standing, ...]


def share(outcome: Outcome) -> float:
    """Return the share of the points that were earned, from 0 to 1."""
    return outcome.points / outcome.maximum


def lab_cards(
    labs: Iterable[Lab], outcomes: Sequence[Outcome], unfinished: Sequence[Submission]
) -> tuple[LabCard, ...]:
    """Return a card for each lab from one learner's outcomes and unfinished submissions, newest first."""
    return tuple(
        LabCard(
            lab,
            Standing.of([o for o in outcomes if o.lab == lab.slug], [s for s in unfinished if s.lab == lab.slug]),
        )
        for lab in labs
    )


def class_rows(
    members: Iterable[str], labs: Sequence[Lab], outcomes: Sequence[Outcome], unfinished: Sequence[Submission]
) -> tuple[ClassRow, ...]:
    """Return a row for each member of a class, from all members' outcomes and unfinished submissions."""
    return tuple(
        ClassRow(
            learner,
            tuple(
                card.standing
                for card in lab_cards(
                    labs,
                    [o for o in outcomes if o.learner == learner],
                    [s for s in unfinished if s.learner == learner],
                )
            ),
        )
        for learner in members
    )
