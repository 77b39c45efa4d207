"""Production lines against exact results: Markov chains, Erlang C, Pollaczek-Khinchine, Little's law, renewal theory.

Every comparison is by the simulation's own 99 % confidence interval, whose half-width must be at most 0.2 % of the
exact value (0.6 % for waits, which vary more).
"""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import t as student_t

from simulators import Study, replicate
from simulators.production_line import ProductionLine

if TYPE_CHECKING:
    from collections.abc import Iterator

TIGHT, LOOSE = 0.002, 0.006


@pytest.fixture(scope="module")
def workers() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2) as executor:
        yield executor


def line(stations: list[dict[str, Any]], *, horizon_s: float, release: dict[str, Any] | None = None) -> ProductionLine:
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": horizon_s,
            "warm_up_s": horizon_s / 20,
            "release": release or {"kind": "saturated"},
            "stations": [{"name": f"s{number}", **station} for number, station in enumerate(stations)],
        }
    )


def exponential(mean_s: float) -> dict[str, Any]:
    return {"kind": "exponential", "mean_s": mean_s}


def assert_matches(study: Study, kpi: str, exact: float, widest: float = TIGHT) -> None:
    values = study.values[:, study.names.index(kpi)]
    quantile = float(student_t.ppf(0.995, len(values) - 1))
    half_width = quantile * values.std(ddof=1) / math.sqrt(len(values))
    assert half_width <= widest * exact, f"{kpi}: too uncertain, ± {half_width:.5f} of {exact:.5f}"
    assert abs(values.mean() - exact) <= half_width, f"{kpi}: {values.mean():.5f} ± {half_width:.5f}, exact {exact:.5f}"


# Exact by Markov chain; the b = 0 row is Hillier & Boling (1967), "Finite queues in series with exponential or Erlang
# service times", Operations Research 15.
SATURATED = [
    (2, 0, 0.66667), (2, 1, 0.75000), (2, 2, 0.80000),
    (3, 0, 0.56410), (3, 1, 0.67047), (3, 2, 0.73402),
    (4, 0, 0.51478), (4, 1, 0.63115), (4, 2, 0.70071),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("machines", "places", "rate_per_s"), SATURATED)
def test_saturated_line(machines: int, places: int, rate_per_s: float, workers: ProcessPoolExecutor) -> None:
    stations = [{"service": exponential(1.0), "buffer_places": places if n else 0} for n in range(machines)]
    study = replicate(line(stations, horizon_s=120_000), replications=24, seed=machines * 10 + places, executor=workers)
    assert_matches(study, "throughput_per_h", rate_per_s * 3600)


@pytest.mark.slow
def test_unequal_machines(workers: ProcessPoolExecutor) -> None:
    stations = [
        {"service": exponential(1 / 1.0)},
        {"service": exponential(1 / 0.8), "buffer_places": 1},
        {"service": exponential(1 / 1.2), "buffer_places": 2},
    ]
    study = replicate(line(stations, horizon_s=120_000), replications=24, seed=5, executor=workers)
    assert_matches(study, "throughput_per_h", 0.64665 * 3600)


@pytest.mark.slow
def test_parallel_machines_wait_as_erlang_c_says(workers: ProcessPoolExecutor) -> None:
    stations = [{"service": exponential(1.0), "machines": 3, "buffer_places": None}]
    arrivals = {"kind": "interval", "interval": exponential(1 / 2.4)}
    study = replicate(line(stations, horizon_s=100_000, release=arrivals), replications=80, seed=3, executor=workers)
    assert_matches(study, "lead_time_mean_s", 1.0 + 1.07865, LOOSE)
    assert_matches(study, "wip_mean", 2.4 * (1.0 + 1.07865), LOOSE)


@pytest.mark.slow
def test_general_service_waits_as_pollaczek_khinchine_says(workers: ProcessPoolExecutor) -> None:
    load, shape = 0.7, 4.0
    stations = [{"service": {"kind": "gamma", "shape": shape, "mean_s": load}, "buffer_places": None}]
    arrivals = {"kind": "interval", "interval": exponential(1.0)}
    study = replicate(line(stations, horizon_s=200_000, release=arrivals), replications=40, seed=4, executor=workers)
    wait_s = load * load * (1 + 1 / shape) / (2 * (1 - load))
    assert_matches(study, "lead_time_mean_s", load + wait_s, LOOSE)


def test_availability_of_an_isolated_machine(workers: ProcessPoolExecutor) -> None:
    failures = {"up_time": exponential(100.0), "repair_time": {"kind": "gamma", "shape": 2, "mean_s": 25.0}}
    stations = [{"service": {"kind": "deterministic", "value_s": 20.0}, "failures": failures}]
    study = replicate(line(stations, horizon_s=1_000_000), replications=40, seed=6, executor=workers)
    assert_matches(study, "station.s0.down_ratio", 0.2, LOOSE)
    # A service that a failure interrupts goes on after the repair, so output falls by the down time alone.
    assert_matches(study, "throughput_per_h", 3600 / 20 * 0.8)


