from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compute_clusters import cluster, job

from simulators import Streams, simulate
from simulators.compute_cluster import ComputeCluster, Workload, parse_swf, trace_of, workload
from simulators.compute_cluster.workload import feed_of


def drawn(source: dict[str, Any], seed: int = 1, nodes: int = 64, **node: Any) -> Workload:
    return workload(of(source, nodes, **node), Streams(seed))


def of(source: dict[str, Any], nodes: int = 64, **node: Any) -> ComputeCluster:
    return ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 30 * 86400.0,
            "node_types": [{"name": "node", "nodes": nodes, **node}],
            "jobs": source,
        }
    )


LUBLIN = {"kind": "lublin_feitelson", "jobs": 5000, "processors": 64}


def test_more_jobs_leave_the_earlier_sizes_as_they_are() -> None:
    few, many = drawn(LUBLIN), drawn({**LUBLIN, "jobs": 6000})
    assert (few.tasks == many.tasks[:5000]).all()
    assert (few.submit_s == many.submit_s[:5000]).all()


def blocks(scenario: ComputeCluster, count: int) -> list[Workload]:
    feed = feed_of(scenario, Streams(1))
    found = [feed.take(count)]
    while len(found[-1]):
        found.append(feed.take(count))
    return found[:-1]


TRACE = "\n".join(
    f"{n + 1} {5 * n} -1 60 {1 + n % 3} -1 -1 -1 90 {(n % 2) << 20} 1 {n % 4} -1 -1 0 -1 -1 -1" for n in range(500)
)


@pytest.mark.parametrize("count", [7, 100, 400])
@pytest.mark.parametrize("source", ["lublin", "mix", "trace"])
def test_jobs_are_the_same_however_they_are_cut(source: str, count: int) -> None:
    sources = {
        "lublin": {**LUBLIN, "jobs": 1500, "longest_s": 600, "estimate_factor": 3.0},
        "mix": {**MIX, "most_jobs": 1501},
        "trace": {"kind": "swf", "text": TRACE, "first": 7, "from_zero": True},
    }
    scenario = of(sources[source], gpus=2, memory_gib=64)
    whole, cut = workload(scenario, Streams(1)), blocks(scenario, count)
    assert len(cut) > 1
    assert len(whole) == {"lublin": 1500, "mix": 1501, "trace": 493}[source]
    for name in set(Workload._fields) - {"after", "after_first"}:
        assert (np.concatenate([getattr(block, name) for block in cut]) == getattr(whole, name)).all()
    first = np.cumsum([0, *map(len, cut)])
    after = [block.after + n for block, n in zip(cut, first[:-1].tolist(), strict=True)]
    assert (np.concatenate(after) == whole.after).all()
    assert (np.concatenate([np.diff(block.after_first) for block in cut]) == np.diff(whole.after_first)).all()


def test_a_trace_whose_jobs_wait_for_one_another_comes_whole() -> None:
    lines = [
        f"{n + 1} {5 * n} -1 60 1 -1 -1 -1 90 -1 1 1 -1 -1 0 -1 {n - 300 if n > 300 else -1} 3" for n in range(500)
    ]
    scenario = of({"kind": "swf", "text": "\n".join(lines)})
    (jobs,) = blocks(scenario, 10)
    assert len(jobs) == 500
    assert jobs.after.tolist() == list(range(199))


def test_numbers_beyond_a_bound_that_nothing_keeps_become_the_bound() -> None:
    jobs = drawn({**LUBLIN, "jobs": 200, "longest_s": 2.0})
    assert jobs.run_s.max() <= 2


def test_estimates_are_no_shorter_than_runs_and_round() -> None:
    exact, rough = drawn(LUBLIN), drawn({**LUBLIN, "estimate_factor": 5.0})
    assert (exact.estimate_s == exact.run_s).all()
    assert (rough.run_s == exact.run_s).all()
    assert (rough.estimate_s >= rough.run_s).all()
    assert len(np.unique(rough.estimate_s)) < 40


def test_stretch_thins_the_load() -> None:
    one, other = drawn(LUBLIN), drawn({**LUBLIN, "stretch": 2.0})
    assert other.submit_s[-1] / one.submit_s[-1] == pytest.approx(2, rel=0.1)


