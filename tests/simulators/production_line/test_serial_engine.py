"""Lines of single machines in a row: which those are, and that their own loop gives the same journal bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from production_lines import fixed, journal_of, line, random_durations, whole_seconds

from simulators import simulate
from simulators.production_line import Places, ProductionLine, serial_engine
from simulators.recorder import PIECE_ROWS

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

Data = dict[str, Any]
INTERVAL: Data = {"kind": "interval", "interval": {"kind": "exponential", "mean_s": 1.1}}
FAILING: Data = {"up_time": {"kind": "exponential", "mean_s": 9}, "repair_time": fixed(2)}


@st.composite
def serial_lines(draw: DrawFn, *, clockwork: bool) -> ProductionLine:
    """Give any line of up to six single machines in a row."""
    any_time, some_time = (whole_seconds(least) if clockwork else random_durations() for least in (0, 1))
    first = draw(some_time)  # or parts pass without end at one instant
    stations = [
        {
            "service": draw(any_time) if number else first,
            "buffer_places": draw(st.sampled_from([0, 0, 1, 2, None] if number else [0, 1, 3])),
            "failures": draw(
                st.none()
                | st.fixed_dictionaries(
                    {"clock": st.sampled_from(["calendar", "operation"]), "up_time": some_time, "repair_time": any_time}
                )
            ),
        }
        for number in range(draw(st.integers(1, 6)))
    ]
    releases = [
        {"kind": "saturated"},
        {"kind": "interval", "interval": draw(some_time)},
        {"kind": "constant_wip", "parts": draw(st.integers(1, 8))},
    ]
    return line(*stations, release=draw(st.sampled_from(releases)), horizon_s=60)


def is_serial(scenario: ProductionLine) -> bool:
    return serial_engine.is_serial(scenario, Places(scenario))


@pytest.mark.parametrize("clockwork", [False, True])
@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(0, 99))
def test_its_journal_is_that_of_simpy(clockwork: bool, data: st.DataObject, seed: int) -> None:
    """Also where all durations are whole seconds, some of them zero, so that events coincide all the time."""
    scenario = data.draw(serial_lines(clockwork=clockwork))
    assert is_serial(scenario)
    assert journal_of(scenario, seed=seed, engine="compiled") == journal_of(scenario, seed=seed, engine="simpy")


@pytest.mark.parametrize("places", [0, 3, 2 * PIECE_ROWS])
@pytest.mark.parametrize("release", [{"kind": "saturated"}, INTERVAL, {"kind": "constant_wip", "parts": 40_000}])
def test_a_long_run_outgrows_every_block_of_numbers_and_rows(places: int, release: Data) -> None:
    """The first buffer alone may take more rows than are handed on at a time."""
    busy = {"service": {"kind": "exponential", "mean_s": 1}, "failures": FAILING}
    scenario = line({**busy, "buffer_places": places}, busy, busy, release=release, horizon_s=20_000)
    assert is_serial(scenario)
    assert journal_of(scenario, seed=1, engine="compiled") == journal_of(scenario, seed=1, engine="simpy")


def test_a_service_of_the_routes_own_is_drawn_from_the_same_stream() -> None:
    route = [{"station": "s0", "service": {"kind": "exponential", "mean_s": 2}}, "s1"]
    scenario = line({}, {}, part_types=[{"name": "cup", "route": route}])
    assert is_serial(scenario)
    assert journal_of(scenario, seed=3, engine="compiled") == journal_of(scenario, seed=3, engine="simpy")


def test_antithetic_pairs_are_the_same_too() -> None:
    scenario = line({"service": {"kind": "gamma", "shape": 2, "mean_s": 1}, "failures": FAILING}, {"buffer_places": 2})
    for replication in (0, 1):
        runs = [
            simulate(scenario, seed=5, replication=replication, engine=engine, antithetic=True)
            for engine in ("simpy", "compiled")
        ]
        assert runs[0].journal == runs[1].journal
        assert runs[0].kpis == runs[1].kpis


@pytest.mark.parametrize(
    "change",
    [
        {"machines": 2},
        {"conveyor": {"transport_time_s": 1, "capacity": 2}},
        {"kanban_cards": 2},
        {"setup": {"time": fixed(1)}},
        {"maintenance": {"every_s": 9, "duration": fixed(1)}},
        {"defect_probability": 0.1},
        {"inspection": {}},
        {"service_skill": "a"},
        {"failures": {**FAILING, "skill": "a"}},
        {"shift": "day"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_station_that_knows_more_is_left_to_the_general_loop(change: Data) -> None:
    crews = [{"name": "crew", "skills": ["a"]}] if "skill" in str(change) else []
    shifts = [{"name": "day", "cycle_s": 9, "periods": [{"start_s": 0, "end_s": 8}]}] if "shift" in change else []
    assert not is_serial(line({}, change, crews=crews, shifts=shifts))


@pytest.mark.parametrize(
    "more",
    [
        {"release": {"kind": "kanban", "cards": 2}},
        {"release": {"kind": "orders", "orders": [{"quantity": 1, "due_s": 9}]}},
        {"part_types": [{"name": "cup", "route": ["s1", "s0"]}]},
        {"part_types": [{"name": "cup", "route": ["s0"]}]},
        {"part_types": [{"name": "cup", "route": ["s0", "s1"]}, {"name": "mug", "route": ["s0", "s1"]}]},
        {"crews": [{"name": "crew", "skills": ["a"]}]},
    ],
    ids=["kanban", "orders", "another way", "not all", "two types", "a crew"],
)
def test_a_line_that_knows_more_is_left_to_the_general_loop(more: Data) -> None:
    assert not is_serial(line({}, {"failures": FAILING}, **more))


def test_a_stream_gives_the_same_numbers_whatever_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = line({"service": {"kind": "exponential", "mean_s": 1}, "failures": FAILING}, horizon_s=500)
    found = journal_of(scenario, engine="compiled")
    monkeypatch.setattr(serial_engine, "LARGEST_BLOCK", 20)
    assert journal_of(scenario, engine="compiled") == found