def test_littles_law_holds_on_every_run(workers: ProcessPoolExecutor) -> None:
    stations = [
        {"service": {"kind": "lognormal", "mean_s": 1.0, "cv": 0.6}, "buffer_places": None},
        {"service": exponential(0.9), "machines": 2, "buffer_places": 3},
        {"service": {"kind": "uniform", "low_s": 0.5, "high_s": 1.4}, "buffer_places": 2},
    ]
    scenario = line(stations, horizon_s=20_000, release={"kind": "constant_wip", "parts": 7})
    study = replicate(scenario, replications=2, seed=9, executor=workers)
    wip, rate, lead = (
        study.values[:, study.names.index(k)] for k in ("wip_mean", "throughput_per_h", "lead_time_mean_s")
    )
    assert wip == pytest.approx(7.0)
    assert wip == pytest.approx(rate / 3600 * lead, rel=1e-3)


def test_closed_line_of_exponential_machines(workers: ProcessPoolExecutor) -> None:
    """A balanced closed network of M machines and N parts makes N / (N + M - 1) of a machine's rate (product form)."""
    stations = [{"service": exponential(1.0), "buffer_places": None} for _ in range(3)]
    scenario = line(stations, horizon_s=120_000, release={"kind": "constant_wip", "parts": 4})
    study = replicate(scenario, replications=20, seed=11, executor=workers)
    assert_matches(study, "throughput_per_h", 3600 * 4 / (4 + 3 - 1))


@pytest.mark.parametrize("places", [0, 3, 10])
def test_two_exponential_machines(places: int, workers: ProcessPoolExecutor) -> None:
    """A balanced line of two makes (b + 2) / (b + 3) of a machine's rate."""
    stations = [{"service": exponential(1.0)}, {"service": exponential(1.0), "buffer_places": places}]
    study = replicate(line(stations, horizon_s=300_000), replications=24, seed=21 + places, executor=workers)
    assert_matches(study, "throughput_per_h", 3600 * (places + 2) / (places + 3))


@pytest.mark.slow
def test_tandem_queues_are_independent_as_jackson_says(workers: ProcessPoolExecutor) -> None:
    """Poisson arrivals pass exponential stations without limits as if each were an M/M/1 (or M/M/2) of its own."""
    arrival = 0.7
    stations = [
        {"service": exponential(1.0), "buffer_places": None},
        {"service": exponential(1.8), "machines": 2, "buffer_places": None},
        {"service": exponential(0.9), "buffer_places": None},
    ]
    release = {"kind": "interval", "interval": exponential(1 / arrival)}
    study = replicate(line(stations, horizon_s=300_000, release=release), replications=80, seed=17, executor=workers)
    singles = [1 / (1 / service - arrival) for service in (1.0, 0.9)]
    load = arrival * 1.8 / 2
    double = 1.8 / (1 - load**2)
    assert_matches(study, "lead_time_mean_s", sum(singles) + double, LOOSE)


@pytest.mark.slow
def test_a_tandem_line_with_blocking_agrees_with_ciw(workers: ProcessPoolExecutor) -> None:
    """Ciw, an independent simulator, with the same rule of blocking after service."""
    import ciw

    places, customers_s, runs = 2, 4_000, 16
    stations = [
        {"service": exponential(0.8), "buffer_places": None},
        {"service": exponential(0.9), "buffer_places": places},
    ]
    release = {"kind": "interval", "interval": exponential(2.0)}
    scenario = line(stations, horizon_s=customers_s * 10, release=release)
    ours = replicate(scenario, replications=24, seed=23, executor=workers)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=0.5), None],
        service_distributions=[ciw.dists.Exponential(rate=1 / 0.8), ciw.dists.Exponential(rate=1 / 0.9)],
        routing=[[0.0, 1.0], [0.0, 0.0]],
        number_of_servers=[1, 1],
        queue_capacities=[float("inf"), places],
    )
    theirs = []
    for seed in range(runs):
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(customers_s)
        arrived: dict[int, float] = {}
        left: dict[int, float] = {}
        for record in simulation.get_all_records():
            if record.node == 1:
                arrived[record.id_number] = record.arrival_date
            else:
                left[record.id_number] = record.exit_date
        stays = [left[number] - arrived[number] for number in left if arrived[number] >= customers_s / 20]
        theirs.append(sum(stays) / len(stays))
    own = ours.values[:, ours.names.index("lead_time_mean_s")]
    error = math.sqrt(own.var(ddof=1) / len(own) + np.var(theirs, ddof=1) / runs)
    assert error < 0.02 * own.mean()
    assert abs(own.mean() - np.mean(theirs)) < 3 * error
