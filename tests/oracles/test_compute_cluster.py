"""Compute clusters against published results, exact theory, and a scheduler written down a second time."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simulators import Streams, replicate, simulate
from simulators.compute_cluster import ComputeCluster, Event, read_swf, workload
from simulators.statistics import control_variates

ENGINES = pytest.mark.parametrize("engine", ["simpy", "compiled"])


def trace_file() -> Path:
    """Return the trace that is not ours to redistribute, or skip the test."""
    folders = [os.environ.get("SHIXUN_TRACES"), str(Path(__file__).parents[3] / "shared" / "data")]
    for folder in folders:
        if folder and (Path(folder) / "lublin_256.swf.gz").exists():
            return Path(folder) / "lublin_256.swf.gz"
    pytest.skip("lublin_256.swf.gz is not ours to redistribute; SHIXUN_TRACES names the folder that holds it")


def machine(nodes: int, jobs: dict[str, Any], horizon_s: float = 1e9, **rest: Any) -> ComputeCluster:
    return ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": horizon_s,
            "node_types": [{"name": "node", "nodes": nodes, **rest.pop("node", {})}],
            "jobs": jobs,
            **rest,
        }
    )


@pytest.mark.parametrize(
    ("backfilling", "wait_s", "slowdown", "makespan_s", "utilisation"),
    [
        ("none", 2388443.7601, 66502.475529, 12482549, 0.654908),
        ("easy", 97155.9945, 590.053777, 8730698, 0.936343),
    ],
)
@ENGINES
def test_lublin_256(
    engine: str, backfilling: str, wait_s: float, slowdown: float, makespan_s: float, utilisation: float
) -> None:
    source = {"kind": "swf", "file": str(trace_file())}
    kpis = simulate(
        machine(256, source, scheduler={"backfilling": backfilling}), seed=1, engine=engine, journal=False
    ).kpis
    assert kpis["wait_mean_s"].value == pytest.approx(wait_s, abs=5e-5)
    assert kpis["bounded_slowdown_mean"].value == pytest.approx(slowdown, abs=5e-7)
    assert kpis["makespan_s"].value == makespan_s
    assert kpis["utilisation"].value == pytest.approx(utilisation, abs=5e-7)
    assert kpis["jobs_ended"].value == 10_000


# ---- EASY, written down a second time: whole seconds, one after the other, no shared code


def easy_by_hand(nodes: int, jobs: list[tuple[int, int, int, int]]) -> list[int]:
    """Return when each job ``(submit, run, estimate, size)`` starts."""
    start: list[int | None] = [None] * len(jobs)
    now = 0
    while any(one is None for one in start):
        used = [n for n, at in enumerate(start) if at is not None and at + jobs[n][1] > now]
        queue = [n for n, at in enumerate(start) if at is None and jobs[n][0] <= now]
        free = nodes - sum(jobs[n][3] for n in used)
        while queue and jobs[queue[0]][3] <= free:
            start[queue[0]] = now
            free -= jobs[queue[0]][3]
            if jobs[queue[0]][1] > 0:
                used.append(queue[0])
            else:
                free += jobs[queue[0]][3]
            queue.pop(0)
        if queue:
            # Second by second: when does the head fit, if everybody ends by estimate?
            def free_at(t: int, running: list[int], now: int = now) -> int:
                ends = {n: max((start[n] or 0) + jobs[n][2], now) for n in running}
                return nodes - sum(jobs[n][3] for n in running if ends[n] > t)

            head = jobs[queue[0]][3]
            shadow = now
            while free_at(shadow, used) < head:
                shadow += 1
            for n in queue[1:]:
                if jobs[n][3] > free:
                    continue
                harmless = now + jobs[n][2] <= shadow
                start[n] = now
                if not harmless and free_at(shadow, [*used, n]) < head:
                    start[n] = None
                    continue
                free -= jobs[n][3]
                used.append(n)
        now += 1
    return [one for one in start if one is not None]


@pytest.mark.parametrize("lot", range(8))
def test_easy_against_a_scheduler_by_hand(lot: int) -> None:
    random = np.random.default_rng(lot)
    for _ in range(250):
        nodes = int(random.integers(2, 9))
        count = int(random.integers(2, 16))
        submit = np.sort(random.integers(0, 20, count))
        run = random.integers(1, 15, count)
        estimate = run + random.integers(0, 8, count) * random.integers(0, 2)
        size = random.integers(1, nodes + 1, count)
        jobs = [tuple(int(v) for v in one) for one in zip(submit, run, estimate, size, strict=True)]
        listed = [{"submit_s": s, "run_s": r, "estimate_s": e, "tasks": n} for s, r, e, n in jobs]
        scenario = machine(nodes, {"kind": "list", "jobs": listed}, scheduler={"backfilling": "easy"})
        journal = simulate(scenario, seed=0).journal
        rows = journal.event == Event.START
        found = dict(zip(journal.entity[rows].tolist(), journal.time_s[rows].tolist(), strict=True))
        assert [found[n] for n in range(count)] == easy_by_hand(nodes, jobs)  # type: ignore[arg-type]


def conservative_by_hand(nodes: int, jobs: list[tuple[int, int, int]]) -> list[int]:
    """Return when each job ``(submit, run, size)`` starts: second by second, the first gap behind all promises made."""
    used = [0] * (max(submit for submit, _, _ in jobs) + sum(run for _, run, _ in jobs) + 1)
    start = []
    for submit, run, size in jobs:
        at = submit
        while any(used[second] + size > nodes for second in range(at, at + run)):
            at += 1
        for second in range(at, at + run):
            used[second] += size
        start.append(at)
    return start


@pytest.mark.parametrize("lot", range(4))
def test_conservative_against_a_calendar_by_hand(lot: int) -> None:
    random = np.random.default_rng(100 + lot)
    settings = {"backfilling": "conservative", "over_estimate": "kill"}
    for _ in range(150):
        nodes, count = int(random.integers(2, 9)), int(random.integers(2, 20))
        submit, run = np.sort(random.integers(0, 20, count)), random.integers(1, 15, count)
        size = random.integers(1, nodes + 1, count)
        jobs = list(zip(submit.tolist(), run.tolist(), size.tolist(), strict=True))
        listed = [{"submit_s": s, "run_s": r, "tasks": n} for s, r, n in jobs]
        journal = simulate(machine(nodes, {"kind": "list", "jobs": listed}, scheduler=settings), seed=0).journal
        rows = journal.event == Event.START
        found = dict(zip(journal.entity[rows].tolist(), journal.time_s[rows].tolist(), strict=True))
        assert [found[n] for n in range(count)] == conservative_by_hand(nodes, jobs)


@pytest.mark.parametrize("seed", range(20))
def test_no_backfilled_job_delays_the_heads_reservation(seed: int) -> None:
    """On nodes of several kinds with exact estimates, nobody starts later than its first reservation as the head."""
    random = np.random.default_rng(seed)
    listed = [
        {
            "submit_s": float(random.integers(0, 60)),
            "run_s": float(random.integers(1, 40)),
            "tasks": int(random.integers(1, 5)),
            "cores": int(random.integers(1, 4)),
            "gpus": int(random.integers(0, 2)),
        }
        for _ in range(40)
    ]
    nodes = [{"name": "a", "nodes": 3, "cores": 4, "gpus": 2}, {"name": "b", "nodes": 4, "cores": 6, "gpus": 1}]
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1e6,
            "node_types": nodes,
            "jobs": {"kind": "list", "jobs": listed},
            "scheduler": {"backfilling": "easy"},
        }
    )
    for engine in ("simpy", "compiled"):
        run = simulate(scenario, seed=0, engine=engine)
        _check_reservations(scenario, run.journal)


def _check_reservations(scenario: ComputeCluster, journal: Any) -> None:
    """Replay a journal; whenever a head is left waiting, reckon by brute force when it could start at latest."""
    jobs = sorted(scenario.jobs.jobs, key=lambda one: one.submit_s)  # type: ignore[union-attr]
    free = [[one.cores, one.gpus] for one in scenario.node_types for _ in range(one.nodes)]
    where: dict[int, list[int]] = {}
    ends: dict[int, float] = {}
    waiting: list[int] = []
    promised: dict[int, float] = {}

    def room(job: int, there: list[list[int]]) -> int:
        one = jobs[job]
        return sum(min(f[0] // one.cores, f[1] // one.gpus if one.gpus else 99) for f in there)

    def promise(now: float) -> None:
        if not waiting:
            return
        head = min(waiting)
        there = [list(f) for f in free]
        when = now
        for job in sorted(ends, key=ends.__getitem__):
            if room(head, there) >= jobs[head].tasks:
                break
            when = ends[job]
            for node in where[job]:
                there[node][0] += jobs[job].cores
                there[node][1] += jobs[job].gpus
        promised[head] = min(promised.get(head, math.inf), when)

    times = journal.time_s.tolist()
    for row, (now, event, job, place) in enumerate(
        zip(times, journal.event.tolist(), journal.entity.tolist(), journal.place.tolist(), strict=True)
    ):
        if event == Event.SUBMIT:
            waiting.append(job)
        elif event == Event.START:
            waiting.remove(job)
            where[job], ends[job] = [], now + jobs[job].run_s
            if job in promised:
                assert now <= promised[job]
        elif event == Event.TASK:
            where[job].append(place)
            free[place][0] -= jobs[job].cores
            free[place][1] -= jobs[job].gpus
            assert min(free[place]) >= 0
        elif event == Event.END:
            for node in where.pop(job):
                free[node][0] += jobs[job].cores
                free[node][1] += jobs[job].gpus
            del ends[job]
        if row + 1 == len(times) or times[row + 1] > now:
            promise(now)


# ---- queueing theory


def arrivals(interval_s: float, run: dict[str, Any], most_jobs: int = 40_000) -> dict[str, Any]:
    one = {"name": "batch", "interval": {"kind": "exponential", "mean_s": interval_s}, "run": run}
    return {"kind": "mix", "classes": [one], "most_jobs": most_jobs}


def estimate_of(scenario: ComputeCluster, name: str, replications: int, seed: int) -> tuple[float, float]:
    """Return mean and half-width of the 99 % confidence interval."""
    study = replicate(scenario, replications=replications, seed=seed)
    values = study.values[:, study.names.index(name)]
    half = stats.t.ppf(0.995, replications - 1) * values.std(ddof=1) / math.sqrt(replications)
    return float(values.mean()), float(half)


@pytest.mark.slow
@pytest.mark.timeout(900)  # half a minute of processor time, on a machine that others use too
def test_m_m_3_by_erlang_c() -> None:
    """Controlled by what is known of the jobs drawn: first and second moments of their intervals and run times."""
    # λ = 2.4, μ = 1, three servers: the mean wait is 1.07865.
    scenario = machine(3, arrivals(1 / 2.4, {"kind": "exponential", "mean_s": 1.0}, 200_000), warm_up_s=500)
    study = replicate(scenario, replications=110, seed=7)
    drawn = []
    for replication in range(study.replications):
        jobs = workload(scenario, Streams(7, replication))
        gaps_s = np.diff(jobs.submit_s, prepend=0.0)
        drawn.append([jobs.run_s.mean(), (jobs.run_s**2).mean(), gaps_s.mean(), (gaps_s**2).mean()])
    waits = study.values[:, study.names.index("wait_mean_s")]
    found = control_variates(waits, drawn, [1.0, 2.0, 1 / 2.4, 2 / 2.4**2]).interval
    assert found.half_width <= 0.005 * 1.07865
    assert abs(found.mean - 1.07865) <= found.half_width


@pytest.mark.parametrize(
    "run",
    [
        {"kind": "exponential", "mean_s": 1.0},
        {"kind": "deterministic", "value_s": 1.0},
        {"kind": "gamma", "shape": 0.25, "mean_s": 1.0},
    ],
    ids=["M", "D", "gamma"],
)
def test_time_slicing_in_small_quanta_is_processor_sharing(run: dict[str, Any]) -> None:
    # M/G/1-PS: the mean time in the system is E[S] / (1 - ρ), whatever the distribution; in quanta q it is off by O(q).
    source = arrivals(2.0, run, 20_000)
    slicing = {"time_slicing": {"quantum_s": 0.02, "rows": 10_000}}
    scenario = machine(1, source, warm_up_s=500, scheduler=slicing)
    mean, half = estimate_of(scenario, "turnaround_mean_s", 12, seed=3)
    assert abs(mean - 2.0) <= half + 0.04
    assert half <= 0.1


def test_young_daly() -> None:
    """The best checkpoint interval found by simulation is Daly's, within the flat bottom of the curve."""
    cost_s, mtbf_s = 60.0, 20_000.0
    daly_s = math.sqrt(2 * cost_s * mtbf_s)
    assert daly_s == pytest.approx(1549.2, abs=0.1)
    makespans = {}
    for factor in (0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0):
        one = {
            "submit_s": 0.0,
            "run_s": 2e6,
            "checkpoint": {"interval_s": factor * daly_s, "cost_s": cost_s, "restart_s": 0.0},
        }
        failures = {
            "up_time": {"kind": "exponential", "mean_s": mtbf_s},
            "repair_time": {"kind": "deterministic", "value_s": 1.0},
        }
        scenario = machine(1, {"kind": "list", "jobs": [one]}, node={"failures": failures})
        makespans[factor], half = estimate_of(scenario, "makespan_s", 40, seed=5)
        # Daly 2006, the expected time in closed form: M e^(0) (e^((τ + δ)/M) - 1) T / τ, repairs of 1 s besides.
        exact = mtbf_s * math.expm1((factor * daly_s + cost_s) / mtbf_s) * 2e6 / (factor * daly_s)
        exact *= 1 + 1 / mtbf_s
        assert abs(makespans[factor] - exact) <= half + 0.003 * exact
    best = min(makespans, key=makespans.__getitem__)
    assert 0.8 <= best <= 1.25
    assert makespans[0.25] > makespans[0.5] > makespans[1.0] < makespans[2.0] < makespans[4.0]


