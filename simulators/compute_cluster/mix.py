"""Jobs of several classes: every class has arrivals, sizes and run times of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulators.compute_cluster.estimates import estimates
from simulators.distributions import UNIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.sources import JobMix, MixClass
    from simulators.streams import Streams

__all__ = ["generate"]

HOUR_S, HOURS = 3600.0, 24
ARRIVALS_AT_A_TIME = 1024


def generate(source: JobMix, streams: Streams, until_s: float) -> dict[str, Any]:
    """Return the columns of all classes' jobs, one class after the other, and the jobs that each waits for."""
    parts: list[dict[str, NDArray[np.float64] | NDArray[np.int64]]] = []
    waits_for: list[tuple[int, ...]] = []
    first_user = 0
    for number, one in enumerate(source.classes):
        part = _jobs_of(one, streams, until_s, source.most_jobs)
        before = len(waits_for)
        members = np.arange(len(part["submit_s"])) % one.array
        # At most so many of an array at a time: each waits for the one so many before it.
        waits_for += [
            (before + position - one.at_once,) if one.at_once is not None and member >= one.at_once else ()
            for position, member in enumerate(members.tolist())
        ]
        part["user"] = part["user"] + first_user
        part["job_class"] = np.full(len(members), number)
        first_user += one.users
        parts.append(part)
    columns: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if source.most_jobs is not None:
        waits_for = _cut(columns, waits_for, source.most_jobs)
    columns["waits_for"] = waits_for
    return columns


def _cut(columns: dict[str, Any], waits_for: list[tuple[int, ...]], most: int) -> list[tuple[int, ...]]:
    """Keep the first ``most`` jobs by submission."""
    submit_s: NDArray[np.float64] = columns["submit_s"]
    kept = np.sort(np.argsort(submit_s, kind="stable")[:most])
    place = {job: position for position, job in enumerate(kept.tolist())}
    for name, column in columns.items():
        columns[name] = column[kept]
    return [tuple(place[other] for other in waits_for[job]) for job in kept.tolist()]


def _jobs_of(
    one: MixClass, streams: Streams, until_s: float, most: int | None
) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    name = f"jobs.{one.name}"
    came_s = _submissions(one, streams, until_s, most)
    submit_s = np.repeat(came_s, one.array)
    count = len(submit_s)
    run_s = np.minimum(streams.draws(f"{name}.run", one.run)(count), one.longest_s)
    estimate_s = estimates(run_s, one.estimate_factor, streams.draws(f"{name}.estimate", UNIT)(count))
    share = np.cumsum([size.weight for size in one.sizes])
    chosen = np.searchsorted(share / share[-1], streams.draws(f"{name}.size", UNIT)(count), side="right")
    user = np.floor(streams.draws(f"{name}.user", UNIT)(len(came_s)) * one.users).astype(np.int64)
    factor = np.inf if one.deadline_factor is None else one.deadline_factor
    return {
        "submit_s": submit_s,
        "run_s": run_s,
        "estimate_s": estimate_s,
        "tasks": np.array([size.tasks for size in one.sizes])[np.minimum(chosen, len(share) - 1)],
        "user": np.repeat(np.minimum(user, one.users - 1), one.array),
        "priority": np.full(count, one.priority),
        "deadline_s": np.full(count, np.inf) if np.isinf(factor) else np.maximum(factor * estimate_s, 1e-6),
        "start_within_s": np.full(count, np.inf if one.start_within_s is None else one.start_within_s),
    }


def _submissions(one: MixClass, streams: Streams, until_s: float, most: int | None) -> NDArray[np.float64]:
    """Return when submissions come: all of a renewal process, thinned by the hour of the day."""
    draw = streams.draws(f"jobs.{one.name}.interval", one.interval)
    keep = streams.draws(f"jobs.{one.name}.day", UNIT)
    day = np.ones(HOURS) if one.day is None else np.array(one.day) / max(one.day)
    found: list[NDArray[np.float64]] = []
    now_s, count = 0.0, 0
    while now_s < until_s and (most is None or count < most):
        times_s = now_s + np.cumsum(draw(ARRIVALS_AT_A_TIME))
        now_s = float(times_s[-1])
        busy = keep(ARRIVALS_AT_A_TIME) < day[(times_s // HOUR_S).astype(np.int64) % HOURS]
        found.append(times_s[busy & (times_s < until_s)])
        count += len(found[-1])
    return np.concatenate(found) if found else np.empty(0)
