"""What every node of a cluster does, where jobs run and who waits, in a window of time; from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.compute_cluster import Event, Places, vocabulary
from simulators.compute_cluster.events import COMMAND
from twins.cluster_rows import Condition, NodeSpells, Stays, Waits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster import ComputeCluster
    from simulators.journal import Journal

    Numbers = NDArray[np.int64]
    Times = NDArray[np.float64]

__all__ = ["Story", "story"]

JOB_EVENTS = (
    *(Event.SUBMIT, Event.CLASS, Event.OWNER, Event.REJECT, Event.ELIGIBLE, Event.CANCEL, Event.START, Event.TASK),
    *(Event.END, Event.KILL, Event.INTERRUPT, Event.PREEMPT, Event.SUSPEND, Event.RESUME),
)
"""The events whose entity is a job."""

BEGINS, PAUSES = (Event.START, Event.RESUME), (Event.SUSPEND,)
LEAVES = (Event.END, Event.KILL, Event.INTERRUPT, Event.PREEMPT)


class Story(NamedTuple):
    """Everything that happened in a cluster."""

    stays: Stays
    waits: Waits
    spells: NodeSpells


def story(scenario: ComputeCluster, journal: Journal) -> Story:
    """Follow all jobs and nodes of a cluster.

    Parameters
    ----------
    scenario
        The cluster.
    journal
        What happened in it.
    """
    return _Reader(scenario, journal).story()


class _Reader:
    def __init__(self, scenario: ComputeCluster, journal: Journal) -> None:
        self._journal = journal
        self._nodes = Places(scenario).nodes
        places, event, entity = Places(scenario), journal.event, journal.entity
        # The last row is of a job whose submission has not been heard of: nothing is known to be taken by it.
        self._demand = np.array([*(shape.demand for shape in vocabulary(scenario).shapes), (0, 0, 0, 0)], np.int64)
        submits = np.flatnonzero(event == Event.SUBMIT)
        many = int(entity[np.isin(event, JOB_EVENTS)].max(initial=-1)) + 1
        self._user, self._queue, self._tasks = (np.zeros(many, np.int64) for _ in range(3))
        self._shape = np.full(many, -1)
        self._queue[entity[submits]] = journal.place[submits] - places.first_queue
        owners = event == Event.OWNER
        self._user[entity[owners]] = journal.place[owners] - places.first_user
        sizes = np.flatnonzero(event == Event.SIZE)  # the job is that of the submission before
        of = np.searchsorted(submits, sizes) - 1
        sizes, of = sizes[of >= 0], of[of >= 0]
        self._shape[entity[submits[of]]] = journal.place[sizes] - places.first_shape
        self._tasks[entity[submits[of]]] = entity[sizes]

    def story(self) -> Story:
        """Read it all."""
        stays, uses = self._stays()
        return Story(stays, self._waits(), self._spells(*uses))

    def _stays(self) -> tuple[Stays, tuple[NDArray[np.int64], ...]]:
        """Return the stays, and as rows of node, journal's row, cores, gpus what each begins or ends to use."""
        journal = self._journal
        row = np.flatnonzero(np.isin(journal.event, [*BEGINS, *PAUSES, *LEAVES, Event.TASK]))
        row = row[np.argsort(journal.entity[row], kind="stable")]
        event, job = journal.event[row], journal.entity[row]
        starts = event == Event.START
        run = np.cumsum(starts) - 1
        # What a journal that begins later tells of a job before it tells of its start is left out.
        known = (run >= 0) & (np.append(job[starts], -1)[run] == job)
        row, event, job, starts, run = row[known], event[known], job[known], starts[known], run[known]
        tasks = event == Event.TASK
        pair, count = np.unique(run[tasks] * self._nodes + journal.place[row[tasks]], return_counts=True)
        stay_run, node = np.divmod(pair, self._nodes)
        start_s = journal.time_s[row[starts]]
        end_s = np.full(len(start_s), np.inf)
        leaves = np.isin(event, LEAVES)
        end_s[run[leaves]] = journal.time_s[row[leaves]]
        run_job = job[starts]
        nodes = np.bincount(stay_run, minlength=len(run_job))
        first = np.concatenate(([0], np.cumsum(nodes)))
        owner = run_job[stay_run]
        takes = self._demand[self._shape[owner]] * count[:, None]
        found = Stays(
            start_s[stay_run],
            end_s[stay_run],
            owner,
            self._user[owner],
            node,
            takes[:, 0],
            takes[:, 1],
            nodes[stay_run],
            np.arange(len(node)) - first[stay_run],
        )
        uses = self._uses(found, first, row, event, run)
        order = np.lexsort((found.rank, found.job, found.start_s))
        return found.chosen(order), uses

    def _uses(
        self, found: Stays, first: Numbers, row: Numbers, event: NDArray[np.int16], run: Numbers
    ) -> tuple[Numbers, ...]:
        ways = np.isin(event, BEGINS).astype(np.int64) - np.isin(event, (*PAUSES, *LEAVES))
        change = np.flatnonzero(ways)
        nodes = np.diff(first)[run[change]]
        stay = np.repeat(first[run[change]], nodes) + _counting(nodes)
        way, at = np.repeat(ways[change], nodes), np.repeat(row[change], nodes)
        return found.node[stay], at, way * found.cores[stay], way * found.gpus[stay]

    def _waits(self) -> Waits:
        journal = self._journal
        begins = (Event.SUBMIT, Event.INTERRUPT, Event.PREEMPT)
        row = np.flatnonzero(np.isin(journal.event, [*begins, Event.START, Event.REJECT, Event.CANCEL]))
        row = row[np.argsort(journal.entity[row], kind="stable")]
        job, event, time_s = journal.entity[row], journal.event[row], journal.time_s[row]
        begin = np.flatnonzero(np.isin(event, begins))
        ended = (begin + 1 < len(row)) & (np.append(job, -1)[begin + 1] == job[begin])
        following = np.minimum(begin + 1, len(row) - 1)
        end_s = np.where(ended, time_s[following], np.inf)
        who = job[begin]
        found = Waits(
            time_s[begin],
            end_s,
            who,
            self._user[who],
            self._queue[who],
            self._tasks[who] * self._demand[self._shape[who], 0],
            event[begin] != Event.SUBMIT,
            ended & (event[following] == Event.START),
        )
        return found.chosen(np.lexsort((found.job, found.start_s)))

    def _spells(self, node: Numbers, row: Numbers, cores: Numbers, gpus: Numbers) -> NodeSpells:
        """Lay all changes of each node in a row: of what is used, of its health, of whether it is drained."""
        journal = self._journal
        own = np.flatnonzero((journal.place >= 0) & (journal.place < self._nodes))
        health = own[np.isin(journal.event[own], list(CONDITION_AFTER))]
        drains = self._drains(own)
        after = np.zeros(len(Event), np.int64)
        for event, state in CONDITION_AFTER.items():
            after[event] = state
        pieces = [  # node, journal's row, cores, gpus, drained, whether it tells the condition, and which
            _columns(np.arange(self._nodes), -1, tells=1),
            _columns(node, row, cores=cores, gpus=gpus),
            _columns(journal.place[health], health, tells=1, condition=after[journal.event[health]]),
            _columns(journal.place[drains], drains, drained=1),
        ]
        changes = np.concatenate(pieces, axis=1)
        changes = changes[:, np.lexsort(changes[1::-1])]
        node, row, cores, gpus, drained, tells, told = changes
        first = np.flatnonzero(np.append(True, node[1:] != node[:-1]))
        cores, gpus, drained = (_summed(column, first, len(node)) for column in (cores, gpus, drained))
        condition = told[np.maximum.accumulate(np.where(tells == 1, np.arange(len(tells)), 0))]
        condition = np.where((drained % 2 == 1) & (condition == Condition.UP), Condition.DRAINED, condition)
        return _joined(node, cores, gpus, condition, np.append(journal.time_s, 0.0)[row])

    def _drains(self, own: Numbers) -> Numbers:
        """Return the rows in which somebody drains a node or lets it take jobs again.

        The journal names the node only. A command that fails or repairs it is followed by that; any other turns the
        draining on or off, because what would change nothing is refused.
        """
        journal = self._journal
        commands = own[journal.event[own] == COMMAND]
        following = np.minimum(commands + 1, len(journal) - 1)
        changed = np.isin(journal.event[following], (Event.FAIL, Event.REPAIR))
        changed &= journal.place[following] == journal.place[commands]
        drains: Numbers = commands[~changed]
        return drains


