"""The jobs of one run, as columns, a block at a time: what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from simulators.compute_cluster import lublin, mix
from simulators.compute_cluster.swf import FIELDS
from simulators.compute_cluster.vocabulary import Shape, swf_shapes, swf_users, vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.jobs import Checkpoint, Job
    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.compute_cluster.sources import JobList, JobMix, LublinFeitelson, SwfTrace
    from simulators.compute_cluster.swf import Trace
    from simulators.streams import Streams

__all__ = ["Feed", "Workload", "feed_of", "workload"]

MICROSECONDS = 1e6  # in a second
ALL = 1 << 62
PART = 1 << 16


class Workload(NamedTuple):
    """Columns of ``N`` jobs in order of submission; a job's number is its position.

    Parameters
    ----------
    submit_s, run_s, estimate_s
        ``(N,)`` seconds; run times and estimates are whole microseconds.
    tasks, shape, user, job_class, priority
        ``(N,)`` numbers; shape, user and class by the scenario's vocabulary.
    deadline_s, start_within_s
        ``(N,)`` from submission; infinite where there is none.
    interval_s, cost_s, restart_s
        ``(N,)`` of checkpoints; the interval is infinite where the job writes none.
    after_first, after
        ``(N + 1,)`` and ``(A,)``: job j waits for the jobs ``after[after_first[j]:after_first[j + 1]]``.
    think_s
        ``(N,)`` seconds between the end of those and the job's turn.
    """

    submit_s: NDArray[np.float64]
    run_s: NDArray[np.float64]
    estimate_s: NDArray[np.float64]
    tasks: NDArray[np.int64]
    shape: NDArray[np.int64]
    user: NDArray[np.int64]
    job_class: NDArray[np.int64]
    priority: NDArray[np.int64]
    deadline_s: NDArray[np.float64]
    start_within_s: NDArray[np.float64]
    interval_s: NDArray[np.float64]
    cost_s: NDArray[np.float64]
    restart_s: NDArray[np.float64]
    after_first: NDArray[np.int64]
    after: NDArray[np.int64]
    think_s: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of jobs."""
        return len(self.submit_s)


class Feed(Protocol):
    """Gives the jobs of one run in order of submission; keeps none that it has given."""

    def take(self, count: int) -> Workload:
        """Return the next jobs, at least ``count`` where so many are left, and none after the last.

        A job waits only for jobs of its own block, and ``after`` counts from the block's first.
        """


def feed_of(scenario: ComputeCluster, streams: Streams) -> Feed:
    """Return what gives the jobs of a run; the same streams give the same jobs, however they are cut into blocks."""
    source = scenario.jobs
    if source.kind == "list":
        return _ListFeed(scenario, source)
    if source.kind == "swf":
        return _TraceFeed(scenario, source, streams.seed + streams.replication)
    if source.kind == "lublin_feitelson":
        return _LublinFeed(source, streams)
    return _MixFeed(scenario, source, streams)


def workload(scenario: ComputeCluster, streams: Streams) -> Workload:
    """Return all jobs of a run; the same streams give the same jobs."""
    feed = feed_of(scenario, streams)
    blocks = [feed.take(PART)]
    while len(blocks[-1]):
        blocks.append(feed.take(PART))
    first, waiting = np.cumsum([(0, 0), *((len(block), len(block.after)) for block in blocks)], axis=0)[:-1].T
    columns = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in Workload._fields}
    columns["after"] = np.concatenate([block.after + n for block, n in zip(blocks, first, strict=True)])
    ends = [block.after_first[1:] + n for block, n in zip(blocks, waiting, strict=True)]
    columns["after_first"] = np.concatenate(([0], *ends))
    return Workload(**columns)


class _ListFeed:
    """Jobs written down one by one, all at once: any of them may wait for any other."""

    def __init__(self, scenario: ComputeCluster, source: JobList) -> None:
        self._jobs = sorted(source.jobs, key=lambda job: job.submit_s)
        self._scenario = scenario

    def take(self, count: int) -> Workload:
        del count
        jobs, self._jobs = self._jobs, []
        return _of_list(self._scenario, jobs)


