"""Every further feature of a production line against a model with an exact answer.

Random ones are compared by the simulation's own 99 % confidence interval, whose half-width must be at most 1.5 % of the
exact value; deterministic ones exactly.
"""

from __future__ import annotations

import math
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student_t

from simulators import Study, replicate, simulate
from simulators.production_line import Event, ProductionLine

WIDEST = 0.015


def line(stations: list[dict[str, Any]], *, horizon_s: float, **more: Any) -> ProductionLine:
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": horizon_s,
            "warm_up_s": horizon_s / 20,
            "release": {"kind": "saturated"},
            "stations": [{"name": f"s{number}", **station} for number, station in enumerate(stations)],
            **more,
        }
    )


def exponential(mean_s: float) -> dict[str, Any]:
    return {"kind": "exponential", "mean_s": mean_s}


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


def poisson(rate_per_s: float) -> dict[str, Any]:
    return {"kind": "interval", "interval": exponential(1 / rate_per_s)}


def assert_matches(study: Study, kpi: str, exact: float, widest: float = WIDEST) -> None:
    values = study.values[:, study.names.index(kpi)]
    quantile = float(student_t.ppf(0.995, len(values) - 1))
    half_width = quantile * values.std(ddof=1) / math.sqrt(len(values))
    assert half_width <= widest * exact, f"{kpi}: too uncertain, ± {half_width:.5f} of {exact:.5f}"
    assert abs(values.mean() - exact) <= half_width, f"{kpi}: {values.mean():.5f} ± {half_width:.5f}, exact {exact:.5f}"


def test_rework_is_the_feedback_of_an_open_jackson_network() -> None:
    """Of the parts tested a share comes back by way of the bench: each queue is an M/M/1 at the rate that it sees.

    J. R. Jackson, "Networks of waiting lines", Operations Research 5 (1957).
    """
    rate, again = 0.5, 0.3
    stations = [
        {
            "service": exponential(1.0),
            "buffer_places": None,
            "inspection": {"false_alarm": again, "rework": "s1", "most_reworks": 100},
        },
        {"service": exponential(2.0), "buffer_places": None},
    ]
    types = [{"name": "part", "route": ["s0"]}]
    scenario = line(stations, horizon_s=60_000, release=poisson(rate), part_types=types)
    study = replicate(scenario, replications=60, seed=1)
    loads = [rate / (1 - again) * 1.0, rate * again / (1 - again) * 2.0]
    parts = sum(load / (1 - load) for load in loads)
    assert_matches(study, "wip_mean", parts)
    assert_matches(study, "lead_time_mean_s", parts / rate)
    assert_matches(study, "throughput_per_h", 3600 * rate)


def test_yield_thins_the_stream_of_good_parts() -> None:
    rate, defective, found, false_alarm = 0.8, 0.1, 0.9, 0.05
    station = {
        "service": exponential(1.0),
        "buffer_places": None,
        "defect_probability": defective,
        "inspection": {"detection": found, "false_alarm": false_alarm},
    }
    study = replicate(line([station], horizon_s=50_000, release=poisson(rate)), replications=16, seed=2)
    passed = 1 - defective * found - (1 - defective) * false_alarm
    assert_matches(study, "throughput_per_h", 3600 * rate * passed)
    assert_matches(study, "scrap_ratio", 1 - passed, widest=0.03)
    assert_matches(study, "outgoing_defect_ratio", defective * (1 - found) / passed, widest=0.06)


def test_machines_that_wait_for_repairers_are_a_finite_source_queue() -> None:
    """The machine-repair model M/M/c//N: a machine that is down, or waits to be repaired, cannot fail."""
    machines, repairers, up_s, repair_s = 5, 2, 100.0, 40.0
    failures = {"up_time": exponential(up_s), "repair_time": exponential(repair_s), "skill": "repairing"}
    crews = [{"name": "repairers", "members": repairers, "skills": ["repairing"]}]
    station = {"machines": machines, "service": fixed(1.0), "failures": failures}
    study = replicate(line([station], horizon_s=200_000, crews=crews), replications=10, seed=3)
    weight = [1.0]
    for down in range(machines):
        weight.append(weight[-1] * (machines - down) / up_s * repair_s / min(down + 1, repairers))
    mean_down = float(np.dot(range(machines + 1), weight) / sum(weight))
    assert_matches(study, "station.s0.down_ratio", mean_down / machines)
    assert_matches(study, "throughput_per_h", 3600 * (machines - mean_down))


