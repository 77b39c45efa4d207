from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.production_line import Event, Places, ProductionLine, State, state_intervals
from simulators.production_line.states import states_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators import Journal, Run

PLAIN = ProductionLine.model_validate(
    {
        "kind": "production_line",
        "horizon_s": 100,
        "release": {"kind": "saturated"},
        "stations": [{"name": "press", "service": {"kind": "deterministic", "value_s": 10}}],
    }
)


def follow(journal: Journal) -> list[tuple[float, State]]:
    start_s, state = state_intervals(journal, Places(PLAIN).machines[0][0])
    return [(float(time_s), State(code)) for time_s, code in zip(start_s, state, strict=True)]


def test_what_a_machine_holds_decides(write: Callable[..., Journal]) -> None:
    journal = write(
        PLAIN,
        (1, Event.AWAIT, 0, "press.1"),
        (2, Event.SETUP, 0, "press.1"),
        (3, Event.START, 0, "press.1"),
        (4, Event.AWAIT, 0, "press.1"),
        (5, Event.START, 0, "press.1"),
        (6, Event.FINISH, 0, "press.1"),
        (7, Event.LEAVE, 0, "press.1"),
    )
    assert follow(journal) == [
        (0, State.STARVED),
        (1, State.AWAITING),
        (2, State.SETUP),
        (3, State.WORKING),
        (4, State.AWAITING),
        (5, State.WORKING),
        (6, State.BLOCKED),
        (7, State.STARVED),
    ]


def test_off_comes_before_down_before_maintenance_before_what_is_held(write: Callable[..., Journal]) -> None:
    journal = write(
        PLAIN,
        (1, Event.MAINTAIN, -1, "press.1"),
        (2, Event.FAIL, -1, "press.1"),
        (3, Event.OFF, -1, "press.1"),
        (4, Event.MAINTAINED, -1, "press.1"),
        (5, Event.ON, -1, "press.1"),
        (6, Event.MEND, -1, "press.1"),
        (7, Event.REPAIR, -1, "press.1"),
        (8, Event.START, 0, "press.1"),
        (9, Event.DEFECT, 0, "press.1"),
    )
    assert follow(journal) == [
        (0, State.STARVED),
        (1, State.MAINTENANCE),
        (2, State.DOWN),
        (3, State.OFF),
        (4, State.OFF),
        (5, State.DOWN),
        (7, State.STARVED),
        (8, State.WORKING),
    ]


def test_machines_are_only_ever_in_the_states_of_their_station(workshop: ProductionLine, workshop_run: Run) -> None:
    seen: set[int] = set()
    for station, machines in zip(workshop.stations, Places(workshop).machines, strict=True):
        for place in machines:
            start_s, state = state_intervals(workshop_run.journal, place)
            assert (np.diff(start_s) >= 0).all()
            assert set(state.tolist()) <= set(states_of(station))
            seen |= set(state.tolist())
    assert seen == set(State)
