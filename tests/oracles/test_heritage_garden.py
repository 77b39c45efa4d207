"""Heritage gardens against published and exact results.

Walking: Weidmann (1993) for speed and density, RiMEA (2016) test cases 1 and 4, the queue with state-dependent service
M/G/c/c of Yuhaski and Smith (1989) for a corridor, and the flow through a bottleneck. Gates: Erlang C. Capacities: LB/T
034-2014. Comparisons of random figures are by the simulation's own 99 % confidence interval.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student_t

from simulators import Streams, replicate, simulate
from simulators.heritage_garden import Event, HeritageGarden, load_garden
from simulators.heritage_garden.demand import day_of
from simulators.heritage_garden.service_level import LEVELS, level
from simulators.heritage_garden.walking import counter_flow, speed_m_s
from simulators.statistics import control_variates

TEXT = {"zh": "廊", "en": "corridor"}
OPENS_S, CLOSES_S = 10.0, 86_000.0


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


def corridor(
    *,
    length_m: float = 40.0,
    width_m: float = 2.0,
    visitors: float,
    over_s: float,
    horizon_s: float,
    spread_m_s: float = 0.0,
    free_m_s: float = 1.34,
    check: dict[str, Any] | None = None,
    counters: int = 100,
    begin_s: float = OPENS_S,
    pattern: str = "poisson",
    party: int = 1,
    stay_s: float = 1e6,
    **path: object,
) -> HeritageGarden:
    """Return a corridor between two gates, that visitors walk from the first to a scene at the other end.

    The scene attracts so much, and its visits are so short, that everybody walks the corridor once and goes out there.
    """
    return HeritageGarden.model_validate(
        {
            "kind": "heritage_garden",
            "horizon_s": horizon_s,
            "opens_s": OPENS_S / 2,
            "last_entry_s": CLOSES_S,
            "closes_s": CLOSES_S,
            "garden": {
                "name": "corridor",
                "title": TEXT,
                "area_m2": 1e6,
                "outline_m": [(-10, -100), (1e4, -100), (1e4, 100), (-10, 100)],
                "gates": [
                    {"name": "inn", "label": TEXT, "at_m": (0, 0), "counters": counters, "check": check or fixed(0),
                     "exit": stay_s == 0},
                    {"name": "out", "label": TEXT, "at_m": (length_m + 10, 0), "counters": 1, "check": fixed(0),
                     "entrance": False},
                ],
                "scenes": [
                    {"name": "end", "label": TEXT, "kind": "courtyard", "usable_area_m2": 900, "attractiveness": 10,
                     "polygon_m": [(length_m, -50), (length_m + 9, -50), (length_m + 9, 50), (length_m, 50)],
                     "area_per_visitor_m2": 0.3, "dwell": fixed(0)},
                ],
                "paths": [
                    {"name": "way", "start": "inn", "end": "end", "line_m": [(0, 0), (length_m, 0)],
                     "width_m": width_m, **path},
                    {"name": "exit", "start": "end", "end": "out", "line_m": [(length_m + 9, 0), (length_m + 10, 0)],
                     "width_m": 90},
                ],
            },
            "visitors": [
                {
                    "name": "walkers", "smallest_party": party, "pattern": pattern, "stay": fixed(stay_s),
                    "free_speed_m_s": free_m_s, "free_speed_sd_m_s": spread_m_s,
                    "arrivals": [{"from_s": begin_s, "to_s": begin_s + over_s, "visitors": visitors}],
                }
            ],
            "taste": {"leaving": -30, "distance": 0, "crowding": 0},
        }
    )  # fmt: skip


def walks_s(scenario: HeritageGarden, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how long each visitor was on the corridor."""
    journal = simulate(scenario, seed=seed).journal
    way = journal.place == journal.places.index("way")
    on = dict(zip(journal.entity[way & (journal.event == Event.WALK)].tolist(),
                  journal.time_s[way & (journal.event == Event.WALK)].tolist(), strict=True))  # fmt: skip
    visits = journal.event == Event.VISIT
    off = zip(journal.entity[visits].tolist(), journal.time_s[visits].tolist(), strict=True)
    return np.array([time_s - on[entity] for entity, time_s in off])


@pytest.mark.parametrize(
    ("density", "speed"), [(0.5, 1.298), (1.0, 1.058), (1.75, 0.700), (2.0, 0.606), (3.0, 0.331), (4.0, 0.156)]
)
def test_weidmanns_speeds(density: float, speed: float) -> None:
    """v(ρ) = 1.34 (1 - exp(-1.913 (1/ρ - 1/5.4))), worked out by hand."""
    assert speed_m_s(density) == pytest.approx(speed, abs=0.001)


@pytest.mark.parametrize(
    ("against", "loss"), [(0, 0.0), (1, 0.145), (2, 0.115), (3, 0.085), (4, 0.06), (5, 0.04), (9, 0.145)]
)
def test_counter_flow_of_navin_and_wheeler(against: int, loss: float) -> None:
    assert counter_flow(10 - against, against) == pytest.approx(1 - loss)


