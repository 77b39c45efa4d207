"""What a scheduling policy is shown: read-only views of queue and cluster."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClusterView", "JobView", "RunningView"]


@dataclass(frozen=True, slots=True)
class JobView:
    """A waiting job, as its policy sees it.

    Parameters
    ----------
    number
        Of the job, in order of submission, from 0.
    user, job_class, queue
        Names.
    tasks
        Tasks, which start together.
    cores, gpus
        Of all tasks together.
    submit_s
        When it was handed in.
    estimate_s
        Time that it is expected to run from a start on.
    wait_s
        Time since it was handed in.
    priority
        0 to 100.
    fits
        Whether it could start now.
    """

    number: int
    user: str
    job_class: str
    queue: str
    tasks: int
    cores: int
    gpus: int
    submit_s: float
    estimate_s: float
    wait_s: float
    priority: int
    fits: bool


@dataclass(frozen=True, slots=True)
class RunningView:
    """A running job.

    Parameters
    ----------
    number, tasks, cores, gpus
        As of a waiting job.
    expected_end_s
        When it ends by its estimate.
    """

    number: int
    tasks: int
    cores: int
    gpus: int
    expected_end_s: float


@dataclass(frozen=True, slots=True)
class ClusterView:
    """The machine.

    Parameters
    ----------
    nodes, usable_nodes
        How many there are, and how many are up and awake.
    cores, free_cores, gpus, free_gpus
        Of the usable nodes.
    running
        Running jobs, the next to end first.
    """

    nodes: int
    usable_nodes: int
    cores: int
    free_cores: int
    gpus: int
    free_gpus: int
    running: tuple[RunningView, ...]
