"""The stays of parts against a plain replay of the journal."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators.production_line import Event, Places, State, state_intervals
from twins.motion import OUT, SHOWN_SLOTS, spells, stays

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
    assert set(np.concatenate([track.state for track in tracks])) == set(State)


def test_a_line_in_which_nothing_happened_yet_has_no_stays(pcb_run: Run) -> None:
    journal: Journal = type(pcb_run.journal)(
        np.empty(0), np.empty(0, np.int16), np.empty(0, np.int64), np.empty(0, np.int32), pcb_run.journal.places
    )
    assert len(stays(pcb_run.scenario, journal, 0.0, 10.0)) == 0
