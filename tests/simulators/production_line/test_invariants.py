"""What holds in every line: parts are conserved, nothing is over-full, stopped machines do not work."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import Ledger
from production_lines import any_line, fixed, journal_of, line, outcome

from simulators.production_line import Event, example

if TYPE_CHECKING:
    from simulators.production_line import ProductionLine

ANY_LINE = st.one_of(any_line(clockwork=False), any_line(clockwork=True))


@settings(max_examples=150, deadline=None)
@given(ANY_LINE, st.integers(0, 99))
def test_the_books_balance(scenario: ProductionLine, seed: int) -> None:
    Ledger(scenario).follow(outcome(scenario, seed=seed, engine="simpy")[0])


def test_the_books_of_the_example_balance() -> None:
    scenario = example()
    ledger = Ledger(scenario)
    journal = journal_of(scenario)
    ledger.follow(journal)
    happens = set(Event) - {Event.COMMAND}  # which only somebody who acts brings about
    assert set(np.unique(journal.event).tolist()) == happens, "the example shows every kind of event"
    assert len(ledger.left) > 100


@settings(max_examples=40, deadline=None)
@given(ANY_LINE, st.integers(0, 99))
def test_the_past_does_not_depend_on_the_horizon(scenario: ProductionLine, seed: int) -> None:
    whole = outcome(scenario, seed=seed, engine="simpy")[0]
    half = outcome(scenario.model_copy(update={"horizon_s": 20.0}), seed=seed, engine="simpy")[0]
    assert half.time_s.tobytes() == whole.time_s[: len(half)].tobytes()
    assert half.place.tobytes() == whole.place[: len(half)].tobytes()
    assert (whole.time_s[len(half) :] >= 20).all()


def test_little_s_law_holds_exactly_in_a_line_that_runs_empty() -> None:
    """Time-average of the parts in the line × horizon = the sum of their stays, whatever happens inside."""
    data = example().model_dump(exclude={"release"})
    orders = [{"part_type": kind, "quantity": 5, "due_s": 0} for kind in ("pump", "valve")]
    data |= {"release": {"kind": "orders", "orders": orders}, "horizon_s": 20_000.0}
    journal = journal_of(type(example()).model_validate(data), seed=3)
    pumps_and_valves = np.isin(journal.place, [journal.places.index(f"type.{kind}") for kind in ("pump", "valve")])
    came = pumps_and_valves & (journal.event == Event.RELEASE)
    left = pumps_and_valves & np.isin(journal.event, [Event.EXIT, Event.SCRAP])
    assert Counter(journal.entity[came].tolist()) == Counter(journal.entity[left].tolist()) == Counter(range(10))
    moments = np.concatenate((journal.time_s[came], journal.time_s[left]))
    order = np.argsort(moments, kind="stable")
    level = np.cumsum(np.repeat([1, -1], 10)[order])
    area = float(np.dot(level[:-1], np.diff(moments[order])))
    assert area == pytest.approx(journal.time_s[left].sum() - journal.time_s[came].sum())


def test_long_lines_do_not_overflow_the_stack() -> None:
    journal = journal_of(line(*[{"service": fixed(1)} for _ in range(300)], horizon_s=320))
    assert (journal.event == Event.EXIT).sum() == 20
