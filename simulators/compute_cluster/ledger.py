"""What a cluster's meter carries from one piece of a journal to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Ledger"]

NOBODY = -1

# Columns of a live job.
(
    ALIVE, COUNTS, SUBMITTED_S, QUEUE, JOB_CLASS, USER, JOB_SHAPE, WORK_S, DUE_S, WITHIN_S, READY_S, STARTED, ON_NODES,
    FIRST_TASK, CORES, GPUS,
) = range(16)  # fmt: skip
LIVE_COLUMNS = 16

# Columns of a node: what it has, then its state.
HAS_CORES, HAS_GPUS, IDLE_W, BUSY_W, SLEEP_W, RACK, USED_CORES, USED_GPUS, STATE, POWER_W, FREE, STRANDED = range(12)
NODE_COLUMNS = 12
UP, DOWN, SLEEPING, WAKING = range(4)

# Columns of a rack.
RACK_W, LIMIT_W, PEAK_W, OVER_S = range(4)
RACK_COLUMNS = 4

# Totals of the run: the state now, then integrals over the time that counts, then times and counts.
(
    NOW_S, BEGIN_S, BASE, WAITING, BUSY_CORES, BUSY_GPUS, CLUSTER_W, FREE_GPUS, STRANDED_GPUS,
    WAITING_AREA, CORE_S, GPU_S, FREE_GPU_S, STRANDED_GPU_S, ENERGY_J, COST, CARBON_G,
    FIRST_SUBMIT_S, LAST_LEAVE_S, LIVE_JOBS, LAST_SUBMITTED, FREE_TASK, HELD_TASKS,
) = range(23)  # fmt: skip
TOTALS = 23

# Columns of a group of jobs: all of them, a queue, a class, or a user.
(
    SUBMITTED, ENDED, KILLED, REJECTED, CANCELLED, FIRST_STARTS, WAIT_S, LONGEST_WAIT_S, TURNAROUND_S, SLOWDOWN,
    LARGEST_SLOWDOWN, USED_CORE_S, GOOD_CORE_S, GOOD_GPU_S, DEADLINES, DEADLINE_MISSES, LEVELS, LEVEL_MISSES,
    INTERRUPTIONS, PREEMPTIONS,
) = range(20)  # fmt: skip
GROUP_COLUMNS = 20


class Ledger(NamedTuple):
    """What is carried from piece to piece; ``L`` live jobs, ``T`` tasks, ``K`` nodes, ``R`` racks, ``G`` groups.

    Parameters
    ----------
    live
        ``(L, LIVE_COLUMNS)`` jobs from number ``total[BASE]`` on.
    task
        ``(T, 2)`` nodes of running jobs: linked lists in one pool.
    node, rack
        ``(K, NODE_COLUMNS)``, ``(R, RACK_COLUMNS)``.
    total
        ``(TOTALS,)``.
    group
        ``(G, GROUP_COLUMNS)``; group 0 is all jobs.
    demand
        ``(S, 4)`` of a task of each shape.
    price
        ``(24, 2)`` money and grams a kilowatt-hour, by hour of the day.
    place
        First place of racks, queues, classes, users, shapes.
    """

    live: NDArray[np.float64]
    task: NDArray[np.int64]
    node: NDArray[np.float64]
    rack: NDArray[np.float64]
    total: NDArray[np.float64]
    group: NDArray[np.float64]
    demand: NDArray[np.int64]
    price: NDArray[np.float64]
    place: NDArray[np.int64]
