"""The jobs of one run, as columns: what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simulators.compute_cluster import lublin, mix
from simulators.compute_cluster.swf import FIELDS
from simulators.compute_cluster.vocabulary import Shape, swf_shapes, swf_users, vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.jobs import Checkpoint
    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.compute_cluster.sources import JobList, SwfTrace
    from simulators.streams import Streams

__all__ = ["Workload", "workload"]

MICROSECONDS = 1e6  # in a second


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
    origin
        ``(N,)`` position in the list, trace or generator.
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
    origin: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of jobs."""
        return len(self.submit_s)


def workload(scenario: ComputeCluster, streams: Streams) -> Workload:
    """Return the jobs of a run; the same streams give the same jobs."""
    source = scenario.jobs
    if source.kind == "list":
        return _of_list(scenario, source)
    if source.kind == "swf":
        return _of_trace(scenario, source)
    if source.kind == "lublin_feitelson":
        shape = np.zeros(source.jobs, np.int64)
        columns: dict[str, Any] = lublin.generate(source, streams)
        checkpoints = _checkpoints([source.checkpoint]).repeat(source.jobs, axis=1)
        return _sorted(checkpoints=checkpoints, shape=shape, **columns)
    until_s = min(source.until_s or scenario.horizon_s, scenario.horizon_s)
    numbers = {shape: number for number, shape in enumerate(vocabulary(scenario).shapes)}
    shapes = np.array([numbers[Shape.of(one, scenario.queue_number(one.queue))] for one in source.classes])
    columns = mix.generate(source, streams, until_s)
    chosen = columns["job_class"]
    checkpoints = _checkpoints([one.checkpoint for one in source.classes])[:, chosen]
    return _sorted(checkpoints=checkpoints, shape=shapes[chosen], **columns)


def _of_list(scenario: ComputeCluster, source: JobList) -> Workload:
    names = vocabulary(scenario)
    users = {name: number for number, name in enumerate(names.users)}
    classes = {name: number for number, name in enumerate(names.classes)}
    shapes = {shape: number for number, shape in enumerate(names.shapes)}
    positions = {job.name: position for position, job in enumerate(source.jobs) if job.name is not None}
    jobs = source.jobs
    return _sorted(
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
        waits_for=[tuple(dict.fromkeys(positions[name] for name in job.after)) for job in jobs],
    )


def _of_trace(scenario: ComputeCluster, source: SwfTrace) -> Workload:
    trace = source.trace()
    taken = slice(source.first, None if source.count is None else source.first + source.count)
    users, shapes = swf_users(source), swf_shapes(scenario, source)
    column = {name: trace.column(name)[taken] for name in FIELDS}
    submit_s = column["submit_s"] - (column["submit_s"][0] if source.from_zero else 0.0)
    asked = column["requested_processors"]
    count = len(submit_s)
    return _sorted(
        submit_s=submit_s,
        run_s=column["run_s"],
        estimate_s=np.where(column["requested_s"] > 0, column["requested_s"], column["run_s"]),
        tasks=np.where(asked > 0, asked, column["processors"]).astype(np.int64),
        shape=np.unique(shapes, axis=0, return_inverse=True)[1].reshape(-1)[taken],
        user=np.unique(users, return_inverse=True)[1][taken],
        job_class=np.zeros(count, np.int64),
        think_s=np.maximum(column["think_s"], 0.0),
        checkpoints=_checkpoints([source.checkpoint]).repeat(count, axis=1),
        waits_for=_preceding(column["job"], column["preceding_job"]),
    )


def _preceding(job: NDArray[np.float64], preceding: NDArray[np.float64]) -> list[tuple[int, ...]] | None:
    """Return the position of each job's predecessor in the trace, as a tuple of none or one."""
    if not (preceding > 0).any():
        return None
    numbers = {number: position for position, number in enumerate(job.tolist())}
    found = [numbers.get(number) if number > 0 else None for number in preceding.tolist()]
    # A job that names one submitted after it would wait for what waits for it in some traces.
    return [(p,) if p is not None and p < position else () for position, p in enumerate(found)]


def _checkpoints(given: list[Checkpoint | None]) -> NDArray[np.float64]:
    """Return ``(3, N)``: interval, cost and restart of each, in seconds."""
    rows = [(np.inf, 0.0, 0.0) if one is None else (one.interval_s, one.cost_s, one.restart_s) for one in given]
    return np.array(rows).T


def _or_never(time_s: float | None) -> float:
    return np.inf if time_s is None else time_s


def _whole(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to whole microseconds: the journal tells them as whole numbers."""
    return np.round(time_s * MICROSECONDS) / MICROSECONDS


def _sorted(
    *,
    submit_s: NDArray[np.float64],
    run_s: NDArray[np.float64],
    estimate_s: NDArray[np.float64],
    tasks: NDArray[np.int64],
    shape: NDArray[np.int64],
    user: NDArray[np.int64],
    job_class: NDArray[np.int64],
    checkpoints: NDArray[np.float64],
    priority: NDArray[np.int64] | None = None,
    deadline_s: NDArray[np.float64] | None = None,
    start_within_s: NDArray[np.float64] | None = None,
    think_s: NDArray[np.float64] | None = None,
    waits_for: list[tuple[int, ...]] | None = None,
) -> Workload:
    count = len(submit_s)
    order = np.argsort(submit_s, kind="stable")
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    never = np.full(count, np.inf)
    first = np.zeros(count + 1, np.int64)
    after: list[int] = []
    if waits_for is not None and any(waits_for):
        for position, job in enumerate(order.tolist()):
            after.extend(int(place[other]) for other in waits_for[job])
            first[position + 1] = len(after)
    interval_s, cost_s, restart_s = np.ascontiguousarray(checkpoints[:, order])
    return Workload(
        submit_s=submit_s[order],
        run_s=_whole(run_s)[order],
        estimate_s=_whole(estimate_s)[order],
        tasks=tasks.astype(np.int64)[order],
        shape=shape.astype(np.int64)[order],
        user=user.astype(np.int64)[order],
        job_class=job_class.astype(np.int64)[order],
        priority=(np.zeros(count, np.int64) if priority is None else priority.astype(np.int64))[order],
        deadline_s=_whole(never if deadline_s is None else deadline_s)[order],
        start_within_s=_whole(never if start_within_s is None else start_within_s)[order],
        interval_s=interval_s,
        cost_s=cost_s,
        restart_s=restart_s,
        after_first=first,
        after=np.array(after, np.int64),
        think_s=(np.zeros(count) if think_s is None else think_s)[order],
        origin=order,
    )
