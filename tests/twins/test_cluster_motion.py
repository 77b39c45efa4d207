"""Stays, waits and spells of nodes against a plain replay of the journal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators import simulate
from simulators.compute_cluster import ComputeCluster, Event, Places, example, vocabulary
from simulators.journal import Journal
from twins.cluster_motion import story
from twins.cluster_rows import Condition, lowest_free

if TYPE_CHECKING:
    from simulators import Run

TIMES = np.random.default_rng(5).uniform(0, 14_000, 40)


@pytest.fixture(scope="module")
def cluster_run() -> Run:
    return simulate(example(), seed=3)


def whereabouts(run: Run, time_s: float) -> tuple[Counter[tuple[int, int]], set[int], Counter[int], dict[int, Event]]:
    """Return tasks by job and node, waiting jobs, cores used by node, and each node's last change of health."""
    shapes = vocabulary(run.scenario).shapes
    first_shape, nodes = Places(run.scenario).first_shape, Places(run.scenario).nodes
    tasks: Counter[tuple[int, int]] = Counter()
    waiting: set[int] = set()
    shape: dict[int, int] = {}
    health: dict[int, Event] = {}
    job = -1
    columns = (run.journal.time_s, run.journal.event, run.journal.entity, run.journal.place)
    for now_s, code, entity, place in zip(*(column.tolist() for column in columns), strict=True):
        if now_s > time_s:
            break
        event = Event(code)
        if event is Event.SUBMIT:
            job = entity
            waiting.add(job)
        elif event is Event.SIZE:
            shape[job] = place - first_shape
        elif event in (Event.START, Event.REJECT, Event.CANCEL):
            waiting.remove(entity)
        elif event is Event.TASK:
            tasks[entity, place] += 1
        elif event in (Event.END, Event.KILL, Event.INTERRUPT, Event.PREEMPT):
            tasks = Counter({key: count for key, count in tasks.items() if key[0] != entity})
            if event in (Event.INTERRUPT, Event.PREEMPT):
                waiting.add(entity)
        elif event in (Event.FAIL, Event.REPAIR, Event.SLEEP, Event.WAKE, Event.AWAKE) and place < nodes:
            health[place] = event
    used: Counter[int] = Counter()
    for (owner, node), count in tasks.items():
        used[node] += count * shapes[shape[owner]].demand[0]
    return tasks, waiting, used, health


def test_jobs_are_where_the_journal_puts_them(cluster_run: Run) -> None:
    stays = story(cluster_run.scenario, cluster_run.journal).stays
    seen = 0
    for time_s in TIMES:
        tasks, *_ = whereabouts(cluster_run, time_s)
        now = (stays.start_s <= time_s) & (time_s < stays.end_s)
        assert sorted(zip(stays.job[now].tolist(), stays.node[now].tolist(), strict=True)) == sorted(tasks)
        seen += len(tasks)
    assert seen > 100


def test_each_run_counts_its_nodes(cluster_run: Run) -> None:
    stays = story(cluster_run.scenario, cluster_run.journal).stays
    runs = Counter(zip(stays.job.tolist(), stays.start_s.tolist(), strict=True))
    for job, start_s, nodes, rank in zip(stays.job, stays.start_s, stays.nodes, stays.rank, strict=True):
        assert runs[job, start_s] == nodes
        assert 0 <= rank < nodes
    assert max(runs.values()) > 1


def test_jobs_wait_while_the_journal_lets_them(cluster_run: Run) -> None:
    waits = story(cluster_run.scenario, cluster_run.journal).waits
    seen = 0
    for time_s in TIMES:
        _, waiting, *_ = whereabouts(cluster_run, time_s)
        now = (waits.start_s <= time_s) & (time_s < waits.end_s)
        assert sorted(waits.job[now].tolist()) == sorted(waiting)
        seen += len(waiting)
    assert seen > 20
    assert waits.anew.any()


def test_no_two_waiting_jobs_share_a_pigeonhole(cluster_run: Run) -> None:
    waits = story(cluster_run.scenario, cluster_run.journal).waits
    slots = waits.slots()
    for time_s in TIMES:
        now = (waits.start_s <= time_s) & (time_s < waits.end_s)
        holes = list(zip(waits.queue[now].tolist(), slots[now].tolist(), strict=True))
        assert len(set(holes)) == len(holes)
    most = max(int(((waits.start_s <= s) & (s < waits.end_s)).sum()) for s in waits.start_s)
    assert slots.max() < most  # low ones are used


def test_the_lowest_number_that_is_free_is_taken() -> None:
    start_s, end_s = np.array([0.0, 1.0, 2.0, 5.0, 6.0]), np.array([5.0, np.inf, 3.0, 6.0, 7.0])
    assert lowest_free(start_s, end_s).tolist() == [0, 1, 2, 0, 0]


