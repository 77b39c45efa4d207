from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compute_clusters import cluster, clusters, job
from hypothesis import HealthCheck, given, settings

from simulators import Journal, simulate
from simulators.compute_cluster import ClusterMeter, ComputeCluster, Event, example, series


def kpis(jobs: list[dict[str, Any]], **rest: Any) -> dict[str, float]:
    return {name: kpi.value for name, kpi in simulate(cluster(jobs, **rest), seed=1).kpis.items()}


def test_figures_of_two_jobs_by_hand() -> None:
    found = kpis([job(0, 20, 4, user="ann"), job(5, 10, 2, user="ben"), job(5, 1, 1, user="ben")])
    assert found["wait_mean_s"] == pytest.approx((0 + 15 + 15) / 3)
    assert found["turnaround_mean_s"] == pytest.approx((20 + 25 + 16) / 3)
    # 20/20, 25/10, and (15 + 1)/10 because shorter runs than 10 s are not divided by.
    assert found["bounded_slowdown_mean"] == pytest.approx((1 + 2.5 + 1.6) / 3)
    assert found["makespan_s"] == 30
    assert found["utilisation"] == pytest.approx((80 + 20 + 1) / 120)
    assert found["waiting_mean"] == pytest.approx(30 / 30)
    assert found["fairness_jain"] == pytest.approx((1 + 2.05) ** 2 / (2 * (1 + 2.05**2)))
    assert found["user.ben.wait_mean_s"] == 15
    assert found["queue.all.work_core_h"] == pytest.approx(101 / 3600)


def test_goodput_leaves_out_what_is_lost() -> None:
    found = kpis([job(0, 50, 4, estimate_s=20), job(0, 20, 4)], scheduler={"over_estimate": "kill"})
    assert found["utilisation"] == 1
    assert found["goodput"] == 0.5
    assert (found["jobs_killed"], found["jobs_ended"]) == (1, 1)


def test_energy_price_and_carbon_follow_the_hours() -> None:
    tariff = {
        "pue": 1.5,
        "periods": [
            {"from_hour": 0, "price_per_kwh": 0.4, "carbon_g_per_kwh": 500},
            {"from_hour": 1, "price_per_kwh": 1.0, "carbon_g_per_kwh": 800},
        ],
    }
    # Two nodes busy and two idle from half an hour before the price changes to half an hour after it.
    found = kpis([job(1800, 3600, 2)], node={"idle_w": 100, "busy_w": 400}, tariff=tariff)
    # Idle until the submission: 4 × 100 W for 0.5 h; then 2 × 400 + 2 × 100 W.
    assert found["energy_kwh"] == pytest.approx(1.5 * (0.4 * 0.5 + 1.0))
    assert found["energy_cost"] == pytest.approx(1.5 * (0.4 * 0.5 * 0.4 + 0.5 * 0.4 + 0.5 * 1.0))
    assert found["carbon_kg"] == pytest.approx(1.5 * (0.4 * 0.5 * 0.5 + 0.5 * 0.5 + 0.5 * 0.8))


def test_sleep_saves_energy() -> None:
    awake = kpis([job(0, 10, 4), job(5000, 10, 1)], node={"idle_w": 100, "busy_w": 400})
    sleep = {"after_s": 100, "wake_s": 30, "power_w": 5}
    asleep = kpis([job(0, 10, 4), job(5000, 10, 1)], node={"idle_w": 100, "busy_w": 400, "sleep": sleep})
    assert asleep["energy_kwh"] < 0.1 * awake["energy_kwh"]
    assert asleep["wait_max_s"] == 30


def test_racks_over_their_limit_are_told() -> None:
    node = {"nodes_per_rack": 2, "idle_w": 100, "busy_w": 400, "rack_limit_w": 600, "rack_limit": "measured"}
    found = kpis([job(0, 10, 1), job(0, 5, 1), job(0, 5, 1)], node=node)
    assert found["rack_power_max_w"] == 800
    assert found["rack_overload_s"] == 5


def test_fragmentation_is_the_share_of_stranded_gpus() -> None:
    node = {"cores": 8, "gpus": 4}
    # One GPU is used on node 1, two on node 2: of 13 free ones 3 + 2 stand on used nodes.
    jobs = [job(0, 10, 1, gpus=1), job(0, 10, 1, gpus=2, cores=8)]
    assert kpis(jobs, node=node)["gpu_fragmentation"] == pytest.approx(5 / 13)


def test_deadlines_and_service_levels_missed() -> None:
    found = kpis(
        [
            job(0, 20, 4, deadline_s=20, start_within_s=0),
            job(0, 20, 4, deadline_s=39, start_within_s=19),
            job(0, 500, 4, deadline_s=100),
            job(0, 1, 4, start_within_s=50),
        ],
        horizon_s=200.0,
    )
    assert found["deadline_misses"] == 2
    assert found["service_level_misses"] == 2
    assert found["jobs_unfinished"] == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(clusters())
def test_what_becomes_of_jobs_adds_up_however_the_journal_is_cut(scenario: ComputeCluster) -> None:
    run = simulate(scenario, seed=2, engine="simpy")
    journal = run.journal
    one_by_one = ClusterMeter(scenario)
    for row in range(len(journal)):
        cut = slice(row, row + 1)
        columns = (journal.time_s, journal.event, journal.entity, journal.place)
        one_by_one.add(Journal(*(column[cut].copy() for column in columns), journal.places))
    found = {name: kpi.value for name, kpi in one_by_one.kpis().items()}
    for name, value in found.items():
        assert value == run.kpis[name].value or np.isnan(value)
    fates = ("ended", "killed", "rejected", "cancelled", "unfinished")
    assert sum(found[f"jobs_{fate}"] for fate in fates) == found["jobs_submitted"]
    assert found["goodput"] <= found["utilisation"] + 1e-9 or np.isnan(found["utilisation"])
    assert found["utilisation"] <= 1 + 1e-9 or np.isnan(found["utilisation"])


@pytest.mark.parametrize("jobs", [900, 1030, 9000])
def test_any_number_of_jobs_may_be_there_at_a_time(jobs: int) -> None:
    source = {"kind": "lublin_feitelson", "jobs": jobs, "processors": 16, "stretch": 1e-9}
    node_types = [{"name": "node", "nodes": 16}]
    scenario = ComputeCluster.model_validate(
        {"kind": "compute_cluster", "horizon_s": 1e12, "node_types": node_types, "jobs": source}
    )
    run = simulate(scenario, seed=1)
    assert run.kpis["jobs_ended"].value == jobs
    starts = run.journal.time_s[run.journal.event == Event.START]
    assert run.kpis["wait_mean_s"].value == pytest.approx(starts.mean())


def test_series_agree_with_the_journal() -> None:
    scenario = example()
    run = simulate(scenario, seed=4)
    found = series(scenario, run.journal, 60)
    assert found.waiting.min() >= 0
    assert found.running.min() >= 0
    assert 0 < found.busy_cores.max() <= sum(one.nodes * one.cores for one in scenario.node_types)
    starts = (run.journal.event == Event.START).sum()
    leaves = np.isin(run.journal.event, (Event.END, Event.KILL, Event.INTERRUPT, Event.PREEMPT)).sum()
    assert found.running[-1] == starts - leaves
    with pytest.raises(ValueError, match="step_s = 0 must be > 0"):
        series(scenario, run.journal, 0)
