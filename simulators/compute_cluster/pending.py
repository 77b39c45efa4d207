"""A job under way, as the SimPy engine keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import simpy

__all__ = ["Pending"]


class Pending:
    """What is known of a job, and how far it has come.

    Parameters
    ----------
    number
        In order of submission.
    key
        What it stands in the queue by; the smallest goes first.
    cores
        Of all tasks together.
    queue
        Number of the partition.
    waits_for
        How many jobs must end before its turn.
    columns
        Its row of the workload, by name.
    """

    COLUMNS: ClassVar = (
        "submit_s",
        "run_s",
        "estimate_s",
        "tasks",
        "shape",
        "user",
        "job_class",
        "priority",
        "deadline_s",
        "start_within_s",
        "interval_s",
        "cost_s",
        "restart_s",
        "think_s",
    )

    submit_s: float
    run_s: float
    estimate_s: float
    tasks: int
    shape: int
    user: int
    job_class: int
    priority: int
    deadline_s: float
    start_within_s: float
    interval_s: float
    cost_s: float
    restart_s: float
    think_s: float

    def __init__(
        self, number: int, key: float, cores: int, queue: int, waits_for: int, columns: dict[str, Any]
    ) -> None:
        self.__dict__.update(columns)
        self.number = number
        self.place = (key, number)
        self.cores = cores
        self.queue = queue
        self.waits_for = waits_for
        self.has_predecessors = waits_for > 0
        self.followers: list[Pending] = []
        self.ready_s = 0.0  # when its turn comes, once no job has to be waited for
        self.submitted = False
        self.cancelled = False
        self.interruptions = 0
        self.work_left_s = self.run_s
        self.estimate_left_s = self.estimate_s
        self.restart_left_s = 0.0  # time that the next start spends before the work goes on
        self.plan_s = 0.0  # time that the scheduler reckons with while the job waits
        self.nodes: list[int] = []
        self.started_s = 0.0
        self.slowdown = 1.0
        self.expected_end_s = 0.0
        self.start_number = -1
        self.reserved_s = -1.0  # start that conservative backfilling has promised; -1: none yet, infinite: none at all
        self.reserved_nodes: list[int] = []  # on these nodes, where it matters on which
        self.timer: simpy.Event | None = None
        self.shown: tuple[Any, ...] = ()  # what a policy sees of it that stays the same

    def __lt__(self, other: Pending) -> bool:
        """Stand in the queue's order."""
        return self.place < other.place