def test_operators_are_the_servers_of_erlang_c() -> None:
    """With machines in plenty it is the three operators for whom parts queue up: M/M/3 at a load of 0.8."""
    station = {"machines": 50, "service": exponential(1.0), "service_skill": "operating", "buffer_places": None}
    crews = [{"name": "operators", "members": 3, "skills": ["operating"]}]
    scenario = line([station], horizon_s=30_000, release=poisson(2.4), crews=crews)
    study = replicate(scenario, replications=16, seed=4)
    assert_matches(study, "lead_time_mean_s", 1.0 + 1.07865)


def test_services_that_failures_interrupt_follow_gaver() -> None:
    """M/G/1 with failures by operation: Pollaczek-Khinchine on the completion time, repairs included.

    D. P. Gaver, "A waiting line with interrupted service, including priorities", J. Royal Stat. Soc. B 24 (1962).
    """
    rate, fails_per_s, repair_s = 0.5, 0.1, 2.0
    failures = {"clock": "operation", "up_time": exponential(1 / fails_per_s), "repair_time": exponential(repair_s)}
    station = {"service": exponential(1.0), "buffer_places": None, "failures": failures}
    study = replicate(line([station], horizon_s=60_000, release=poisson(rate)), replications=56, seed=5)
    slower = 1 + fails_per_s * repair_s
    mean, second = slower, 2 * slower**2 + fails_per_s * 2 * repair_s**2
    assert_matches(study, "lead_time_mean_s", mean + rate * second / (2 * (1 - rate * mean)))


@pytest.mark.parametrize("places", [0, 4])
def test_two_unreliable_machines_and_a_buffer(places: int) -> None:
    """Exponential service, failures by operation and repairs: the Markov chain of parts between and machines up.

    The model of S. B. Gershwin and O. Berman, "Analysis of transfer lines consisting of two unreliable machines with
    random processing times and finite storage buffers", AIIE Transactions 13 (1981).
    """
    serve, fail, repair = (1.0, 1.2), (0.05, 0.08), (0.2, 0.25)
    stations = [
        {
            "service": exponential(1 / serve[machine]),
            "failures": {
                "clock": "operation",
                "up_time": exponential(1 / fail[machine]),
                "repair_time": exponential(1 / repair[machine]),
            },
        }
        for machine in range(2)
    ]
    stations[1]["buffer_places"] = places
    study = replicate(line(stations, horizon_s=60_000), replications=20, seed=6 + places)
    assert_matches(study, "throughput_per_h", 3600 * _two_machines(serve, fail, repair, places + 2))