def test_specific_flow_peaks_where_weidmann_says() -> None:
    density = np.linspace(0.1, 5.4, 5301)
    flow = density * np.array([speed_m_s(value) for value in density])
    assert flow.max() == pytest.approx(1.22, abs=0.01)
    assert density[flow.argmax()] == pytest.approx(1.75, abs=0.03)


@pytest.mark.parametrize("density", [0.5, 1.0, 2.0, 3.0, 4.0, 5.0])
def test_rimea_4_speed_and_density_in_a_corridor(density: float) -> None:
    """A crowd of 100 that steps on together walks at Weidmann's speed for its density; above 5.4 nobody moves."""
    length_m, crowd = 20.0, 100
    scenario = corridor(
        length_m=length_m, width_m=crowd / density / length_m, visitors=crowd, party=crowd, over_s=1, horizon_s=4_000,
        pattern="regular", most_density=5.3,
    )  # fmt: skip
    assert length_m / walks_s(scenario, seed=0)[0] == pytest.approx(speed_m_s(density), rel=1e-9)


def test_rimea_1_one_person_in_a_corridor() -> None:
    """40 m at 1.33 m/s with the usual spread takes 26 to 34 s; a person alone meets nobody."""
    times = []
    for seed in range(200):
        scenario = corridor(visitors=1, over_s=1, horizon_s=200, free_m_s=1.33, spread_m_s=0.26, pattern="regular")
        times += walks_s(scenario, seed).tolist()
    assert np.mean(times) == pytest.approx(40 / 1.33, rel=0.06)
    assert np.median(times) == pytest.approx(30, abs=1)
    exact = walks_s(corridor(visitors=1, over_s=1, horizon_s=200, free_m_s=1.33, pattern="regular"), 0)
    assert 26 <= exact[0] <= 34


def test_flow_through_a_bottleneck_is_that_of_its_width() -> None:
    """An endless crowd passes a narrow place of 1 m at 1.22 persons a second."""
    scenario = corridor(visitors=4_000, over_s=1_000, horizon_s=2_500, width_m=4, narrowest_m=1.0, pattern="regular")
    journal = simulate(scenario, seed=1).journal
    on = journal.time_s[(journal.event == Event.WALK) & (journal.place == journal.places.index("way"))]
    flow = (len(on) - 1) / (on[-1] - on[0])
    assert flow == pytest.approx(1.22, rel=1e-6)


def test_flow_through_a_corridor_follows_the_fundamental_diagram() -> None:
    """Below capacity what flows in flows out, at the density at which ρ v(ρ) is that flow."""
    for flow in (0.4, 0.8, 1.1):
        visitors, over_s = 2 * flow * 4_000, 4_000
        scenario = corridor(visitors=visitors, over_s=over_s, horizon_s=OPENS_S + over_s, pattern="regular")
        kpis = simulate(scenario, seed=1).kpis
        low, high = 0.0, 1.75
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if middle * speed_m_s(middle) < flow else (low, middle)
        mean_density = kpis["path.way.person_h"].value * 3_600 / over_s / 80
        assert mean_density == pytest.approx(low, rel=0.03)


def yuhaski_smith(rate_s: float, length_m: float, area_m2: float, most: int) -> float:
    """Return the mean number in an M/G/c/c queue whose servers all work at the pace that the density allows."""
    weights, weight = [1.0], 1.0
    for number in range(1, most + 1):
        pace = speed_m_s(number / area_m2) / 1.34
        weight *= rate_s * (length_m / 1.34) / (number * pace)
        weights.append(weight)
    return sum(number * weight for number, weight in enumerate(weights)) / sum(weights)


@pytest.mark.slow
@pytest.mark.parametrize("rate_s", [0.8, 1.6])
def test_a_corridor_is_the_state_dependent_queue_of_yuhaski_and_smith(rate_s: float) -> None:
    """Poisson arrivals in a corridor with a wide mouth: the exact mean number on it, whatever their free speeds."""
    length_m, width_m, over_s = 30.0, 1.6, 80_000.0
    area_m2 = length_m * width_m
    scenario = corridor(
        length_m=length_m, width_m=width_m, visitors=rate_s * over_s, over_s=over_s, horizon_s=OPENS_S + over_s
    )
    scenario = scenario.model_copy(update={"warm_up_s": 1_000.0})
    study = replicate(scenario, replications=10, seed=7)
    values = study.values[:, study.names.index("path.way.person_h")] * 3_600 / (over_s + OPENS_S - 1_000.0)
    exact = yuhaski_smith(rate_s, length_m, area_m2, math.floor(3 * area_m2))
    half_width = float(student_t.ppf(0.995, len(values) - 1)) * values.std(ddof=1) / math.sqrt(len(values))
    assert half_width <= 0.02 * exact
    # The mouth spaces arrivals out a little, which makes the stream slightly more even than Poisson's.
    assert values.mean() == pytest.approx(exact, abs=half_width + 0.02 * exact)


