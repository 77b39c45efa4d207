"""The stays of parts against a plain replay of the journal."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators import simulate
from simulators.production_line import Event, Places, ProductionLine, state_intervals
from twins.motion import OUT, SCRAPPED, SHOWN_SLOTS, spells, stays
from twins.tables import states_in

if TYPE_CHECKING:
    from simulators import Run
    from simulators.journal import Journal

START_S, END_S = 4000.0, 7600.0
TIMES = np.random.default_rng(1).uniform(START_S, END_S, 60)


def whereabouts(run: Run, time_s: float) -> dict[int, tuple[int, int]]:
    """Return (place, slot) of every part in the line, by going through the journal event by event."""
    places = Places(run.scenario)
    buffers = [deque[int]() for _ in run.scenario.stations]
    machines: dict[int, int] = {}
    station_of = {place: number for number, mine in enumerate(places.machines) for place in mine}
    journal = run.journal
    for time, event, part, place in zip(journal.time_s, journal.event, journal.entity, journal.place, strict=True):
        if time > time_s:
            break
        if event == Event.QUEUE:
            buffers[place].append(part)
        elif event == Event.START:
            queue = buffers[station_of[place]]
            if queue and queue[0] == part:
                queue.popleft()
            machines[place] = part
        elif event == Event.LEAVE:
            del machines[place]
    found = {part: (place, 0) for place, part in machines.items()}
    for number, queue in enumerate(buffers):
        found |= {part: (number, min(slot, SHOWN_SLOTS - 1)) for slot, part in enumerate(queue)}
    return found


@pytest.mark.parametrize("time_s", TIMES)
def test_every_part_in_the_line_stands_once_where_the_journal_says(line_run: Run, time_s: float) -> None:
    found = stays(line_run.scenario, line_run.journal, START_S, END_S)
    now = (found.start_s <= time_s) & (time_s < found.end_s) & (found.place != OUT)
    told = list(zip(found.part[now], found.place[now], found.slot[now], strict=True))
    assert len({part for part, *_ in told}) == len(told)
    assert {part: (place, slot) for part, place, slot in told} == whereabouts(line_run, time_s)


@pytest.mark.parametrize("time_s", TIMES)
def test_a_machine_holds_one_part_at_most(line_run: Run, time_s: float) -> None:
    found = stays(line_run.scenario, line_run.journal, START_S, END_S)
    on_machine = found.place >= len(line_run.scenario.stations)
    now = (found.start_s <= time_s) & (time_s < found.end_s) & on_machine
    assert len(set(found.place[now])) == now.sum() > 0


def test_stays_of_a_part_follow_one_another_without_gap(line_run: Run) -> None:
    found = stays(line_run.scenario, line_run.journal, START_S, END_S)
    same = found.part[1:] == found.part[:-1]
    assert same.any()
    np.testing.assert_array_equal(found.end_s[:-1][same], found.start_s[1:][same])


def test_a_part_has_settled_by_its_next_event(line_run: Run) -> None:
    found = stays(line_run.scenario, line_run.journal, START_S, END_S)
    assert (found.settled_s > found.start_s).all()
    assert (found.settled_s <= found.end_s).all()


def replayed(run: Run, time_s: float) -> dict[int, tuple[int, int | None]]:
    """Return (place, slot) of every part of any line, event by event; on a conveyor the slot is not looked at."""
    places, journal = Places(run.scenario), run.journal
    queues = {place: list[int]() for place, name in enumerate(places.names) if not name.startswith("type.")}
    for time, event, part, place in zip(journal.time_s, journal.event, journal.entity, journal.place, strict=True):
        if time > time_s:
            break
        if event in MOVES:
            for queue in queues.values():
                if part in queue:
                    queue.remove(part)
            if event not in ENDS:
                queues[place].append(part)
    return {
        part: (place, None if place in places.conveyors else min(slot, SHOWN_SLOTS - 1))
        for place, queue in queues.items()
        for slot, part in enumerate(queue)
    }


ENDS = (Event.EXIT, Event.SCRAP, Event.ASSEMBLE)
MOVES = (Event.QUEUE, Event.CONVEY, Event.STORE, Event.START, Event.SETUP, Event.AWAIT, *ENDS)


@pytest.mark.parametrize("time_s", TIMES[:12])
def test_every_part_of_a_workshop_stands_once_where_the_journal_says(workshop_run: Run, time_s: float) -> None:
    places = Places(workshop_run.scenario)
    found = stays(workshop_run.scenario, workshop_run.journal, START_S, END_S)
    now = (found.start_s <= time_s) & (time_s < found.end_s) & (found.place >= 0)
    told = list(zip(found.part[now].tolist(), found.place[now].tolist(), found.slot[now].tolist(), strict=True))
    assert len({part for part, *_ in told}) == len(told) > 0
    shown = {part: (place, None if place in places.conveyors else slot) for part, place, slot in told}
    assert shown == replayed(workshop_run, time_s)


def test_all_places_of_a_workshop_are_met(workshop_run: Run) -> None:
    found = stays(workshop_run.scenario, workshop_run.journal, START_S, END_S)
    names = {workshop_run.journal.places[place] for place in found.place if place >= 0}
    assert {"wash.conveyor", "fit.components.pin", "lathe.store", "mend.1", "mill.2", "test.buffer"} <= names
    assert {OUT, SCRAPPED} <= set(found.place)


def test_parts_travel_on_a_conveyor_for_its_transport_time_and_queue_up_at_its_end(workshop_run: Run) -> None:
    (place,) = (place for place in Places(workshop_run.scenario).conveyors if place >= 0)
    found = stays(workshop_run.scenario, workshop_run.journal, START_S, END_S)
    travels = found.travels
    assert set(found.place[travels]) == {place}
    np.testing.assert_allclose(found.end_s[travels] - found.start_s[travels], 45)  # the line is never in a hurry
    waiting = (found.place == place) & ~travels
    assert waiting.sum() == 0 or (found.end_s > found.start_s)[waiting].all()


def test_parts_that_wait_at_the_end_of_a_conveyor_move_up() -> None:
    line = ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": 400,
            "release": {"kind": "interval", "interval": {"kind": "deterministic", "value_s": 10}},
            "stations": [
                {
                    "name": "wash",
                    "service": {"kind": "deterministic", "value_s": 25},
                    "conveyor": {"transport_time_s": 15, "capacity": 3},
                }
            ],
        }
    )
    run = simulate(line, seed=1)
    found = stays(line, run.journal, 0.0, 400.0)
    mine = np.flatnonzero((found.part == 3) & (found.place == Places(line).conveyors[0]))
    # Part 0 is washed from 25 to 50, 1 until 75, 2 until 100; part 3 enters the belt when part 1 leaves it.
    told = list(zip(found.start_s[mine].tolist(), found.end_s[mine].tolist(), found.slot[mine].tolist(), strict=True))
    assert told == [(40, 55, 1), (55, 75, 1), (75, 100, 0)]


def test_spells_agree_with_the_simulators_states(pcb_run: Run) -> None:
    for machines in Places(pcb_run.scenario).machines:
        for place in machines:
            start_s, state = state_intervals(pcb_run.journal, place)
            track = spells(pcb_run.journal, place, START_S, END_S)
            for time_s in TIMES:
                now = (track.start_s <= time_s) & (time_s < track.end_s)
                assert track.state[now].tolist() == [state[np.searchsorted(start_s, time_s, side="right") - 1]]
            assert (track.end_s > track.start_s).all()
            assert (track.state[1:] != track.state[:-1]).all()


def test_the_line_of_these_tests_meets_every_state(pcb_run: Run) -> None:
    places = Places(pcb_run.scenario)
    tracks = [spells(pcb_run.journal, place, START_S, END_S) for mine in places.machines for place in mine]
    assert set(np.concatenate([track.state for track in tracks])) == set(states_in(pcb_run.scenario))


def test_a_line_in_which_nothing_happened_yet_has_no_stays(pcb_run: Run) -> None:
    journal: Journal = type(pcb_run.journal)(
        np.empty(0), np.empty(0, np.int16), np.empty(0, np.int64), np.empty(0, np.int32), pcb_run.journal.places
    )
    assert len(stays(pcb_run.scenario, journal, 0.0, 10.0)) == 0