CONDITION_AFTER = {
    Event.FAIL: Condition.DOWN,
    Event.REPAIR: Condition.UP,
    Event.SLEEP: Condition.ASLEEP,
    Event.WAKE: Condition.WAKING,
    Event.AWAKE: Condition.UP,
}


def _columns(
    node: NDArray[np.integer],
    row: Numbers | int,
    *,
    cores: Numbers | int = 0,
    gpus: Numbers | int = 0,
    drained: int = 0,
    tells: int = 0,
    condition: Numbers | int = 0,
) -> Numbers:
    """Return ``(7, N)`` changes of nodes."""
    columns: Numbers = np.stack(np.broadcast_arrays(node, row, cores, gpus, drained, tells, condition)).astype(np.int64)
    return columns


def _counting(many: Numbers) -> Numbers:
    """Return 0, 1, … for each number, as many as it says."""
    before: Numbers = np.repeat(np.cumsum(many) - many, many)
    return np.arange(len(before)) - before


def _summed(change: Numbers, first: Numbers, count: int) -> Numbers:
    """Return running sums that begin anew at each row in ``first``."""
    total = np.cumsum(change)
    before = np.where(first > 0, total[first - 1], 0)
    summed: Numbers = total - np.repeat(before, np.diff(np.append(first, count)))
    return summed


def _joined(node: Numbers, cores: Numbers, gpus: Numbers, condition: Numbers, time_s: Times) -> NodeSpells:
    """Keep what lasts, and of equal neighbours one."""
    last = np.append((node[1:] != node[:-1]) | (time_s[1:] > time_s[:-1]), True)
    node, cores, gpus, condition, time_s = (column[last] for column in (node, cores, gpus, condition, time_s))
    same = node[1:] == node[:-1]
    for column in (cores, gpus, condition):
        same &= column[1:] == column[:-1]
    kept = np.append(True, ~same)
    node, cores, gpus, condition, time_s = (column[kept] for column in (node, cores, gpus, condition, time_s))
    end_s = np.where(np.append(node[1:] == node[:-1], False), np.append(time_s[1:], np.inf), np.inf)
    return NodeSpells(time_s, end_s, node, cores, gpus, condition)