def erlang_c(servers: int, load: float) -> float:
    term = load**servers / math.factorial(servers) * servers / (servers - load)
    return term / (sum(load**n / math.factorial(n) for n in range(servers)) + term)


@pytest.mark.slow
@pytest.mark.timeout(900)  # half a minute of processor time, on a machine that others use too
@pytest.mark.parametrize(("counters", "load", "check_s"), [(1, 0.7, 0.25), (3, 2.4, 1.0)])
def test_gates_wait_as_erlang_c_says(counters: int, load: float, check_s: float) -> None:
    """Poisson arrivals and exponential checks; whoever is in goes home at once, by the same gate.

    Controlled by what is known of what is drawn: how many come, and the moments of their distances and checks.
    """
    over_s, seed, rate_s = CLOSES_S - OPENS_S - 1_000, 5, load / check_s
    law = {"kind": "exponential", "mean_s": check_s}
    scenario = corridor(
        visitors=rate_s * over_s, over_s=over_s, horizon_s=86_400, counters=counters, check=law, stay_s=0.0
    )
    scenario = scenario.model_copy(update={"warm_up_s": 1_000.0})
    study = replicate(scenario, replications=80, seed=seed)
    drawn = []
    for replication in range(study.replications):
        streams = Streams(seed, replication)
        arrive_s = day_of(scenario, streams).arrive_s
        checks_s = streams.draws("gate.inn.check", scenario.garden.gates[0].check)(len(arrive_s))
        squares = (np.diff(arrive_s) ** 2).sum() / over_s
        drawn.append([len(arrive_s) / over_s, squares, checks_s.mean(), (checks_s**2).mean()])
    waits_s = study.values[:, study.names.index("gate_wait_mean_s")]
    found = control_variates(waits_s, drawn, [rate_s, 2 / rate_s, check_s, 2 * check_s**2]).interval
    exact = erlang_c(counters, load) / (counters - load) * check_s
    assert found.half_width <= 0.005 * exact
    assert abs(found.mean - exact) <= found.half_width


def test_fruins_levels_of_service() -> None:
    bounds = [0.31, 0.43, 0.72, 1.08, 2.17]
    for number, bound in enumerate(bounds):
        assert LEVELS[level(bound - 1e-9)] == LEVELS[number]
        assert LEVELS[level(bound)] == LEVELS[number + 1]


@pytest.mark.parametrize("name", ["humble_administrator", "lingering", "master_of_the_nets"])
def test_carrying_capacities_by_the_national_guideline(name: str) -> None:
    """C₁ = Σ Xᵢ/Yᵢ and C₂ = C₁ · T/t, and both are flagged when exceeded."""
    garden = load_garden(name)
    capacity = sum(scene.usable_area_m2 / scene.area_per_visitor_m2 for scene in garden.scenes)
    assert garden.instantaneous_capacity == pytest.approx(capacity)
    scenario = HeritageGarden.model_validate(
        {
            "kind": "heritage_garden", "horizon_s": 66_000, "garden": name, "mean_stay_s": 5_400,
            "taste": {"leaving": -10},
            "visitors": [{"name": "crowd", "stay": fixed(20_000),
                          "arrivals": [{"from_s": 27_000, "to_s": 33_000, "visitors": 1.6 * capacity}]}],
        }
    )  # fmt: skip
    assert scenario.daily_capacity == pytest.approx(capacity * 36_000 / 5_400)
    kpis = simulate(scenario, seed=1).kpis
    assert kpis["instantaneous_capacity_ratio"].value == pytest.approx(kpis["inside_peak"].value / capacity)
    assert kpis["daily_capacity_ratio"].value == pytest.approx(kpis["visitors"].value / scenario.daily_capacity)
    assert kpis["over_capacity_h"].value > 0


def test_visitors_are_conserved_on_a_busy_day() -> None:
    scenario = HeritageGarden.model_validate(
        {
            "kind": "heritage_garden", "horizon_s": 66_000, "garden": "humble_administrator",
            "visitors": [{"name": "crowd", "stay": fixed(5_000), "party_sizes": [1, 2, 1], "patience": fixed(60),
                          "arrivals": [{"from_s": 26_000, "to_s": 62_000, "visitors": 6_000}]}],
            "controls": {"slots": [{"name": "all", "from_s": 26_000, "to_s": 62_000, "visitors": 5_500}]},
        }
    )  # fmt: skip
    run = simulate(scenario, seed=3)
    journal, kpis = run.journal, run.kpis
    came = int(((journal.event == Event.ARRIVE) | (journal.event == Event.JOIN)).sum())
    accounted = sum(kpis[name].value for name in ("visitors", "visitors_refused", "visitors_gave_up"))
    assert accounted == came
    assert kpis["inside_at_end"].value == 0
    assert kpis["visitors_refused"].value > 0
    assert kpis["visitors_gave_up"].value > 0
