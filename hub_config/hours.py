"""Which sessions end when, and who is told so: a pure function of plan, moment and what runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub_config.plan import Plan

__all__ = ["RunningSession", "Sentence", "closing_words", "judge_sessions"]


@dataclass(frozen=True)
class RunningSession:
    """A session that runs.

    Attributes
    ----------
    user
        Whose.
    groups
        Her groups.
    started
        When it was started.
    """

    user: str
    groups: frozenset[str]
    started: datetime


@dataclass(frozen=True)
class Sentence:
    """What becomes of a session that is to end.

    Attributes
    ----------
    session
        The session.
    ends
        When.
    """

    session: RunningSession
    ends: datetime

    def due(self, moment: datetime) -> bool:
        """Tell whether it is to be stopped now."""
        return self.ends <= moment


def judge_sessions(
    plan: Plan, moment: datetime, sessions: Iterable[RunningSession], warning: timedelta, longest: timedelta | None
) -> list[Sentence]:
    """Find the sessions that end now or within the time of the warning.

    Parameters
    ----------
    plan
        Quotas, of which the hours count here.
    moment
        Now, aware, in the time zone in which quotas name their hours.
    sessions
        What runs.
    warning
        How long beforehand people are told.
    longest
        After how long a session ends even within the hours; None: never.

    Returns
    -------
    list[Sentence]
        In the order of the sessions.
    """
    sentences = []
    for session in sessions:
        ends = [closing for closing in [plan.closes_at(session.groups, moment)] if closing is not None]
        if longest is not None:
            ends.append(session.started.astimezone(moment.tzinfo) + longest)
        if ends and min(ends) <= moment + warning:
            sentences.append(Sentence(session, min(ends)))
    return sentences


def closing_words(ends: datetime) -> tuple[str, str]:
    """Word the warning, in Chinese and in English.

    Examples
    --------
    >>> closing_words(datetime(2026, 3, 2, 21, 30))[1]
    'Your session will be stopped at 21:30. Save your work; your files are kept.'
    """
    return (
        f"您的会话将在 {ends:%H:%M} 停止。请保存您的工作，文件会保留。",
        f"Your session will be stopped at {ends:%H:%M}. Save your work; your files are kept.",
    )
