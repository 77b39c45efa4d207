"""Parts that wait for one another in a ring stop the run, with time and ring named; what only looks so does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from production_lines import SATURATED, any_line, fixed, line, orders, outcome, times

from simulators import Streams, simulate
from simulators.errors import DeadlockError
from simulators.production_line import Event, Places, ProductionLine
from simulators.production_line.layout import may_deadlock, may_starve
from simulators.production_line.simpy_engine import Line

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


# ---- standstills without a ring of finished parts

SHARED: Any = [
    {"name": "box", "route": ["saw", "desk"], "share": 1},
    {"name": "lid", "route": ["saw"], "feeds": "desk", "share": 1},
]


def saw_and_desk(*, release: Any, lids: int = 1, places: int | None = 1, **saw: Any) -> ProductionLine:
    """Return a saw that makes boxes and lids for a desk where a lid is put on each box."""
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": 1000.0,
            "release": release,
            "stations": [
                {"name": "saw", "service": fixed(1), **saw},
                {
                    "name": "desk",
                    "service": fixed(2),
                    "buffer_places": places,
                    "assembly": {"components": {"lid": {"count": lids, "places": 2}}},
                },
            ],
            "part_types": SHARED,
        }
    )


@ENGINES
def test_a_box_in_the_way_of_the_lid_that_it_needs_is_a_deadlock(engine: str) -> None:
    """One box waits at the desk for its lid, a second one on the saw for room there, and no lid can be sawn."""
    release = orders(("box", 0), ("box", 0), ("lid", 0), ("lid", 0))
    with pytest.raises(DeadlockError) as caught:
        simulate(saw_and_desk(release=release), seed=0, engine=engine)
    assert caught.value.time_s == 2
    assert caught.value.cycle == ("saw", "desk")


@ENGINES
def test_a_lid_in_time_keeps_the_desk_going(engine: str) -> None:
    release = orders(("box", 0), ("lid", 0), ("box", 0), ("lid", 0))
    assert simulate(saw_and_desk(release=release), seed=0, engine=engine).kpis["parts_made"].value == 2


@ENGINES
def test_lids_in_the_way_of_the_box_are_a_deadlock_too(engine: str) -> None:
    """The desk has room for two lids; the third waits on the saw, and no box comes."""
    release = orders(("lid", 0), ("lid", 0), ("lid", 0), ("box", 0))
    with pytest.raises(DeadlockError, match=r"deadlock at 3 s: saw → desk → saw"):
        simulate(saw_and_desk(release=release), seed=0, engine=engine)


@ENGINES
def test_a_limit_on_the_parts_in_the_line_can_keep_out_what_is_needed(engine: str) -> None:
    """All parts that may be in the line are boxes that wait for a lid: nothing is blocked, and nothing ever moves."""
    release = {"kind": "constant_wip", "parts": 1}
    with pytest.raises(DeadlockError) as caught:
        simulate(saw_and_desk(release=release, places=None), seed=0, engine=engine)
    assert set(caught.value.cycle) == {"desk", "release"} or set(caught.value.cycle) == {"saw", "desk", "release"}


@ENGINES
def test_what_is_missing_but_may_still_be_let_in_is_no_deadlock(engine: str) -> None:
    """The lid comes long after the boxes, from a machine of its own accord free."""
    release = orders(("box", 0), ("lid", 500))
    assert simulate(saw_and_desk(release=release), seed=0, engine=engine).kpis["parts_made"].value == 1


def test_only_what_comes_from_one_source_or_station_can_starve() -> None:
    shared = saw_and_desk(release=SATURATED)
    assert may_starve(shared, Places(shared))
    types = [{**SHARED[0], "route": ["desk"], "release": SATURATED}, {**SHARED[1], "release": SATURATED}]
    apart = ProductionLine.model_validate({**shared.model_dump(mode="json"), "release": None, "part_types": types})
    assert not may_starve(apart, Places(apart))


@settings(max_examples=150, deadline=None)
@given(st.booleans().flatmap(lambda clockwork: any_line(clockwork=clockwork)), st.integers(0, 99))
def test_where_a_deadlock_is_told_nothing_of_it_ever_moves_again(scenario: ProductionLine, seed: int) -> None:
    """Left to itself until twice the time, no station or release in the ring sends a part on."""
    rows: list[tuple[float, int, int, int]] = []
    try:
        Line(scenario, Streams(seed), rows.append, {}).env.run(until=scenario.horizon_s)
    except DeadlockError as error:
        deadlock = error
    else:
        return
    rows.clear()
    places = Places(scenario)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Line, "check", lambda _: None)
        Line(scenario, Streams(seed), rows.append, {}).env.run(until=2 * scenario.horizon_s)
    after = [(event, place) for time_s, event, _, place in rows if time_s > deadlock.time_s]
    machines = {
        place
        for station, numbers in zip(scenario.stations, places.machines, strict=True)
        if station.name in deadlock.cycle
        for place in numbers
    }
    assert not [place for event, place in after if event == Event.LEAVE and place in machines]
    stuck = {kind for source in places.sources if source.name in deadlock.cycle for kind in source.types}
    assert not [place for event, place in after if event == Event.RELEASE and places.types.index(place) in stuck]
