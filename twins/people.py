"""Operators, setters and repairers of a line: who stands at which machine, derived from the journal.

The journal tells when somebody works at a machine, not who. Whoever of the first crew with that skill has been free
the longest is shown there, as the simulation takes them; away from work they stand on the walkway.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.production_line import Event, State
from twins.machines import DEPTH_M
from twins.motion import spells
from twins.person import person
from twins.scene import Movers
from twins.timing import BEYOND_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from simulators.journal import Journal
    from simulators.production_line import Crew, Places, ProductionLine, Shift, Station
    from twins.layout import Layout
    from twins.scene import Solid

__all__ = ["CREW_COLORS", "WALKWAY_M", "Task", "people", "tasks"]

CREW_COLORS = ("#2f6db3", "#d9822b", "#12805c", "#8b5cf6", "#c8503c", "#1f8f94")

WALK_S, RESTS_AFTER_S = 4.0, 12.0
"""How long a walk takes at most, and after which time without work one goes back to the walkway; simulated seconds."""

BEFORE_MACHINE_M, REST_PITCH_M = 0.42, 0.6
WALKWAY_M = 1.25
"""From the line's depth to the middle of the walkway."""


class Task(NamedTuple):
    """Somebody works at a machine.

    Parameters
    ----------
    skill
        What it takes.
    station, machine
        Numbers; of the machine within its station.
    start_s, end_s
        Simulated time; infinite where it goes on.
    """

    skill: str
    station: int
    machine: int
    start_s: float
    end_s: float


class _Spot(NamedTuple):
    x_m: float
    z_m: float


def tasks(scenario: ProductionLine, journal: Journal, places: Places, end_s: float) -> list[Task]:
    """Return who is needed where and gets there, in order of the beginnings.

    Parameters
    ----------
    scenario
        The line.
    journal
        What happened in it.
    places
        The line's places.
    end_s
        What begins later is left out, simulated seconds.
    """
    found: list[Task] = []
    for number, station in enumerate(scenario.stations):
        attended = {state: skill for state, skill in _attended(station).items() if skill is not None}
        mends = station.failures.skill if station.failures else None
        for machine, place in enumerate(places.machines[number]):
            if mends is not None:
                found += _repairs(journal, place, mends, number, machine)
            if not attended:
                continue
            track = spells(journal, place, 0.0, end_s)
            for state, *times_s in zip(
                *(column.tolist() for column in (track.state, track.start_s, track.end_s)), strict=True
            ):
                skill = attended.get(State(state))
                if skill is not None:
                    found.append(Task(skill, number, machine, *times_s))
    return sorted(found, key=lambda task: task.start_s)


def _attended(station: Station) -> dict[State, str | None]:
    """Return the skill that each state of a station's machines takes."""
    return {
        State.WORKING: station.service_skill,
        State.SETUP: station.setup.skill if station.setup else None,
        State.MAINTENANCE: station.maintenance.skill if station.maintenance else None,
    }


def _repairs(journal: Journal, place: int, skill: str, station: int, machine: int) -> Iterator[Task]:
    mine = np.flatnonzero((journal.place == place) & np.isin(journal.event, (Event.MEND, Event.REPAIR)))
    mends = mine[journal.event[mine] == Event.MEND]
    ends = mine[journal.event[mine] == Event.REPAIR]
    until_s = np.append(journal.time_s[ends], np.inf)[np.searchsorted(ends, mends)]
    for start_s, end_s in zip(journal.time_s[mends].tolist(), until_s.tolist(), strict=True):
        yield Task(skill, station, machine, start_s, end_s)


