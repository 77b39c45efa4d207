from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators import simulate
from simulators.production_line import Event, ProductionLine
from simulators.production_line.bottleneck import bottlenecks

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Journal, Run

    Write = Callable[..., Journal]


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


def line(*stations: dict[str, Any], **more: Any) -> ProductionLine:
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": 100,
            "release": {"kind": "saturated"},
            "stations": [{"service": fixed(10), **station} for station in stations],
            **more,
        }
    )


def working(*spells: tuple[str, float, float]) -> list[tuple[float, Event, int, str]]:
    """Return the rows of machines that work from when to when."""
    rows: list[tuple[float, int, Event, int, str]] = []
    for part, (place, start_s, end_s) in enumerate(spells):
        rows += [
            (start_s, 1, Event.RELEASE, part, "type.part"),
            (start_s, 2, Event.START, part, place),
            (end_s, 0, Event.LEAVE, part, place),
        ]
    return [(time_s, event, part, place) for time_s, _, event, part, place in sorted(rows)]


def test_a_bottleneck_that_shifts(write: Write) -> None:
    """Machine a is active 0-60 (in two services), b 50-95, c 40-70 and 90-100: a, then b, then c."""
    scenario = line({"name": "a"}, {"name": "b"}, {"name": "c"})
    rows = working(("a.1", 0, 30), ("a.1", 30, 60), ("b.1", 50, 95), ("c.1", 40, 70), ("c.1", 90, 100))
    found = bottlenecks(scenario, write(scenario, *rows)).machines
    assert found.names == ("a.1", "b.1", "c.1")
    assert found.momentary_ratio == pytest.approx([0.6, 0.35, 0.05])
    assert found.sole_ratio == pytest.approx([0.5, 0.3, 0.05])
    assert found.shifting_ratio == pytest.approx([0.1, 0.15, 0.05])
    assert found.start_s.tolist() == [0, 60, 95]
    assert found.bottleneck.tolist() == [0, 1, 2]
    assert found.primary == "a.1"


def test_nobody_is_the_bottleneck_while_all_wait(write: Write) -> None:
    scenario = line({"name": "a"}, {"name": "b"})
    found = bottlenecks(scenario, write(scenario, *working(("a.1", 10, 30), ("b.1", 60, 80)))).stations
    assert found.momentary_ratio == pytest.approx([0.2, 0.2])
    assert found.start_s.tolist() == [0, 10, 30, 60, 80]
    assert found.bottleneck.tolist() == [-1, 0, -1, 1, -1]
    silent = bottlenecks(scenario, write(scenario)).stations
    assert silent.primary is None
    assert silent.momentary_ratio.tolist() == [0, 0]


def test_repair_set_up_and_maintenance_are_active_waiting_and_off_are_not(write: Write) -> None:
    shift = {"shifts": [{"name": "day", "cycle_s": 100, "periods": [{"start_s": 0, "end_s": 99}]}]}
    scenario = line({"name": "a", "shift": "day"}, **shift)
    rows = [
        (0, Event.RELEASE, 0, "type.part"),
        (0, Event.AWAIT, 0, "a.1"),
        (10, Event.SETUP, 0, "a.1"),
        (20, Event.START, 0, "a.1"),
        (30, Event.FAIL, -1, "a.1"),
        (40, Event.REPAIR, -1, "a.1"),
        (50, Event.FINISH, 0, "a.1"),
        (60, Event.LEAVE, 0, "a.1"),
        (60, Event.MAINTAIN, -1, "a.1"),
        (70, Event.MAINTAINED, -1, "a.1"),
        (80, Event.OFF, -1, "a.1"),
    ]
    found = bottlenecks(scenario, write(scenario, *rows)).machines
    assert found.start_s.tolist() == [0, 10, 50, 60, 70]
    assert found.bottleneck.tolist() == [-1, 0, -1, 0, -1]


def test_a_station_waits_as_long_as_one_of_its_machines_waits(write: Write) -> None:
    scenario = line({"name": "a", "machines": 2}, {"name": "b"})
    rows = working(("a.1", 0, 90), ("a.2", 20, 40), ("a.2", 40, 50), ("a.2", 60, 65), ("b.1", 45, 62))
    found = bottlenecks(scenario, write(scenario, *rows))
    assert found.machines.primary == "a.1"
    assert found.stations.momentary_ratio == pytest.approx([0.33, 0.12])  # 20-50 and 62-65; 50-62
    assert found.stations.sole_ratio == pytest.approx([0.28, 0.10])
    assert found.stations.shifting_ratio == pytest.approx([0.07, 0.07])


