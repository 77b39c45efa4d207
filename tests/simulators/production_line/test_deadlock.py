"""Parts that wait for one another in a ring stop the run, with time and ring named; what only looks so does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from production_lines import fixed, line, orders, outcome, times

from simulators import simulate
from simulators.errors import DeadlockError
from simulators.production_line import Event, Places
from simulators.production_line.layout import may_deadlock

if TYPE_CHECKING:
    from simulators.production_line import ProductionLine

ENGINES = pytest.mark.parametrize("engine", ["simpy", "compiled"])
THERE_AND_BACK: Any = [{"name": "cup", "route": ["s0", "s1", "s0"]}]


def there_and_back(**second: Any) -> ProductionLine:
    """Return a press and an oven whose parts come back to the press."""
    return line({"service": fixed(2)}, {"service": fixed(3), **second}, part_types=THERE_AND_BACK)


@ENGINES
def test_a_line_that_parts_come_back_to_locks(engine: str) -> None:
    """0 is in the oven from 2 to 5 and wants to go back; 1 is finished at 4 and wants to go there."""
    with pytest.raises(
        DeadlockError, match=r"deadlock at 5 s: s0 → s1 → s0 wait for one another; .* buffer_places"
    ) as caught:
        simulate(there_and_back(), seed=0, engine=engine)
    assert caught.value.time_s == 5
    assert caught.value.cycle == ("s0", "s1")


@ENGINES
def test_the_ring_is_named_without_those_who_only_wait_for_it(engine: str) -> None:
    types = [{"name": "cup", "route": ["s0", "s1", "s2", "s1"]}]
    scenario = line({}, {"service": fixed(2)}, {"service": fixed(3)}, part_types=types)
    with pytest.raises(DeadlockError) as caught:
        simulate(scenario, seed=0, engine=engine)
    assert caught.value.cycle == ("s1", "s2")


@ENGINES
@pytest.mark.parametrize("second", [{"machines": 2}, {"kanban_cards": 2}], ids=["machines", "cards"])
def test_more_room_in_the_ring_only_puts_it_off(second: dict[str, Any], engine: str) -> None:
    with pytest.raises(DeadlockError) as caught:
        simulate(there_and_back(**second), seed=0, engine=engine)
    assert caught.value.time_s > 5
    assert caught.value.cycle == ("s0", "s1")


@ENGINES
def test_a_buffer_without_limit_anywhere_in_the_ring_keeps_it_moving(engine: str) -> None:
    assert simulate(there_and_back(buffer_places=None), seed=0, engine=engine).kpis


@ENGINES
def test_rework_can_lock_a_line(engine: str) -> None:
    stations = [{}, {"inspection": {"false_alarm": 1, "rework": "s0"}}]
    scenario = line(*stations)
    assert may_deadlock(scenario, Places(scenario))
    with pytest.raises(DeadlockError, match="s0 → s1 → s0"):
        simulate(scenario, seed=0, engine=engine)


@ENGINES
def test_a_part_may_wait_for_its_own_station(engine: str) -> None:
    types = [{"name": "cup", "route": ["s0", "s0"]}]
    with pytest.raises(DeadlockError, match="s0 → s0"):
        simulate(line({"machines": 2}, part_types=types), seed=0, engine=engine)


BELT: Any = {"transport_time_s": 20, "capacity": 1}
CROSSING: Any = [{"name": "a", "route": ["s0", "s1"]}, {"name": "b", "route": ["s1", "s0"]}]


@ENGINES
def test_a_conveyor_that_leads_into_room_is_no_end(engine: str) -> None:
    """At 21 each machine holds a part for the other's conveyor; both are full, but on their way to empty buffers."""
    station = {"buffer_places": 3, "conveyor": BELT}
    release = orders(("a", 0), ("b", 0), ("a", 20), ("b", 20))
    journal, deadlock = outcome(line(station, station, release=release, part_types=CROSSING), seed=0, engine=engine)
    assert not deadlock
    assert len(times(journal, Event.EXIT)) == 4


@ENGINES
def test_a_conveyor_that_fills_the_last_place_closes_the_ring(engine: str) -> None:
    """Without buffers the same line locks."""
    station = {"buffer_places": 0, "conveyor": BELT}
    release = orders(("a", 0), ("b", 0), ("a", 20), ("b", 20))
    _, deadlock = outcome(line(station, station, release=release, part_types=CROSSING), seed=0, engine=engine)
    assert deadlock.startswith("deadlock at 21 s: s0 → s1 → s0")


def test_a_line_without_a_ring_is_never_searched() -> None:
    for scenario in (line({}, {}, {}), there_and_back(buffer_places=None)):
        assert not may_deadlock(scenario, Places(scenario))
    assert may_deadlock(there_and_back(), Places(there_and_back()))


@ENGINES
def test_stations_that_mend_and_inspect_can_lock_one_another(engine: str) -> None:
    """Only parts that are rejected where they are mended ever come from one of the two to the other."""
    reject = {"false_alarm": 1, "most_reworks": 9}
    stations = [
        {"buffer_places": None, "inspection": {**reject, "rework": "s1"}},
        {"service": fixed(2), "inspection": {**reject, "rework": "s2"}},
        {"service": fixed(3), "inspection": {**reject, "rework": "s1"}},
    ]
    release = {"kind": "interval", "interval": fixed(1)}
    scenario = line(*stations, part_types=[{"name": "cup", "route": ["s0"]}], release=release)
    assert "s1 → s2 → s1" in outcome(scenario, seed=0, engine=engine)[1]