def people(
    scenario: ProductionLine, layout: Layout, found: Sequence[Task], depth_m: float, start_s: float, end_s: float
) -> list[Movers]:
    """Return the members of every crew, walking and standing.

    Parameters
    ----------
    scenario
        The line.
    layout
        Where its machines stand.
    found
        What there is to do.
    depth_m
        Half of the line's depth along z.
    start_s, end_s
        The window, simulated seconds.
    """
    walkway_m = depth_m + WALKWAY_M
    middle_m, made, done = (layout.entrance_m + layout.exit_m) / 2, [], 0
    shared = _shared(scenario.crews, found)
    everybody = sum(len(members) for members in shared)
    shifts: dict[str | None, Shift] = {shift.name: shift for shift in scenario.shifts}
    for number, (crew, members) in enumerate(zip(scenario.crews, shared, strict=True)):
        rows: list[tuple[float, ...]] = []
        for member in members:
            rest = _Spot(middle_m + (done - (everybody - 1) / 2) * REST_PITCH_M, walkway_m)
            rows += _at_work(_day(layout, member, rest, walkway_m, start_s, end_s), rest, shifts.get(crew.shift))
            done += 1
        made.append(_walkers(f"crew {crew.name}", person(CREW_COLORS[number % len(CREW_COLORS)]), rows, start_s, end_s))
    return made


def _shared(crews: Sequence[Crew], found: Sequence[Task]) -> list[list[list[Task]]]:
    """Share tasks out: for every crew and member what she does."""
    shared: list[list[list[Task]]] = [[[] for _ in range(crew.members)] for crew in crews]
    for task in found:
        able = [number for number, crew in enumerate(crews) if task.skill in crew.skills]
        idle = [
            (crew, member)
            for crew in able
            for member in range(crews[crew].members)
            if not shared[crew][member] or shared[crew][member][-1].end_s <= task.start_s
        ]
        if idle:  # else another crew did it; who it was is not known, and nobody is shown twice
            first = [pair for pair in idle if pair[0] == idle[0][0]]
            crew, member = min(
                first, key=lambda pair: shared[pair[0]][pair[1]][-1].end_s if shared[pair[0]][pair[1]] else -1.0
            )
            shared[crew][member].append(task)
    return shared