def test_the_slowest_station_is_the_sole_bottleneck() -> None:
    scenario = line(
        {"name": "cut", "service": fixed(20)},
        {"name": "weld", "service": fixed(58), "machines": 2, "buffer_places": 3},
        {"name": "paint", "service": fixed(25), "buffer_places": 3},
        horizon_s=7200,
        warm_up_s=1200,
    )
    found = bottlenecks(scenario, simulate(scenario, seed=1, engine="simpy").journal).stations
    assert found.primary == "weld"
    assert found.sole_ratio == pytest.approx([0, 1, 0])
    assert found.bottleneck.tolist() == [1]


def test_the_station_whose_improvement_helps_most_is_named() -> None:
    def lathe(mean_s: float) -> dict[str, Any]:
        return {"service": {"kind": "exponential", "mean_s": mean_s}, "buffer_places": 2}

    def plan(second_s: float, third_s: float) -> ProductionLine:
        means = (20, second_s, third_s, 20)
        return line(*({"name": f"s{n}", **lathe(mean)} for n, mean in enumerate(means)), horizon_s=60_000)

    now = simulate(plan(30, 24), seed=1, engine="simpy")
    shares = bottlenecks(plan(30, 24), now.journal).stations
    assert shares.primary == "s1"
    better = [
        simulate(plan(*means), seed=1, engine="simpy").kpis["parts_made"].value for means in [(27, 24), (30, 21.6)]
    ]
    assert better[0] > better[1] > now.kpis["parts_made"].value


def test_shares_are_of_the_window_and_periods_keep_their_length(write: Write) -> None:
    scenario = line({"name": "a"}, {"name": "b"})
    journal = write(scenario, *working(("a.1", 0, 60), ("b.1", 40, 90)))
    found = bottlenecks(scenario, journal, start_s=50, end_s=70).machines
    assert found.momentary_ratio == pytest.approx([0.5, 0.5])
    assert found.shifting_ratio == pytest.approx([0.5, 0.5])
    assert found.start_s.tolist() == [50, 60]
    with pytest.raises(ValueError, match="start_s = 70 must be < end_s = 50"):
        bottlenecks(scenario, journal, start_s=70, end_s=50)


spells = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 90), st.integers(1, 10)), max_size=25)


@settings(max_examples=80, deadline=None)
@given(spells)
def test_the_bottleneck_is_always_the_machine_with_the_longest_period(
    write: Write, drawn: list[tuple[int, int, int]]
) -> None:
    """Compare with a search second by second; of equally long periods the earlier, then the first machine's."""
    scenario = line({"name": "a"}, {"name": "b"}, {"name": "c"})
    busy = np.zeros((3, 101), bool)
    for machine, start_s, length_s in drawn:
        busy[machine, start_s : start_s + length_s] = True
    periods = []
    for machine in range(3):
        edges = np.flatnonzero(np.diff(busy[machine], prepend=False))
        periods += [(machine, int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    journal = write(scenario, *working(*(("abc"[machine] + ".1", begin, end) for machine, begin, end in periods)))
    found = bottlenecks(scenario, journal).machines
    for second in range(100):
        lasting = [period for period in periods if period[1] <= second < period[2]]
        expected = min(lasting, key=lambda one: (one[1] - one[2], one[1], one[0]))[0] if lasting else -1
        assert found.bottleneck[np.searchsorted(found.start_s, second, side="right") - 1] == expected
    assert found.momentary_ratio.sum() == pytest.approx(busy[:, :100].any(axis=0).mean())
    assert (found.sole_ratio + found.shifting_ratio >= found.momentary_ratio - 1e-12).all()


def test_all_shares_of_a_workshop(workshop: ProductionLine, workshop_run: Run) -> None:
    found = bottlenecks(workshop, workshop_run.journal)
    for shares in (found.stations, found.machines):
        assert 0 < shares.momentary_ratio.sum() <= 1 + 1e-9
        assert (np.diff(shares.start_s) > 0).all()
        assert (shares.bottleneck[1:] != shares.bottleneck[:-1]).all()
    assert found.stations.names == tuple(station.name for station in workshop.stations)