class _LublinFeed:
    def __init__(self, source: LublinFeitelson, streams: Streams) -> None:
        self._generator = lublin.Generator(source, streams)
        self._checkpoint = _checkpoints([source.checkpoint])

    def take(self, count: int) -> Workload:
        columns = self._generator.draw(count)
        found = len(columns["submit_s"])
        return _block(checkpoints=self._checkpoint.repeat(found, axis=1), shape=np.zeros(found, np.int64), **columns)


class _MixFeed:
    def __init__(self, scenario: ComputeCluster, source: JobMix, streams: Streams) -> None:
        until_s = min(source.until_s or scenario.horizon_s, scenario.horizon_s)
        numbers = {shape: number for number, shape in enumerate(vocabulary(scenario).shapes)}
        self._shapes = np.array([numbers[Shape.of(one, scenario.queue_number(one.queue))] for one in source.classes])
        self._checkpoints = _checkpoints([one.checkpoint for one in source.classes])
        self._generator = mix.Generator(source, streams, until_s)

    def take(self, count: int) -> Workload:
        columns: dict[str, Any] = self._generator.draw(count)
        back = columns.pop("waits_for")
        chosen = columns["job_class"]
        waiting = np.flatnonzero(back)
        return _block(
            checkpoints=self._checkpoints[:, chosen],
            shape=self._shapes[chosen],
            after_first=np.concatenate(([0], np.cumsum(back > 0))),
            after=waiting - back[waiting],
            **columns,
        )


class _TraceFeed:
    """Jobs of a trace; all at once where they wait for one another, as that may reach far back."""

    def __init__(self, scenario: ComputeCluster, source: SwfTrace, number: int) -> None:
        trace = source.trace()
        self._scenario, self._source = scenario, source
        self._users, self._shapes = np.unique(swf_users(source)), np.unique(_joined(swf_shapes(scenario, source)))
        taken, self._begins_s = source.taken(number)
        self._next, self._end = taken.start, taken.stop
        waiting = trace.column("preceding_job")[taken] > 0
        self._waits_for = _preceding(trace, taken) if waiting.any() else None

    def take(self, count: int) -> Workload:
        count = ALL if self._waits_for is not None else count
        taken = slice(self._next, min(self._next + count, self._end))
        self._next = taken.stop
        found = taken.stop - taken.start
        trace = self._source.trace()
        column = {name: trace.column(name)[taken] for name in FIELDS}
        asked = column["requested_processors"]
        beyond_s = np.maximum(column["requested_s"] - column["run_s"], 0.0)
        estimate_s = np.where(column["requested_s"] > 0, column["requested_s"], column["run_s"])
        waits_for = self._waits_for if found else None
        first, after = (None, None) if waits_for is None else waits_for
        return _block(
            submit_s=column["submit_s"] - self._begins_s,
            run_s=column["run_s"],
            estimate_s=estimate_s - beyond_s * (1.0 - self._source.overestimate),
            tasks=np.where(asked > 0, asked, column["processors"]),
            shape=np.searchsorted(self._shapes, _joined(swf_shapes(self._scenario, self._source, taken))),
            user=np.searchsorted(self._users, swf_users(self._source, taken)),
            job_class=np.zeros(found, np.int64),
            think_s=np.maximum(column["think_s"], 0.0),
            checkpoints=_checkpoints([self._source.checkpoint]).repeat(found, axis=1),
            after_first=first,
            after=after,
        )