def _at_work(rows: Iterable[tuple[float, ...]], rest: _Spot, shift: Shift | None) -> Iterator[tuple[float, ...]]:
    """Leave out when somebody stands on the walkway outside of her shift; who works still ends her task."""
    for row in rows:
        if shift is None or _Spot(row[0], row[2]) != rest or _Spot(row[3], row[5]) != _Spot(*_facing(rest)[::2]):
            yield row
            continue
        begin_s, until_s = row[6], row[8]
        for cycle in range(int(begin_s // shift.cycle_s), int(until_s // shift.cycle_s) + 1):
            for period in shift.periods:
                on_s = max(begin_s, cycle * shift.cycle_s + period.start_s)
                off_s = min(until_s, cycle * shift.cycle_s + period.end_s)
                if on_s < off_s:
                    yield (*row[:6], on_s, on_s, off_s)


def _day(
    layout: Layout, todo: Sequence[Task], rest: _Spot, walkway_m: float, start_s: float, end_s: float
) -> Iterator[tuple[float, ...]]:
    """Yield from, to, appear, arrive, vanish of every straight piece of one person's way.

    What somebody does at a moment depends on nothing later, so that people whom one watches live do not jump.
    """
    at, since_s = rest, start_s
    for task in todo:
        if task.start_s >= end_s:
            break
        there = _before(layout, task)
        if task.end_s <= start_s:
            at, since_s = there, task.end_s
            continue
        yield from _idle(layout, at, rest, walkway_m, since_s, max(task.start_s, start_s))
        if max(task.start_s, start_s) - since_s > RESTS_AFTER_S:
            at = rest
        walks_s = min(WALK_S, 0.5 * (task.end_s - task.start_s))
        if walks_s > 0 and at != there:
            yield from _walk(layout, at, there, walkway_m, task.start_s, task.start_s + walks_s, task.end_s)
        else:
            yield from _stand(there, task.start_s, task.end_s)
        at, since_s = there, task.end_s
    yield from _idle(layout, at, rest, walkway_m, since_s, end_s + BEYOND_S)


def _before(layout: Layout, task: Task) -> _Spot:
    bay = layout.bays[task.station]
    return _Spot(bay.machine_m, bay.lanes_m[task.machine] + DEPTH_M / 2 + BEFORE_MACHINE_M)


def _idle(
    layout: Layout, at: _Spot, rest: _Spot, walkway_m: float, since_s: float, until_s: float
) -> Iterator[tuple[float, ...]]:
    """Yield what somebody does without work: after a while she goes back to the walkway."""
    leaves_s = since_s + RESTS_AFTER_S
    if at == rest or until_s <= leaves_s:
        yield from _stand(at, since_s, until_s)
        return
    yield from _stand(at, since_s, leaves_s)
    yield from _walk(layout, at, rest, walkway_m, leaves_s, min(leaves_s + WALK_S, until_s), until_s)


def _stand(at: _Spot, start_s: float, end_s: float) -> Iterator[tuple[float, ...]]:
    if end_s > start_s:
        yield (*_xyz(at), *_facing(at), start_s, start_s, end_s)


def _walk(
    layout: Layout, one: _Spot, other: _Spot, walkway_m: float, sets_off_s: float, arrives_s: float, until_s: float
) -> Iterator[tuple[float, ...]]:
    """Yield the way over the walkway, and the stand there until the end."""
    corners = [one, *_out(layout, one, walkway_m), *reversed(_out(layout, other, walkway_m)), other]
    corners = [corner for number, corner in enumerate(corners) if number == 0 or corner != corners[number - 1]]
    lengths = np.array([np.hypot(b.x_m - a.x_m, b.z_m - a.z_m) for a, b in pairwise(corners)])
    gone = np.concatenate(([0.0], np.cumsum(lengths))) / lengths.sum()
    times = (sets_off_s + gone * (arrives_s - sets_off_s)).tolist()
    for (begin, end), (begin_s, end_s) in zip(pairwise(corners), pairwise(times), strict=True):
        yield (*_xyz(begin), *_xyz(end), begin_s, end_s, end_s)
    yield from _stand(other, times[-1], until_s)


def _out(layout: Layout, spot: _Spot, walkway_m: float) -> list[_Spot]:
    """Return the corners of the way from a spot to the walkway; between machines that stand behind others, a gap."""
    if spot.z_m == walkway_m:
        return []
    bay = min(layout.bays, key=lambda bay: abs(bay.machine_m - spot.x_m))
    front_m = max(bay.lanes_m) + DEPTH_M / 2
    if spot.z_m > front_m:
        return [_Spot(spot.x_m, walkway_m)]
    return [_Spot(bay.after_m, spot.z_m), _Spot(bay.after_m, walkway_m)]


def _xyz(spot: _Spot) -> tuple[float, float, float]:
    return spot.x_m, 0.0, spot.z_m


def _facing(spot: _Spot) -> tuple[float, float, float]:
    """Return a point a hair further back: who stands looks at the machines."""
    return spot.x_m, 0.0, spot.z_m - 1e-3


def _walkers(
    name: str, shape: tuple[Solid, ...], rows: Sequence[tuple[float, ...]], start_s: float, end_s: float
) -> Movers:
    table = np.array(rows, np.float64).reshape(-1, 9)
    table = table[(table[:, 8] > start_s) & (table[:, 6] < end_s)]
    appear, arrive, vanish = (np.minimum(column, end_s + BEYOND_S) - start_s for column in table[:, 6:].T)
    count = len(table)
    return Movers(
        name,
        shape,
        table[:, 0:3],
        table[:, 3:6],
        table[:, 0],
        appear,
        arrive,
        vanish,
        np.full(count, 0xFFFFFF),
        np.zeros(count),
        np.zeros(count, np.bool_),
        path="straight",
    )