def _two_machines(
    serve: tuple[float, float], fail: tuple[float, float], repair: tuple[float, float], most: int
) -> float:
    """Return the throughput; between the machines are up to ``most`` parts, the blocked and the served one included."""
    states = [(parts, first, second) for parts in range(most + 1) for first in (0, 1) for second in (0, 1)]
    number = {state: position for position, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for parts, first, second in states:
        here = number[parts, first, second]
        if first and parts < most:
            rates[here, number[parts + 1, first, second]] += serve[0]
            rates[here, number[parts, 0, second]] += fail[0]
        if second and parts > 0:
            rates[here, number[parts - 1, first, second]] += serve[1]
            rates[here, number[parts, first, 0]] += fail[1]
        if not first:
            rates[here, number[parts, 1, second]] += repair[0]
        if not second:
            rates[here, number[parts, first, 1]] += repair[1]
    balance = rates.T - np.diag(rates.sum(axis=1))
    share = np.linalg.lstsq(
        np.vstack((balance, np.ones(len(states)))), np.append(np.zeros(len(states)), 1.0), rcond=None
    )[0]
    return float(sum(serve[1] * share[number[state]] for state in states if state[0] > 0 and state[2]))


# ---- exact


@pytest.mark.parametrize("cards", [(1, 1), (2, 1), (1, 3), (3, 2)])
def test_two_kanban_stations_are_a_line_with_a_buffer(cards: tuple[int, int]) -> None:
    """Parts between two stations of k and l cards are bounded by k + l, as by k + l - 2 places and two machines."""
    services = [exponential(1.0), exponential(1.1)]
    carded = [{"service": time, "kanban_cards": count} for time, count in zip(services, cards, strict=True)]
    buffered = [{"service": services[0]}, {"service": services[1], "buffer_places": sum(cards) - 2}]
    exits = [_times(line(stations, horizon_s=2000), Event.EXIT) for stations in (carded, buffered)]
    assert len(exits[0]) > 1000
    assert exits[0] == exits[1]


JOBS = [(7.0, 30.0), (3.0, 12.0), (9.0, 55.0), (2.0, 40.0), (5.0, 9.0), (6.0, 20.0)]
"""Service time and due date."""


def _flow(sequence: tuple[int, ...]) -> tuple[float, float]:
    """Return mean flow time and largest lateness of jobs done one after the other from time 0."""
    ends = np.cumsum([JOBS[job][0] for job in sequence])
    return float(ends.mean()), float(max(end - JOBS[job][1] for job, end in zip(sequence, ends, strict=True)))


def _dispatched(rule: str) -> tuple[int, ...]:
    """Return the sequence in which a machine takes the jobs; its shift begins when all of them are there."""
    types = [
        {"name": f"job{number}", "route": [{"station": "s0", "service": fixed(time_s)}]}
        for number, (time_s, _) in enumerate(JOBS)
    ]
    orders = [{"part_type": f"job{number}", "quantity": 1, "due_s": due_s} for number, (_, due_s) in enumerate(JOBS)]
    shifts = [{"name": "day", "cycle_s": 1000, "periods": [{"start_s": 1, "end_s": 1000}]}]
    station = {"service": fixed(1), "buffer_places": None, "dispatching": rule, "shift": "day"}
    scenario = line(
        [station], horizon_s=100, part_types=types, shifts=shifts, release={"kind": "orders", "orders": orders}
    )
    journal = simulate(scenario, seed=0).journal
    return tuple(journal.entity[journal.event == Event.START].tolist())


def test_shortest_processing_time_has_the_least_mean_flow_time() -> None:
    """W. E. Smith, "Various optimizers for single-stage production", Naval Research Logistics Quarterly 3 (1956)."""
    best = min(_flow(sequence)[0] for sequence in permutations(range(len(JOBS))))
    assert _flow(_dispatched("spt"))[0] == best < _flow(_dispatched("fifo"))[0]


def test_earliest_due_date_has_the_least_maximal_lateness() -> None:
    """J. R. Jackson, "Scheduling a production line to minimize maximum tardiness", UCLA (1955)."""
    best = min(_flow(sequence)[1] for sequence in permutations(range(len(JOBS))))
    assert _flow(_dispatched("edd"))[1] == best < _flow(_dispatched("fifo"))[1]


def test_setups_add_up_along_the_sequence() -> None:
    rng = np.random.default_rng(1)
    kinds = "abcd"
    between = {(one, other): float(rng.integers(1, 20)) for one in kinds for other in kinds if one != other}
    sequence = rng.choice(list(kinds), 40).tolist()
    changes = [{"before": one, "after": other, "time": fixed(time)} for (one, other), time in between.items()]
    station = {"service": fixed(2), "buffer_places": None, "setup": {"time": fixed(99), "changeovers": changes}}
    orders = [{"part_type": kind, "quantity": 1, "due_s": 0} for kind in sequence]
    types = [{"name": kind, "route": ["s0"]} for kind in kinds]
    scenario = line([station], horizon_s=2000, part_types=types, release={"kind": "orders", "orders": orders})
    setups_s = sum(between.get(pair, 0.0) for pair in pairwise(sequence))
    assert _times(scenario, Event.EXIT)[-1] == 2 * len(sequence) + setups_s


def test_a_conveyor_only_adds_its_time_to_a_queue() -> None:
    """Arrivals that are all put off by the same time find the machine as they would have found it before."""
    queue = {"service": exponential(1.0), "buffer_places": None}
    belt = {**queue, "conveyor": {"transport_time_s": 64.0, "capacity": 10_000}}
    soon, late = (_times(line([s], horizon_s=3000, release=poisson(0.7)), Event.EXIT) for s in (queue, belt))
    count = len(late)
    assert count > 1500
    np.testing.assert_allclose(np.array(late) - 64.0, soon[:count], atol=1e-9)


def _times(scenario: ProductionLine, event: Event) -> list[float]:
    journal = simulate(scenario, seed=1).journal
    found: list[float] = journal.time_s[journal.event == event].tolist()
    return found
