"""What a scheduling policy is shown: read-only views of queue and cluster.

They are tuples with names, of which a hundred are made, and sent into a sandbox, for every question.
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

__all__ = ["ClusterView", "JobView", "RunningView"]


class _Unchangeable:
    """Says what is wrong where somebody sets a field."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        message = f"what a policy is shown cannot be changed ({name})"
        raise AttributeError(message)


class _JobFields(NamedTuple):
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


class JobView(_Unchangeable, _JobFields):
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

    __slots__ = ()


class _RunningFields(NamedTuple):
    number: int
    tasks: int
    cores: int
    gpus: int
    expected_end_s: float


class RunningView(_Unchangeable, _RunningFields):
    """A running job.

    Parameters
    ----------
    number, tasks, cores, gpus
        As of a waiting job.
    expected_end_s
        When it ends by its estimate.
    """

    __slots__ = ()


class _ClusterFields(NamedTuple):
    nodes: int
    usable_nodes: int
    cores: int
    free_cores: int
    gpus: int
    free_gpus: int
    running: tuple[RunningView, ...]


class ClusterView(_Unchangeable, _ClusterFields):
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

    __slots__ = ()
