from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators import Journal, simulate
from simulators.production_line import Event, Places, ProductionLine, State, state_intervals


def line(*stations: dict[str, Any], horizon_s: float = 100.0, release: dict[str, Any] | None = None) -> ProductionLine:
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": horizon_s,
            "release": release or {"kind": "saturated"},
            "stations": [{"name": f"s{number}", **station} for number, station in enumerate(stations)],
        }
    )


def fixed(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


def times(journal: Journal, event: Event, entity: int) -> list[float]:
    return journal.time_s[(journal.event == event) & (journal.entity == entity)].tolist()


def test_parts_are_blocked_after_service() -> None:
    journal = simulate(line({"service": fixed(1)}, {"service": fixed(5)}), seed=0).journal
    # Part 1 is finished at 2 but leaves the first machine only when part 0 leaves the second, at 6.
    assert times(journal, Event.FINISH, 1)[0] == 2
    assert times(journal, Event.LEAVE, 1)[0] == 6
    assert times(journal, Event.EXIT, 1) == [11]


def test_a_buffer_place_frees_the_machine() -> None:
    journal = simulate(line({"service": fixed(1)}, {"service": fixed(5), "buffer_places": 1}), seed=0).journal
    assert times(journal, Event.LEAVE, 1)[0] == 2
    assert times(journal, Event.LEAVE, 2)[0] == 6


def test_a_failure_interrupts_and_the_service_resumes() -> None:
    station = {"service": fixed(10), "failures": {"up_time": fixed(4), "repair_time": fixed(3)}}
    journal = simulate(line(station, horizon_s=20), seed=0).journal
    # Up 0-4, 7-11, 14-18: ten seconds of service from 0 end at 4 + 4 + 2 seconds of up time, at 16.
    assert times(journal, Event.EXIT, 0) == [16]


def test_a_machine_that_is_down_takes_no_part() -> None:
    failing = {"service": fixed(1), "failures": {"up_time": fixed(2.5), "repair_time": fixed(10)}}
    journal = simulate(line({"service": fixed(1)}, failing, horizon_s=30), seed=0).journal
    down = (journal.time_s > 2.5) & (journal.time_s < 12.5)
    assert not (down & (journal.event == Event.START) & (journal.place == 3)).any()


def test_arrivals_wait_outside_of_a_full_line_and_keep_their_order() -> None:
    release = {"kind": "interval", "interval": fixed(1)}
    journal = simulate(line({"service": fixed(3)}, release=release, horizon_s=31), seed=0).journal
    released = journal.entity[journal.event == Event.RELEASE].tolist()
    assert released == sorted(released)
    assert len(released) == 10


def test_constant_wip_is_never_exceeded_and_always_reached() -> None:
    stations = [{"service": {"kind": "exponential", "mean_s": 1}, "buffer_places": None} for _ in range(3)]
    scenario = line(*stations, release={"kind": "constant_wip", "parts": 5}, horizon_s=500)
    journal = simulate(scenario, seed=2).journal
    change = np.where(journal.event == Event.RELEASE, 1, 0) - np.where(journal.event == Event.EXIT, 1, 0)
    wip = np.cumsum(change)
    assert wip.max() == 5
    assert wip[journal.time_s > 0].min() >= 4  # between an exit and the release that it causes


def test_long_lines_do_not_overflow_the_stack() -> None:
    stations = [{"service": fixed(1)} for _ in range(500)]
    assert simulate(line(*stations, horizon_s=600), seed=0).kpis["parts_made"].value == 100


durations = st.one_of(
    st.floats(0.1, 5).map(fixed),
    st.floats(0.1, 5).map(lambda mean: {"kind": "exponential", "mean_s": mean}),
    st.floats(0.1, 5).map(lambda low: {"kind": "uniform", "low_s": low, "high_s": 2 * low}),
)
stations = st.fixed_dictionaries(
    {
        "service": durations,
        "machines": st.integers(1, 3),
        "buffer_places": st.integers(0, 3),
        "failures": st.none() | st.fixed_dictionaries({"up_time": durations, "repair_time": durations}),
    }
)
releases = st.one_of(
    st.just({"kind": "saturated"}),
    st.integers(1, 9).map(lambda parts: {"kind": "constant_wip", "parts": parts}),
    durations.map(lambda interval: {"kind": "interval", "interval": interval}),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(stations, min_size=1, max_size=6), releases, st.integers(0, 99))
def test_both_engines_give_the_same_journal(plan: list[dict[str, Any]], release: dict[str, Any], seed: int) -> None:
    scenario = line(*plan, release=release, horizon_s=60)
    assert (
        simulate(scenario, seed=seed, engine="compiled").journal
        == simulate(scenario, seed=seed, engine="simpy").journal
    )


whole_seconds = st.integers(0, 3).map(lambda value_s: fixed(float(value_s)))
clockwork = st.fixed_dictionaries(
    {
        "service": whole_seconds,
        "machines": st.integers(1, 3),
        "buffer_places": st.integers(0, 2),
        "failures": st.none()
        | st.fixed_dictionaries({"up_time": st.integers(1, 4).map(fixed), "repair_time": whole_seconds}),
    }
)
clockwork_releases = st.one_of(
    st.integers(1, 5).map(lambda parts: {"kind": "constant_wip", "parts": parts}),
    st.integers(1, 3).map(lambda value_s: {"kind": "interval", "interval": fixed(float(value_s))}),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(clockwork, min_size=1, max_size=5), clockwork_releases)
def test_both_engines_agree_when_everything_happens_at_once(
    plan: list[dict[str, Any]], release: dict[str, Any]
) -> None:
    """All durations are whole seconds, some of them zero, so that events coincide all the time."""
    plan[0]["service"] = fixed(1.0)
    scenario = line(*plan, release=release, horizon_s=40)
    compiled, simpy = (simulate(scenario, seed=0, engine=engine) for engine in ("compiled", "simpy"))
    assert compiled.journal == simpy.journal
    figures = ({name: repr(kpi) for name, kpi in run.kpis.items()} for run in (compiled, simpy))  # NaN equals NaN
    assert next(figures) == next(figures)


def test_a_long_run_outgrows_every_array() -> None:
    """More rows, waiting parts and pending events than the compiled engine first makes room for."""
    stations = [
        {"service": {"kind": "exponential", "mean_s": 2}, "buffer_places": None},
        {
            "service": {"kind": "exponential", "mean_s": 900},
            "machines": 40,
            "failures": {
                "up_time": {"kind": "exponential", "mean_s": 1},
                "repair_time": {"kind": "exponential", "mean_s": 1},
            },
        },
    ]
    release = {"kind": "interval", "interval": {"kind": "exponential", "mean_s": 0.5}}
    scenario = line(*stations, release=release, horizon_s=4000)
    assert simulate(scenario, seed=1, engine="compiled").journal == simulate(scenario, seed=1, engine="simpy").journal


@settings(max_examples=60, deadline=None)
@given(st.lists(stations, min_size=1, max_size=5), releases, st.integers(0, 99))
def test_invariants_of_any_line(plan: list[dict[str, Any]], release: dict[str, Any], seed: int) -> None:
    scenario = line(*plan, release=release, horizon_s=60)
    run = simulate(scenario, seed=seed)
    journal = run.journal
    places = Places(scenario)
    released = journal.entity[journal.event == Event.RELEASE]
    left = journal.entity[journal.event == Event.EXIT]
    assert len(set(released.tolist())) == len(released)
    assert set(left.tolist()) <= set(released.tolist())
    for position, station in enumerate(scenario.stations):
        queued = (journal.event == Event.QUEUE) & (journal.place == position)
        mine = np.isin(journal.place, places.machines[position])
        starts = (journal.event == Event.START) & mine
        # A part that was loaded straight from upstream never queued.
        taken = starts & np.isin(journal.entity, journal.entity[queued])
        level = np.cumsum(queued.astype(int) - taken.astype(int))
        assert station.buffer_places is not None
        assert level.max(initial=0) <= station.buffer_places
        assert level.min(initial=0) >= 0
        for place in places.machines[position]:
            held = (journal.place == place) & np.isin(journal.event, [Event.START, Event.LEAVE])
            assert (journal.event[held][::2] == Event.START).all()
            assert (journal.event[held][1::2] == Event.LEAVE).all()
        ratios = [run.kpis[f"station.{station.name}.{state.name.lower()}_ratio"].value for state in State]
        assert sum(ratios) == pytest.approx(1)
        assert min(ratios) >= 0


def test_states_of_a_machine() -> None:
    station = {"service": fixed(10), "failures": {"up_time": fixed(4), "repair_time": fixed(3)}}
    scenario = line(station, horizon_s=20)
    start_s, state = state_intervals(simulate(scenario, seed=0).journal, Places(scenario).machines[0][0])
    at = [State(state[np.searchsorted(start_s, moment, side="right") - 1]) for moment in (1, 5, 8, 12, 15, 19)]
    assert at == [State.WORKING, State.DOWN, State.WORKING, State.DOWN, State.WORKING, State.DOWN]