def _joined(shapes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``(N,)`` one number for a partition and an amount of memory, in the vocabulary's order."""
    joined: NDArray[np.int64] = (shapes[:, 0] << 32) + shapes[:, 1]
    return joined


def _preceding(trace: Trace, taken: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ``after_first`` and ``after`` of a trace's jobs, each of which waits for one or none."""
    job, preceding = (trace.column(name)[taken].tolist() for name in ("job", "preceding_job"))
    numbers = {number: position for position, number in enumerate(job)}
    found = np.array([numbers.get(number, -1) if number > 0 else -1 for number in preceding])
    # A job that names one submitted after it would wait for what waits for it in some traces.
    waiting = (found >= 0) & (found < np.arange(len(found)))
    return np.concatenate(([0], np.cumsum(waiting))), found[waiting]


def _of_list(scenario: ComputeCluster, jobs: list[Job]) -> Workload:
    names = vocabulary(scenario)
    users = {name: number for number, name in enumerate(names.users)}
    classes = {name: number for number, name in enumerate(names.classes)}
    shapes = {shape: number for number, shape in enumerate(names.shapes)}
    positions = {job.name: position for position, job in enumerate(jobs) if job.name is not None}
    waits_for = [tuple(dict.fromkeys(positions[name] for name in job.after)) for job in jobs]
    return _block(
        submit_s=np.array([job.submit_s for job in jobs]),
        run_s=np.array([job.run_s for job in jobs]),
        estimate_s=np.array([job.run_s if job.estimate_s is None else job.estimate_s for job in jobs]),
        tasks=np.array([job.tasks for job in jobs]),
        shape=np.array([shapes[Shape.of(job, scenario.queue_number(job.queue))] for job in jobs]),
        user=np.array([users[job.user] for job in jobs]),
        job_class=np.array([classes[job.job_class] for job in jobs]),
        priority=np.array([job.priority for job in jobs]),
        deadline_s=np.array([_or_never(job.deadline_s) for job in jobs]),
        start_within_s=np.array([_or_never(job.start_within_s) for job in jobs]),
        think_s=np.array([job.think_s for job in jobs]),
        checkpoints=_checkpoints([job.checkpoint for job in jobs]),
        after_first=np.cumsum([0, *map(len, waits_for)]),
        after=np.array([other for others in waits_for for other in others], np.int64),
    )


def _checkpoints(given: list[Checkpoint | None]) -> NDArray[np.float64]:
    """Return ``(3, N)``: interval, cost and restart of each, in seconds."""
    rows = [(np.inf, 0.0, 0.0) if one is None else (one.interval_s, one.cost_s, one.restart_s) for one in given]
    return np.array(rows, np.float64).reshape(-1, 3).T


def _or_never(time_s: float | None) -> float:
    return np.inf if time_s is None else time_s


def _whole(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to whole microseconds: the journal tells them as whole numbers."""
    return np.round(time_s * MICROSECONDS) / MICROSECONDS


def _block(
    *,
    submit_s: NDArray[np.float64],
    run_s: NDArray[np.float64],
    estimate_s: NDArray[np.float64],
    tasks: NDArray[np.number[Any]],
    shape: NDArray[np.int64],
    user: NDArray[np.int64],
    job_class: NDArray[np.int64],
    checkpoints: NDArray[np.float64],
    priority: NDArray[np.int64] | None = None,
    deadline_s: NDArray[np.float64] | None = None,
    start_within_s: NDArray[np.float64] | None = None,
    think_s: NDArray[np.float64] | None = None,
    after_first: NDArray[np.int64] | None = None,
    after: NDArray[np.int64] | None = None,
) -> Workload:
    """Return jobs that stand in order of submission; what is not given, they have none of."""
    count = len(submit_s)
    never = np.full(count, np.inf)
    interval_s, cost_s, restart_s = np.ascontiguousarray(checkpoints)
    return Workload(
        submit_s=submit_s,
        run_s=_whole(run_s),
        estimate_s=_whole(estimate_s),
        tasks=tasks.astype(np.int64),
        shape=shape.astype(np.int64),
        user=user.astype(np.int64),
        job_class=job_class.astype(np.int64),
        priority=np.zeros(count, np.int64) if priority is None else priority.astype(np.int64),
        deadline_s=_whole(never if deadline_s is None else deadline_s),
        start_within_s=_whole(never if start_within_s is None else start_within_s),
        interval_s=interval_s,
        cost_s=cost_s,
        restart_s=restart_s,
        after_first=np.zeros(count + 1, np.int64) if after_first is None else after_first.astype(np.int64),
        after=np.empty(0, np.int64) if after is None else after.astype(np.int64),
        think_s=np.zeros(count) if think_s is None else think_s,
    )
