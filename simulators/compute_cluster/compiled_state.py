"""Everything that the compiled engine keeps, in flat arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.compute_cluster.events import Places
from simulators.compute_cluster.machines import UNLIMITED
from simulators.compute_cluster.order import changes_while_waiting
from simulators.compute_cluster.scheduling import ORDERS
from simulators.compute_cluster.vocabulary import vocabulary
from simulators.compute_cluster.waiting_tree import WaitingTree, new_tree
from simulators.draw_blocks import DrawBlocks, new_blocks
from simulators.event_heap import EventHeap, new_heap
from simulators.recorder import PIECE_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from simulators.compute_cluster.layout import Layout
    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.recorder import Recorder
    from simulators.row_buffer import RowBuffer

__all__ = ["NOBODY", "State", "keeps_tree", "new_state", "with_longer_lists", "with_more_promises", "with_more_rows"]

NOBODY = -1
LENGTH = 256  # of lines and calendars at first
DRAWS_AT_A_TIME = 64

# Columns of a job's real numbers: what is given, then how far it has come.
(
    SUBMIT_S, ESTIMATE_S, INTERVAL_S, COST_S, RESTART_S, THINK_S,
    WORK_LEFT_S, ESTIMATE_LEFT_S, RESTART_LEFT_S, PLAN_S, STARTED_S, SLOWDOWN, EXPECTED_END_S, RESERVED_S, READY_S, KEY,
) = range(16)  # fmt: skip
REALS = 16

# Columns of a job's whole numbers, the same way.
(
    RUN_US, DEADLINE_US, WITHIN_US, TASKS, SHAPE, QUEUE, USER, CLASS, PRIORITY, CORES, RANK, POSITION, PREDECESSORS,
    FOLLOWERS, FOLLOWER_COUNT, SUBMITTED, CANCELLED, WAITS_FOR, INTERRUPTIONS, START_NUMBER, TIMER, KIND, FIRST_TASK,
    ROW, AHEAD, BEHIND, NUMBER, GONE, PROMISED,
) = range(29)  # fmt: skip
WHOLES = 29

# Whole numbers of the run: settings, then counters.
(
    ORDER, DYNAMIC, EASY, CONSERVATIVE, PREEMPTION, KILLS, SPREADING, SAME_RACK, SLICING, MOST_ROWS,
    FIRST_RACK, FIRST_QUEUE, FIRST_CLASS, FIRST_USER, FIRST_SHAPE, MARGIN, ALL_CORES,
    LEFT, STARTS, PASS_DUE, NEXT_JOB, RUNNING, FREE_TASK, QUEUED, QUEUED_TASKS, TICK, CURRENT, ROWS,
    NEED, LISTS_ARE_SHORT, ROWS_ARE_SHORT, EXHAUSTED, MARGIN_WITHOUT_JOBS, LIMITED,
    BY_NODES, NODES_LOST, FREED, FREE_PROMISE, PROMISES_ARE_SHORT, SLEEPS, SINGLE,
) = range(41)  # fmt: skip
WHOLE_NUMBERS = 41

# Real numbers of the run: settings, then times.
(
    CROSS_RACK, WORST, QUANTUM_S, AGE_WEIGHT, FAIR_SHARE_WEIGHT, SIZE_WEIGHT, PRIORITY_WEIGHT, LONGEST_AGE_S,
    HALF_LIFE_S, NOW_S, NEXT_JOB_S, TICK_S,
) = range(12)  # fmt: skip

# Columns of a node: its capacity comes first; what is free at the shadow time comes last.
RACK_OF, IS_USABLE, IS_ASLEEP, IS_WAKING, FAULTS, NODE_TIMER, SORTED, FREE_THEN = range(4, 12)
NODE_COLUMNS = 15
SLEEP_AFTER_S, WAKE_S = range(2)

MOST_TASKS, SHAPE_QUEUE = range(4, 6)  # of a shape, after its demand
FIRST_NODE, ROOM, ROOM_LEFT, SLOTS_THEN, MW_THEN, SPARE_MW = range(6)  # of a rack
MW, SLOTS = range(2)  # of a rack's power: what is left, and from here on the slots by shape, then the room by shape
UP, DOWN = range(2)  # streams of a node or rack
TASK_NODE, TASK_NEXT, CHOSEN = range(3)
PROMISE_NODE, PROMISE_NEXT = range(2)
LINE_FIRST, LINE_END, STEPS, ENDED_EARLY = range(4)  # of a queue
USAGE, RATE, SETTLED_S = range(3)  # of a user
ROW_ORDER, ROW_FIRST, ROW_LAST = range(3)


class State(NamedTuple):
    """``N`` jobs under way or about to come, ``K`` nodes, ``S`` shapes, ``Q`` queues, ``U`` users, ``W`` rows.

    The rows are those of time-slicing; there is 1 without it, and a second for gaps where promises go by nodes.

    Few tables rather than many arrays: each array that a compiled function takes costs time to compile.

    Parameters
    ----------
    whole, real
        Settings, counters and times of the run.
    job, work
        ``(N, WHOLES)`` and ``(N, REALS)``.
    followers
        Jobs that wait for others, by the job that they wait for.
    node, node_s
        ``(K, NODE_COLUMNS)`` and ``(K, 2)``; infinite times where a node never sleeps.
    shape, empty
        ``(S, 6)``, and ``(S, K)`` tasks that fit on an empty node, 0 where the shape's tasks may not run.
    free
        ``(W, K, 4)`` of each resource.
    slots, total
        ``(W, S, K)`` and ``(W, S)`` tasks that fit now.
    rack
        ``(R + 1, 6)`` first node, scratch, and at the end the milliwatts to spare while nothing runs.
    power
        ``(W, R, 1 + 2 S)`` of racks: milliwatts to spare, slots on their nodes, and for how many there is power too.
    task_mw
        ``(S, R)`` milliwatts that a task takes.
    stream
        ``(K + R, 2)`` of nodes and racks; NOBODY where they never fail.
    task
        ``(T, 3)`` running tasks: linked lists, one a job, in one pool; and a scratch column of chosen nodes.
    running, running_s
        ``(T,)`` running jobs by expected end, and those ends.
    line, queue
        ``(Q, L)`` queues as sorted arrays, where the order or the calendar asks for it; ``(Q, 4)``.
    calendar
        ``(Q, L, 2)`` steps of conservative backfilling: time, and tasks that fit from then on.
    planned, planned_mw
        ``(L, K, 4)`` and ``(L, R)`` what is free in each step of the first calendar, where promises go by nodes.
    promise
        ``(P, 2)`` promised nodes: linked lists, one a waiting job, in one pool.
    tree
        Queues as trees, elsewhere.
    user
        ``(U, 3)`` fair share.
    row
        ``(W, 3)`` rows in their order, and the first and last job of each.
    histogram
        ``(most slots + 2,)`` scratch.
    end_heap, node_heap, turn_heap
        What is due: ends of jobs, events of nodes, jobs that have thought long enough.
    blocks
        Random numbers of failures.
    buffer
        Events on their way to the recorder.
    """

    whole: NDArray[np.int64]
    real: NDArray[np.float64]
    job: NDArray[np.int64]
    work: NDArray[np.float64]
    followers: NDArray[np.int64]
    node: NDArray[np.int64]
    node_s: NDArray[np.float64]
    shape: NDArray[np.int64]
    empty: NDArray[np.int64]
    free: NDArray[np.int64]
    slots: NDArray[np.int64]
    total: NDArray[np.int64]
    rack: NDArray[np.int64]
    power: NDArray[np.int64]
    task_mw: NDArray[np.int64]
    stream: NDArray[np.int64]
    task: NDArray[np.int64]
    running: NDArray[np.int64]
    running_s: NDArray[np.float64]
    line: NDArray[np.int64]
    queue: NDArray[np.int64]
    calendar: NDArray[np.float64]
    planned: NDArray[np.int64]
    planned_mw: NDArray[np.int64]
    promise: NDArray[np.int64]
    tree: WaitingTree
    user: NDArray[np.float64]
    row: NDArray[np.int64]
    histogram: NDArray[np.int64]
    end_heap: EventHeap
    node_heap: EventHeap
    turn_heap: EventHeap
    blocks: DrawBlocks
    buffer: RowBuffer


def keeps_tree(whole: NDArray[np.int64]) -> bool:
    """Return whether queues are trees, not lines."""
    return not (whole[DYNAMIC] or whole[CONSERVATIVE] or whole[SLICING] or whole[PREEMPTION])


def new_state(
    scenario: ComputeCluster,
    plan: Layout,
    draws: Sequence[Callable[[int], NDArray[np.float64]]],
    recorder: Recorder,
) -> State:
    """Return the state at time 0, before any job has been taken in; events are written where the recorder says."""
    queues = len(scenario.queues)
    whole = _whole(scenario, plan)
    rows = min(8, int(whole[MOST_ROWS])) if whole[SLICING] else 2 if whole[BY_NODES] else 1
    steps = LENGTH if whole[BY_NODES] else 0
    empty = _empty_slots(plan)
    tasks = rows * int(whole[ALL_CORES])
    none = np.empty(0, np.int64)
    rack = np.zeros((len(plan.rack_first), 6), np.int64)
    rack[:, FIRST_NODE] = plan.rack_first
    rack[:-1, SPARE_MW] = plan.rack_mw
    power = _power(rack, empty, plan.task_mw)
    calendar = np.zeros((queues, LENGTH, 2))
    for shape_queue, most in zip(plan.queue, plan.most_tasks, strict=True):
        calendar[shape_queue, 0, 1] = most
    queue = np.zeros((queues, 4), np.int64)
    queue[:, [LINE_FIRST, LINE_END]] = LENGTH // 4
    queue[:, STEPS] = 1
    room = 1024 + 2 * int(whole[MARGIN_WITHOUT_JOBS])
    return State(
        whole=whole,
        real=_real(scenario, len(rack) - 1),
        job=np.empty((0, WHOLES), np.int64),
        work=np.empty((0, REALS)),
        followers=none,
        node=_node_table(plan),
        node_s=_sleep_table(scenario, plan),
        shape=np.column_stack((plan.demand, plan.most_tasks, plan.queue)),
        empty=empty,
        free=np.repeat(plan.capacity[np.newaxis], rows, axis=0),
        slots=np.repeat(empty[np.newaxis], rows, axis=0),
        total=np.repeat(_total(power)[np.newaxis], rows, axis=0),
        rack=rack,
        power=np.repeat(power[np.newaxis], rows, axis=0),
        task_mw=plan.task_mw,
        stream=_stream_table(scenario, plan),
        task=_free_tasks(tasks),
        running=np.empty(tasks, np.int64),
        running_s=np.empty(tasks),
        line=np.empty((queues, LENGTH), np.int64),
        queue=queue,
        calendar=calendar,
        planned=np.repeat(plan.capacity[np.newaxis], steps, axis=0),
        planned_mw=np.repeat(plan.rack_mw[np.newaxis], steps, axis=0),
        promise=_free_promises(steps),
        tree=new_tree(none, none, none, len(plan.demand))[0],
        user=np.zeros((len(vocabulary(scenario).users), 3)),
        row=_free_rows(0, rows),
        histogram=np.zeros(int(empty.max(initial=0)) + 2, np.int64),
        end_heap=new_heap(room),
        node_heap=new_heap(room),
        turn_heap=new_heap(room),
        blocks=new_blocks(draws, DRAWS_AT_A_TIME),
        buffer=recorder.room(PIECE_ROWS + 2 * int(whole[MARGIN_WITHOUT_JOBS])),
    )


def with_more_rows(state: State) -> State:
    """Return the state with room for twice as many rows of time-slicing."""
    rows, tasks = len(state.row), len(state.task)
    power = _power(state.rack, state.empty, state.task_mw)
    more = _free_tasks(tasks)
    more[:, TASK_NEXT] += tasks
    more[-1, TASK_NEXT] = state.whole[FREE_TASK]
    state.whole[FREE_TASK] = tasks
    return state._replace(
        free=np.concatenate((state.free, state.node[np.newaxis, :, :4].repeat(rows, axis=0))),
        slots=np.concatenate((state.slots, state.empty[np.newaxis].repeat(rows, axis=0))),
        total=np.concatenate((state.total, _total(power)[np.newaxis].repeat(rows, axis=0))),
        power=np.concatenate((state.power, power[np.newaxis].repeat(rows, axis=0))),
        task=np.concatenate((state.task, more)),
        row=np.concatenate((state.row, _free_rows(rows, rows))),
    )


def with_longer_lists(state: State) -> State:
    """Return the state with twice the room for queues that are sorted arrays, and for calendars."""
    queues, length = state.line.shape
    line = np.empty((queues, 2 * length), np.int64)
    queue = state.queue.copy()
    for number, (first, end) in enumerate(state.queue[:, [LINE_FIRST, LINE_END]].tolist()):
        start = length // 2
        line[number, start : start + end - first] = state.line[number, first:end]
        queue[number, [LINE_FIRST, LINE_END]] = start, start + end - first
    calendar = np.concatenate((state.calendar, np.zeros_like(state.calendar)), axis=1)
    return state._replace(
        line=line,
        queue=queue,
        calendar=calendar,
        planned=np.concatenate((state.planned, state.planned)),
        planned_mw=np.concatenate((state.planned_mw, state.planned_mw)),
    )


def with_more_promises(state: State) -> State:
    """Return the state with room for promises to all jobs that wait."""
    old = len(state.promise)
    more = _free_promises(max(old, int(state.whole[QUEUED_TASKS])))
    more[:, PROMISE_NEXT] += old
    more[-1, PROMISE_NEXT] = state.whole[FREE_PROMISE]
    state.whole[FREE_PROMISE] = old
    return state._replace(promise=np.concatenate((state.promise, more)))


def _empty_slots(plan: Layout) -> NDArray[np.int64]:
    """Return ``(S, K)`` tasks of each shape that fit on each empty node."""
    asked = plan.demand[:, np.newaxis, :]
    fit = np.where(asked > 0, plan.capacity[np.newaxis] // np.maximum(asked, 1), UNLIMITED).min(axis=2)
    slots: NDArray[np.int64] = np.where(plan.may_use, fit, 0)
    return slots


def _power(rack: NDArray[np.int64], empty: NDArray[np.int64], task_mw: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``(R, 1 + 2 S)`` what racks hold and feed while nothing runs."""
    slots = np.add.reduceat(empty, rack[:-1, FIRST_NODE], axis=1)
    spare_mw = rack[:-1, SPARE_MW]
    room = np.where(task_mw > 0, np.minimum(slots, spare_mw // np.maximum(task_mw, 1)), slots)
    return np.concatenate((spare_mw[np.newaxis], slots, room)).T


def _total(power: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``(S,)`` tasks that fit on all racks."""
    shapes = power.shape[1] // 2
    total: NDArray[np.int64] = power[:, SLOTS + shapes :].sum(axis=0)
    return total


def _free_tasks(count: int) -> NDArray[np.int64]:
    table = np.zeros((count, 3), np.int64)
    table[:, TASK_NEXT] = np.arange(1, count + 1)
    return table


def _free_promises(count: int) -> NDArray[np.int64]:
    table = np.zeros((count, 2), np.int64)
    table[:, PROMISE_NEXT] = np.arange(1, count + 1)
    return table


def _free_rows(first: int, count: int) -> NDArray[np.int64]:
    table = np.full((count, 3), NOBODY)
    table[:, ROW_ORDER] = np.arange(first, first + count)
    return table


def _node_table(plan: Layout) -> NDArray[np.int64]:
    table = np.zeros((len(plan.capacity), NODE_COLUMNS), np.int64)
    table[:, :4] = plan.capacity
    table[:, RACK_OF], table[:, IS_USABLE], table[:, NODE_TIMER] = plan.rack, 1, NOBODY
    return table


def _sleep_table(scenario: ComputeCluster, plan: Layout) -> NDArray[np.float64]:
    sleeps = [one.sleep for one in scenario.node_types]
    times = [(np.inf, np.inf) if sleep is None else (sleep.after_s, sleep.wake_s) for sleep in sleeps]
    table: NDArray[np.float64] = np.array(times)[plan.node_type]
    return table


def _stream_table(scenario: ComputeCluster, plan: Layout) -> NDArray[np.int64]:
    types = scenario.node_types
    failing = np.array(
        [types[number].failures is not None for number in plan.node_type]
        + [types[number].rack_failures is not None for number in plan.rack_type]
    )
    table = np.full((len(failing), 2), NOBODY)
    table[failing] = np.arange(2 * failing.sum()).reshape(-1, 2)
    return table


def _whole(scenario: ComputeCluster, plan: Layout) -> NDArray[np.int64]:
    scheduler, places = scenario.scheduler, Places(scenario)
    cores = int(plan.capacity[:, 0].sum())
    slicing = scheduler.time_slicing
    values = {
        ORDER: ORDERS.index(scheduler.order.kind),
        DYNAMIC: changes_while_waiting(scenario),
        EASY: scheduler.backfilling == "easy",
        CONSERVATIVE: scheduler.backfilling == "conservative",
        PREEMPTION: scheduler.preemption,
        KILLS: scheduler.over_estimate == "kill",
        SPREADING: scheduler.placement == "spreading",
        SAME_RACK: scheduler.same_rack,
        SLICING: slicing is not None,
        MOST_ROWS: 1 if slicing is None else slicing.rows,
        FIRST_RACK: places.first_rack,
        FIRST_QUEUE: places.first_queue,
        FIRST_CLASS: places.first_class,
        FIRST_USER: places.first_user,
        FIRST_SHAPE: places.first_shape,
        # Rows, or events, that one step may need: all tasks anew, all nodes changed, all followers told.
        MARGIN_WITHOUT_JOBS: 3 * cores + 4 * len(plan.capacity) + 64,
        ALL_CORES: cores,
        LIMITED: bool(plan.task_mw.any()),
        TICK: NOBODY,
        BY_NODES: scheduler.backfilling == "conservative" and not scenario.plans_by_counting,
        SLEEPS: any(one.sleep is not None for one in scenario.node_types),
        SINGLE: _empty_slots(plan).max(initial=0) <= 1,  # no node takes two tasks
    }
    table = np.zeros(WHOLE_NUMBERS, np.int64)
    for position, value in values.items():
        table[position] = int(value)
    return table


def _real(scenario: ComputeCluster, racks: int) -> NDArray[np.float64]:
    order, slicing = scenario.scheduler.order, scenario.scheduler.time_slicing
    slowdown = scenario.cross_rack_slowdown
    table = np.zeros(TICK_S + 1)
    table[CROSS_RACK], table[WORST] = 1.0 + slowdown, 1.0 + (slowdown if racks > 1 else 0.0)
    table[QUANTUM_S] = np.inf if slicing is None else slicing.quantum_s
    if order.kind == "multifactor":
        table[AGE_WEIGHT : HALF_LIFE_S + 1] = (
            order.age_weight,
            order.fair_share_weight,
            order.size_weight,
            order.priority_weight,
            order.longest_age_s,
            order.half_life_s,
        )
    return table