def test_nodes_are_used_and_fit_as_the_journal_says(cluster_run: Run) -> None:
    spells = story(cluster_run.scenario, cluster_run.journal).spells
    expected = {
        Event.FAIL: Condition.DOWN,
        Event.REPAIR: Condition.UP,
        Event.SLEEP: Condition.ASLEEP,
        Event.WAKE: Condition.WAKING,
        Event.AWAKE: Condition.UP,
    }
    conditions = set()
    for time_s in TIMES:
        _, _, used, health = whereabouts(cluster_run, time_s)
        now = (spells.start_s <= time_s) & (time_s < spells.end_s)
        assert spells.node[now].tolist() == list(range(Places(cluster_run.scenario).nodes))
        for node, cores, condition in zip(spells.node[now], spells.cores[now], spells.condition[now], strict=True):
            assert cores == used[int(node)]
            told = expected[health[int(node)]] if int(node) in health else Condition.UP
            assert condition == told
            conditions.add(Condition(condition))
    assert {Condition.UP, Condition.DOWN} <= conditions


def test_spells_follow_one_another_and_differ(cluster_run: Run) -> None:
    spells = story(cluster_run.scenario, cluster_run.journal).spells
    same = spells.node[1:] == spells.node[:-1]
    assert (spells.end_s[:-1][same] == spells.start_s[1:][same]).all()
    assert np.isinf(spells.end_s[:-1][~same]).all()
    assert (spells.end_s > spells.start_s).all()
    what = np.stack([spells.cores, spells.gpus, spells.condition], axis=1)
    assert (what[1:] != what[:-1]).any(axis=1)[same].all()


def test_gangs_that_share_nodes_in_time_use_them_in_turn() -> None:
    cluster = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 10_000,
            "node_types": [{"name": "node", "nodes": 2}],
            "jobs": {
                "kind": "list",
                "jobs": [{"submit_s": 0, "run_s": 100, "tasks": 2}, {"submit_s": 0, "run_s": 100, "tasks": 2}],
            },
            "scheduler": {"time_slicing": {"rows": 2, "quantum_s": 10}},
        }
    )
    spells = story(cluster, simulate(cluster, seed=1).journal).spells
    assert set(spells.cores.tolist()) == {0, 1}
    assert (spells.cores[np.isinf(spells.end_s)] == 0).all()


def piece(journal: Journal, begin: int, end: int) -> Journal:
    columns = (journal.time_s, journal.event, journal.entity, journal.place)
    return Journal(*(column[begin:end] for column in columns), journal.places)


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5, 6, 7, 8, 50, 333])
def test_a_journal_may_break_off_anywhere(cluster_run: Run, rows: int) -> None:
    told = story(cluster_run.scenario, piece(cluster_run.journal, 0, rows))
    whole = story(cluster_run.scenario, cluster_run.journal)
    assert set(told.stays.job.tolist()) <= set(whole.stays.job.tolist())
    assert set(told.spells.node.tolist()) == set(whole.spells.node.tolist())


@pytest.mark.parametrize("rows", [1, 3, 4, 5, 100, 400])
def test_a_journal_may_begin_anywhere(cluster_run: Run, rows: int) -> None:
    """What has been heard of only in part is left out; what begins later is there."""
    journal = cluster_run.journal
    told = story(cluster_run.scenario, piece(journal, rows, len(journal)))
    whole = story(cluster_run.scenario, journal)
    late_s = journal.time_s[rows]
    begun = {(j, s) for j, s in zip(whole.stays.job.tolist(), whole.stays.start_s.tolist(), strict=True) if s > late_s}
    found = set(zip(told.stays.job.tolist(), told.stays.start_s.tolist(), strict=True))
    assert begun <= found
    assert (told.spells.cores >= 0).all()


def row(time_s: float, event: Event, entity: int, place: int) -> tuple[float, Event, int, int]:
    return time_s, event, entity, place


def journal_of(*rows: tuple[float, Event, int, int]) -> Journal:
    time_s, event, entity, place = zip(*rows, strict=True)
    return Journal(np.array(time_s), np.array(event, np.int16), np.array(entity), np.array(place, np.int32), ())


def test_commands_drain_and_resume_but_those_that_break_do_not() -> None:
    cluster = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 100,
            "node_types": [{"name": "node", "nodes": 2}],
            "jobs": {"kind": "list", "jobs": [{"submit_s": 0, "run_s": 1}]},
        }
    )
    told = journal_of(
        row(10, Event.COMMAND, 0, 0),  # drain
        row(20, Event.COMMAND, 1, 1),
        row(20, Event.FAIL, -1, 1),
        row(30, Event.COMMAND, 2, 0),  # resume
        row(40, Event.COMMAND, 3, 1),
        row(40, Event.REPAIR, -1, 1),
    )
    spells = story(cluster, told).spells
    found = [
        (int(n), float(s), Condition(c)) for n, s, c in zip(spells.node, spells.start_s, spells.condition, strict=True)
    ]
    assert found == [
        (0, 0, Condition.UP), (0, 10, Condition.DRAINED), (0, 30, Condition.UP),
        (1, 0, Condition.UP), (1, 20, Condition.DOWN), (1, 40, Condition.UP),
    ]  # fmt: skip