# ---- the generator


def test_our_lublin_feitelson_looks_like_theirs() -> None:
    """Against 10,000 jobs of the authors' own program for 256 nodes."""
    theirs = read_swf(trace_file())
    ours = machine(256, {"kind": "lublin_feitelson", "jobs": 10_000, "processors": 256, "longest_s": math.exp(12)})
    jobs = workload(ours, Streams(3))
    sizes, runs = theirs.column("processors"), theirs.column("run_s")
    for mine, other in (
        (jobs.tasks == 1, sizes == 1),
        (np.log2(jobs.tasks) % 1 == 0, np.log2(sizes) % 1 == 0),
    ):
        assert mine.mean() == pytest.approx(other.mean(), abs=0.02)
    assert np.log2(jobs.tasks).mean() == pytest.approx(np.log2(sizes).mean(), abs=0.1)
    logs = [np.log(np.maximum(values, 1)) for values in (jobs.run_s, runs)]
    assert logs[0].mean() == pytest.approx(logs[1].mean(), abs=0.15)
    assert logs[0].std() == pytest.approx(logs[1].std(), abs=0.1)
    gaps = [np.log(np.maximum(np.diff(values), 1)) for values in (jobs.submit_s, theirs.column("submit_s"))]
    assert gaps[0].mean() == pytest.approx(gaps[1].mean(), abs=0.15)
    assert gaps[0].std() == pytest.approx(gaps[1].std(), abs=0.15)
