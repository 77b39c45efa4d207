from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators.production_line import Event, Places, ProductionLine, State, state_intervals
from simulators.production_line.gantt import gantt

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Journal, Run


def test_bars_of_a_journal_written_by_hand(write: Callable[..., Journal]) -> None:
    line = ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": 50,
            "release": {"kind": "saturated"},
            "stations": [{"name": "press", "service": {"kind": "deterministic", "value_s": 10}}],
            "part_types": [{"name": "nut", "route": ["press"]}, {"name": "bolt", "route": ["press"]}],
        }
    )
    journal = write(
        line,
        (5, Event.RELEASE, 7, "type.bolt"),
        (5, Event.SETUP, 7, "press.1"),
        (8, Event.START, 7, "press.1"),
        (10, Event.FAIL, -1, "press.1"),
        (20, Event.REPAIR, -1, "press.1"),
        (30, Event.FINISH, 7, "press.1"),
        (30, Event.LEAVE, 7, "press.1"),
        (30, Event.EXIT, 7, "type.bolt"),
        (30, Event.RELEASE, 4, "type.nut"),
        (30, Event.START, 4, "press.1"),
    )
    bars = gantt(line, journal)
    told = zip(
        [State(code).name for code in bars.state],
        bars.part.tolist(),
        bars.part_type.tolist(),
        bars.start_s.tolist(),
        bars.end_s.tolist(),
        strict=True,
    )
    assert list(told) == [
        ("STARVED", -1, -1, 0, 5),
        ("SETUP", 7, 1, 5, 8),
        ("WORKING", 7, 1, 8, 10),
        ("DOWN", 7, 1, 10, 20),
        ("WORKING", 7, 1, 20, 30),
        ("WORKING", 4, 0, 30, 50),
    ]
    assert {bars.places[place] for place in bars.machine} == {"press.1"}
    cut = bars.within(9, 25)
    assert list(zip(cut.start_s.tolist(), cut.end_s.tolist(), strict=True)) == [(9, 10), (10, 20), (20, 25)]


def test_bars_cover_every_machine_and_agree_with_its_states(workshop: ProductionLine, workshop_run: Run) -> None:
    bars = gantt(workshop, workshop_run.journal)
    assert (bars.end_s > bars.start_s).all()
    for machines in Places(workshop).machines:
        for place in machines:
            mine = bars.machine == place
            np.testing.assert_array_equal(bars.start_s[mine], np.append(0, bars.end_s[mine][:-1]))
            assert bars.end_s[mine][-1] == workshop.horizon_s
            start_s, state = state_intervals(workshop_run.journal, place)
            middle_s = (bars.start_s[mine] + bars.end_s[mine]) / 2
            now = np.searchsorted(start_s, middle_s, side="right") - 1
            np.testing.assert_array_equal(bars.state[mine], state[now])


def test_every_service_has_its_part(workshop: ProductionLine, workshop_run: Run) -> None:
    bars, journal = gantt(workshop, workshop_run.journal), workshop_run.journal
    working = bars.state == State.WORKING
    assert (bars.part[working] >= 0).all()
    assert (bars.part[np.isin(bars.state, [State.STARVED])] == -1).all()
    kind_of = dict(
        zip(
            journal.entity[journal.event == Event.RELEASE].tolist(),
            journal.place[journal.event == Event.RELEASE].tolist(),
            strict=True,
        )
    )
    for part, kind in zip(bars.part[working].tolist(), bars.part_type[working].tolist(), strict=True):
        assert bars.places[kind_of[part]] == f"type.{workshop.types[kind].name}"


@pytest.mark.parametrize("rows", [0, 1])
def test_a_run_in_which_little_happens_is_covered_too(write: Callable[..., Journal], rows: int) -> None:
    line = ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": 50,
            "release": {"kind": "saturated"},
            "stations": [{"name": "press", "service": {"kind": "deterministic", "value_s": 10}}],
        }
    )
    bars = gantt(line, write(line, *[(0, Event.FAIL, -1, "press.1")][:rows]))
    assert bars.state.tolist() == [State.DOWN if rows else State.STARVED]
    assert (bars.start_s.tolist(), bars.end_s.tolist()) == ([0], [50])
