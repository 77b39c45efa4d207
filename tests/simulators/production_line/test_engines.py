"""Both engines give the same journal bit for bit, whatever the line, also where it ends in a deadlock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from production_lines import any_line, journal_of, line, outcome

from simulators.production_line import example

if TYPE_CHECKING:
    from simulators.production_line import ProductionLine


@settings(max_examples=150, deadline=None)
@given(any_line(clockwork=False), st.integers(0, 99))
def test_they_agree_on_any_line(scenario: ProductionLine, seed: int) -> None:
    assert outcome(scenario, seed=seed, engine="compiled") == outcome(scenario, seed=seed, engine="simpy")


@settings(max_examples=150, deadline=None)
@given(any_line(clockwork=True), st.integers(0, 99))
def test_they_agree_when_everything_happens_at_once(scenario: ProductionLine, seed: int) -> None:
    """All durations are whole seconds, some of them zero, so that events coincide all the time."""
    assert outcome(scenario, seed=seed, engine="compiled") == outcome(scenario, seed=seed, engine="simpy")


@pytest.mark.parametrize("seed", range(3))
def test_they_agree_on_the_example_for_long(seed: int) -> None:
    scenario = example().model_copy(update={"horizon_s": 20_000.0})
    assert journal_of(scenario, seed=seed, engine="compiled") == journal_of(scenario, seed=seed, engine="simpy")


def test_they_agree_when_a_long_run_outgrows_every_array() -> None:
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
    assert journal_of(scenario, seed=1, engine="compiled") == journal_of(scenario, seed=1, engine="simpy")


def test_they_agree_on_hours_so_close_that_rounding_swaps_them() -> None:
    periods = [{"start_s": 5e-33, "end_s": 1e-05}, {"start_s": 1.295976846460363, "end_s": 3.831806747990872}]
    shifts = [{"name": "odd", "cycle_s": 3.831806747990872, "periods": periods}]
    scenario = line({"shift": "odd"}, shifts=shifts, horizon_s=400)
    assert journal_of(scenario, engine="compiled") == journal_of(scenario, engine="simpy")


def test_they_agree_on_orders_larger_than_every_array() -> None:
    release = {"kind": "orders", "orders": [{"part_type": "part", "quantity": 5000, "due_s": 9}] * 3}
    scenario = line({"buffer_places": 700}, {"buffer_places": None}, release=release, horizon_s=4000)
    assert journal_of(scenario, engine="compiled") == journal_of(scenario, engine="simpy")
