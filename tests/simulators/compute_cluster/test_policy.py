from __future__ import annotations

from typing import Any

import pytest
from compute_clusters import cluster, job

from simulators import EngineLimitError, PolicyError, simulate
from simulators.compute_cluster import ClusterView, Event, JobView

JOBS = [job(0, 100, 3), job(1, 50, 4), job(2, 300, 1), job(3, 20, 1)]


def shortest_that_fits(queue: tuple[JobView, ...], cluster: ClusterView, now_s: float) -> int | None:
    able = [index for index, one in enumerate(queue) if one.fits]
    return min(able, key=lambda index: queue[index].estimate_s, default=None)


def test_a_policy_decides_who_starts() -> None:
    journal = simulate(cluster(JOBS), seed=1, policies={"schedule": shortest_that_fits}).journal
    rows = journal.event == Event.START
    assert dict(zip(journal.entity[rows].tolist(), journal.time_s[rows].tolist(), strict=True)) == {
        0: 0,
        2: 2,
        3: 100,
        1: 302,
    }


def test_it_sees_queue_cluster_and_time() -> None:
    seen: list[Any] = []

    def look(queue: tuple[JobView, ...], cluster: ClusterView, now_s: float) -> int | None:
        seen.append((queue, cluster, now_s))
        return shortest_that_fits(queue, cluster, now_s)

    simulate(cluster(JOBS, node={"cores": 1}), seed=1, policies={"schedule": look})
    queue, machine, now_s = seen[1]  # at 2 s: one node is free, job 1 does not fit
    assert now_s == 2
    assert [(one.number, one.fits, one.wait_s) for one in queue] == [(1, False, 1), (2, True, 0)]
    assert (machine.nodes, machine.cores, machine.free_cores, machine.free_gpus) == (4, 4, 1, 0)
    assert [(one.number, one.expected_end_s) for one in machine.running] == [(0, 100)]
    with pytest.raises(AttributeError):
        queue[0].wait_s = 9


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (0, r"answered 0; it must be None, or the index of a job that fits: job 1 needs room for 4 tasks.* room for 1"),
        (5, r"answered 5; it must be None or an index from 0 to 1"),
        ("first", r"answered 'first'; it must be None or an index"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_own_line(answer: object, words: str) -> None:
    def schedule(queue: tuple[JobView, ...], cluster: ClusterView, now_s: float) -> object:
        if len(queue) < 2:
            return shortest_that_fits(queue, cluster, now_s)
        return answer

    with pytest.raises(PolicyError, match=words) as caught:
        simulate(cluster(JOBS), seed=1, policies={"schedule": schedule})
    assert caught.value.file == __file__
    assert caught.value.line == schedule.__code__.co_firstlineno + 3


def test_only_simpy_asks_it() -> None:
    with pytest.raises(EngineLimitError, match="schedule"):
        simulate(cluster(JOBS), seed=1, engine="compiled", policies={"schedule": shortest_that_fits})


def test_fcfs_written_as_a_policy_is_fcfs() -> None:
    def head(queue: tuple[JobView, ...], cluster: ClusterView, now_s: float) -> int | None:
        del cluster, now_s
        return 0 if queue[0].fits else None

    jobs = [job(float(n % 7), 5 + n % 11, 1 + n % 4) for n in range(60)]
    mine = simulate(cluster(jobs), seed=1, policies={"schedule": head}).journal
    assert mine == simulate(cluster(jobs), seed=1).journal
