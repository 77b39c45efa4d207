"""Jobs of several classes: every class has arrivals, sizes and run times of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulators.compute_cluster.estimates import estimates
from simulators.distributions import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulators.compute_cluster.sources import JobMix, MixClass
    from simulators.streams import Streams

    Columns = dict[str, NDArray[Any]]

__all__ = ["Generator"]

HOUR_S, HOURS = 3600.0, 24
ARRIVALS_AT_A_TIME = 1024
JOBS_AT_A_TIME = 1024


class Generator:
    """Draws the jobs of one run, in order of submission, about as many at a time as are asked for.

    Parameters
    ----------
    source
        What jobs there are to be.
    streams
        Where the random numbers come from.
    until_s
        When submissions end.
    """

    def __init__(self, source: JobMix, streams: Streams, until_s: float) -> None:
        self._left = source.most_jobs
        first_users = np.cumsum([0, *(one.users for one in source.classes)]).tolist()
        self._classes = [
            _Class(number, one, streams, until_s, first_user)
            for number, (one, first_user) in enumerate(zip(source.classes, first_users, strict=False))
        ]

    def draw(self, count: int) -> Columns:
        """Return the columns of the next jobs, at least ``count`` where so many are left.

        Jobs of one instant come in one call, so that an array is never cut. ``waits_for`` is how many places before a
        job stands the one that it waits for, 0 where it waits for none.
        """
        count = count if self._left is None else min(count, self._left)
        behind = min(self._classes, key=_known_until_s)
        while sum(one.waiting for one in self._classes) < count and behind.known_until_s < np.inf:
            behind.draw()
            behind = min(self._classes, key=_known_until_s)
            for one in self._classes:
                one.release(behind.known_until_s)
        parts = [one.take() for one in self._classes]
        columns: Columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        order = np.argsort(columns["submit_s"], kind="stable")[: self._left]
        if self._left is not None:
            self._left -= len(order)
        return {name: column[order] for name, column in columns.items()}


class _Class:
    """The jobs of one class: those drawn, of which the first ``released`` may be taken.

    Attributes
    ----------
    known_until_s
        All jobs submitted before have been drawn; infinite when there are no more.
    waiting
        Jobs that may be taken.
    """

    def __init__(self, number: int, one: MixClass, streams: Streams, until_s: float, first_user: int) -> None:
        name = f"jobs.{one.name}"
        self._number, self._one, self._first_user = number, one, first_user
        self._submissions = _submissions(one, streams, until_s)
        self._run = streams.draws(f"{name}.run", one.run)
        self._estimate = streams.draws(f"{name}.estimate", UNIT)
        self._size = streams.draws(f"{name}.size", UNIT)
        self._user = streams.draws(f"{name}.user", UNIT)
        share = np.cumsum([size.weight for size in one.sizes])
        self._share = share / share[-1]
        self._tasks = np.array([size.tasks for size in one.sizes])
        self._drawn = self._jobs(np.empty(0))
        self._due_s = np.empty(0)
        self.known_until_s = 0.0
        self.waiting = 0

    def draw(self) -> None:
        """Draw the next jobs, a piece at a time, however large an array is."""
        pieces = max(1, JOBS_AT_A_TIME // self._one.array)
        if not len(self._due_s):
            self._due_s, self.known_until_s = next(self._submissions)
            self._until_s = self.known_until_s
        now_s, self._due_s = self._due_s[:pieces], self._due_s[pieces:]
        self.known_until_s = float(self._due_s[0]) if len(self._due_s) else self._until_s
        more = self._jobs(now_s)
        self._drawn = {name: np.concatenate((column, more[name])) for name, column in self._drawn.items()}

    def release(self, until_s: float) -> None:
        """Let jobs be taken that come before a time."""
        self.waiting = int(np.searchsorted(self._drawn["submit_s"], until_s))

    def take(self) -> Columns:
        """Return the released jobs."""
        taken = {name: column[: self.waiting] for name, column in self._drawn.items()}
        self._drawn = {name: column[self.waiting :] for name, column in self._drawn.items()}
        self.waiting = 0
        return taken

    def _jobs(self, came_s: NDArray[np.float64]) -> Columns:
        """Return the jobs of submissions."""
        one = self._one
        submit_s = np.repeat(came_s, one.array)
        count = len(submit_s)
        run_s = np.minimum(self._run(count), one.longest_s)
        estimate_s = estimates(run_s, one.estimate_factor, self._estimate(count))
        chosen = np.searchsorted(self._share, self._size(count), side="right")
        user = np.floor(self._user(len(came_s)) * one.users).astype(np.int64)
        factor = np.inf if one.deadline_factor is None else one.deadline_factor
        # At most so many of an array at a time: each waits for the one so many before it.
        at_once = one.array if one.at_once is None else one.at_once
        return {
            "submit_s": submit_s,
            "run_s": run_s,
            "estimate_s": estimate_s,
            "tasks": self._tasks[np.minimum(chosen, len(self._tasks) - 1)],
            "user": self._first_user + np.repeat(np.minimum(user, one.users - 1), one.array),
            "job_class": np.full(count, self._number),
            "priority": np.full(count, one.priority),
            "deadline_s": np.full(count, np.inf) if np.isinf(factor) else np.maximum(factor * estimate_s, 1e-6),
            "start_within_s": np.full(count, np.inf if one.start_within_s is None else one.start_within_s),
            "waits_for": np.where(np.arange(count) % one.array >= at_once, at_once, 0),
        }


def _known_until_s(one: _Class) -> float:
    return one.known_until_s


def _submissions(one: MixClass, streams: Streams, until_s: float) -> Iterator[tuple[NDArray[np.float64], float]]:
    """Give the next submissions and the time until which all are known; a renewal process, thinned by the hour."""
    draw = streams.draws(f"jobs.{one.name}.interval", one.interval)
    keep = streams.draws(f"jobs.{one.name}.day", UNIT)
    day = np.ones(HOURS) if one.day is None else np.array(one.day) / max(one.day)
    now_s = 0.0
    while now_s < until_s:
        times_s = now_s + np.cumsum(draw(ARRIVALS_AT_A_TIME))
        now_s = float(times_s[-1])
        busy = keep(ARRIVALS_AT_A_TIME) < day[(times_s // HOUR_S).astype(np.int64) % HOURS]
        yield times_s[busy & (times_s < until_s)], now_s if now_s < until_s else np.inf