def test_more_jobs_come_at_noon_than_at_night() -> None:
    hours = (drawn({**LUBLIN, "jobs": 20_000}).submit_s // 3600 % 24).astype(int)
    counts = np.bincount(hours, minlength=24)
    assert counts[10:16].sum() > 3 * counts[:6].sum()


MIX = {
    "kind": "mix",
    "classes": [
        {
            "name": "search",
            "interval": {"kind": "deterministic", "value_s": 1000},
            "run": {"kind": "uniform", "low_s": 10, "high_s": 20},
            "array": 6,
            "at_once": 2,
            "gpus": 1,
            "deadline_factor": 3,
        },
        {
            "name": "notebook",
            "users": 3,
            "interval": {"kind": "exponential", "mean_s": 500},
            "day": [0] * 8 + [1] * 10 + [0] * 6,
            "run": {"kind": "exponential", "mean_s": 100},
            "start_within_s": 60,
        },
    ],
}


def test_a_mix_keeps_its_classes() -> None:
    jobs = drawn(MIX, gpus=2)
    search, notebook = jobs.job_class == 0, jobs.job_class == 1
    assert search.sum() == 6 * 2591
    assert jobs.deadline_s[search] == pytest.approx(3 * jobs.estimate_s[search])
    assert np.isinf(jobs.deadline_s[notebook]).all()
    assert (jobs.start_within_s[notebook] == 60).all()
    hours = (jobs.submit_s[notebook] // 3600 % 24).astype(int)
    assert hours.min() == 8
    assert hours.max() == 17
    assert len(np.unique(jobs.user[notebook])) == 3


def test_an_array_runs_a_few_at_a_time() -> None:
    source = {**MIX, "classes": MIX["classes"][:1], "until_s": 1001.0}  # type: ignore[index]
    scenario = of(source, nodes=8, gpus=2)
    journal = simulate(scenario, seed=1).journal
    running = np.cumsum((journal.event == 10).astype(int) - (journal.event == 12))
    assert running.max() == 2
    assert running[-1] == 0


def test_jobs_of_a_list_are_sorted_and_keep_their_dependants() -> None:
    scenario = cluster([job(9, 1, name="late"), job(3, 1, name="early"), job(0, 1, after=["late", "early"])])
    jobs = workload(scenario, Streams(1))
    assert jobs.submit_s.tolist() == [0, 3, 9]
    assert jobs.after[jobs.after_first[0] : jobs.after_first[1]].tolist() == [2, 1]


def test_jobs_written_as_a_trace_run_the_same() -> None:
    scenario = of({**LUBLIN, "jobs": 300, "estimate_factor": 2.0})
    run = simulate(scenario, seed=5)
    trace = trace_of(scenario, workload(scenario, Streams(5)), run.journal)
    assert trace.column("wait_s").mean() == pytest.approx(run.kpis["wait_mean_s"].value)
    assert (trace.column("status") == 1).all()
    lines = [
        *trace.header,
        *(" ".join(f"{value:g}" if value == -1 else repr(value) for value in row) for row in trace.values.tolist()),
    ]
    again = of({"kind": "swf", "text": "\n".join(lines)})
    assert parse_swf("\n".join(lines)).problems == ()
    assert simulate(again, seed=1).kpis["wait_mean_s"] == run.kpis["wait_mean_s"]


def test_every_replication_takes_another_part_of_a_trace() -> None:
    """Parts are 600 s long; that of the jobs 240 to 359 is empty, so that three of four have any."""
    lines = TRACE.splitlines()[:240] + TRACE.splitlines()[360:480]
    source = {"kind": "swf", "text": "\n".join(lines), "part_s": 600.0}
    scenario = of(source)
    parts = [workload(scenario, Streams(0, replication)) for replication in range(3)]
    assert [len(part) for part in parts] == [120, 120, 120]
    assert all(part.submit_s.tolist() == [5.0 * n for n in range(120)] for part in parts)
    whole = drawn({**source, "part_s": None})
    assert np.concatenate([part.tasks for part in parts]).tolist() == whole.tasks.tolist()
    assert np.concatenate([part.user for part in parts]).tolist() == whole.user.tolist()
    # After the last comes the first again, and another seed begins elsewhere.
    for streams, expected in ((Streams(0, 3), 0), (Streams(1, 0), 1), (Streams(1, 1), 2), (Streams(2**70, 0), 1)):
        assert workload(scenario, streams).tasks.tolist() == parts[expected].tasks.tolist()
    one, other = (simulate(scenario, seed=1, engine=engine) for engine in ("simpy", "compiled"))
    assert one.journal == other.journal
    assert one.kpis["jobs_submitted"].value == 120


def test_parts_are_cut_from_the_jobs_that_are_taken() -> None:
    source = {"kind": "swf", "text": TRACE, "part_s": 600.0, "first": 60, "count": 100, "from_zero": True}
    first, second = (workload(of(source), Streams(0, replication)) for replication in range(2))
    assert (len(first), len(second)) == (60, 40)
    assert first.submit_s[0] == second.submit_s[0] == 0


def test_users_who_are_taught_to_estimate_overestimate_less() -> None:
    """A job asks for 90 s and runs 60 s; one that asks for less than it runs stays as it is."""
    text = "1 0 -1 60 1 -1 -1 -1 90 -1 1 3 -1 -1 0 -1 -1 -1\n2 0 -1 60 1 -1 -1 -1 40 -1 1 3 -1 -1 0 -1 -1 -1\n"
    text += "3 0 -1 60 1 -1 -1 -1 -1 -1 1 3 -1 -1 0 -1 -1 -1\n"
    for factor, expected in ((1.0, 90.0), (0.5, 75.0), (0.0, 60.0)):
        found = drawn({"kind": "swf", "text": text, "overestimate": factor})
        assert found.estimate_s.tolist() == [expected, 40.0, 60.0]
