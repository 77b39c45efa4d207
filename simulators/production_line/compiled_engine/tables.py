"""The state of a compiled line: tables of records, one a kind of thing, in the order of :class:`Places`.

A record is what an object is to the SimPy engine. What is not there is `NONE`. Lists of parts are strung through
``parts.next``: a part stands in one list at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table: TypeAlias = Any  # an array of records, whose fields are attributes to Numba and unknown to NumPy's types

__all__ = [
    "CALL",
    "CREW",
    "KIND",
    "MACHINE",
    "NOBODY",
    "NONE",
    "NO_EVENT",
    "ORDER",
    "PART",
    "PORT",
    "SHIFT",
    "SKILL",
    "SOURCE",
    "STATION",
    "STEP",
    "TASKS",
    "WORLD",
    "Line",
    "Number",
]  # fmt: skip

NONE: Any = np.uint32(0xFFFFFFFF)
"""What is not there. Unsigned, as all numbers of things: Numba then need not look whether an index is negative."""

Number: TypeAlias = Any
"""What numbers a thing in compiled code: a ``numpy.uint32``, which to a type checker is no ``int``."""

NO_EVENT = -1
NOBODY = -1
TASKS = 3  # activity, repair, maintenance

I4, I8, F8, B1 = np.uint32, np.int64, np.float64, np.bool_


def _record(**fields: type) -> np.dtype[Any]:
    """Return a record of these fields, the widest first, so that none of its bytes is wasted."""
    by_size = sorted(fields.items(), key=lambda field: -np.dtype(field[1]).itemsize)
    return np.dtype(by_size, align=True)


PART = _record(
    number=I8, due_s=F8, kind=I4, source=I4, step=I4, detour=I4, reworks=I4, next=I4, holder=I4, home=I4, defective=B1
)
"""A part. ``holder``: the machine on which it waits for room downstream; ``home``: the station it then is at."""

MACHINE = _record(
    left_s=F8, began_s=F8, ends_s=F8, life_s=F8, worked_s=F8, timer=I8, next_failure=I8, station=I4, local=I4, part=I4,
    set_up_for=I4, activity=I4, service=I4, up_time=I4, repair_time=I4, maintenance=I4, defect=I4, inspection=I4,
    finished=B1, shown=B1, down=B1, off=B1, in_maintenance=B1, due=B1,
)  # fmt: skip
"""A machine. ``service`` … ``inspection``: its streams; ``timer`` and ``next_failure``: numbers of events."""

STATION = _record(
    transport_time_s=F8, every_s=F8, detection=F8, false_alarm=F8, defect_probability=F8, mean_service_s=F8,
    first_machine=I4, end_machine=I4, buffer_places=I4, cards=I4, held=I4, capacity=I4, conveyor_place=I4, on_way=I4,
    arrived=I4, way_head=I4, way_tail=I4, store_place=I4, first_kit=I4, end_kit=I4, first_entrance=I4, end_entrance=I4,
    dispatching=I4, setups=I4, setup_skill=I4, service_skill=I4, failure_clock=I4, repair_skill=I4,
    maintenance_clock=I4, maintenance_skill=I4, rework=I4, most_reworks=I4, shift=I4, waiting_here=I4,
    renews=B1, inspects=B1, marked=B1,
)  # fmt: skip
"""A station. ``setups``: where its matrix of set-ups begins; ``waiting_here``: its finished parts that wait."""

PORT = _record(
    station=I4, place=I4, places=I4, count=I4, head=I4, tail=I4, queued=I4, waiting_head=I4, waiting_tail=I4,
    first_feeder=I4, end_feeder=I4,
)  # fmt: skip
"""A way into a station, first the stations' own in order. ``places``, ``count``: of components."""

KIND = _record(first_step=I4, end_step=I4, feed_port=I4, place=I4)
"""A part type."""

STEP = _record(mean_service_s=F8, station=I4, service=I4)
"""A step of a route. ``service``: stream of the station's first machine, `NONE` for the station's own time."""

SOURCE = _record(
    release=I4, limit=I4, wip=I4, next_kind=I4, first_type=I4, end_type=I4, interval=I4, luck=I4, head=I4, tail=I4
)
"""A release, and the parts outside that wait to be let in."""

ORDER = _record(due_s=F8, first_number=I8, kind=I4, source=I4, quantity=I4)
"""An order."""

CREW = _record(members=I4, busy=I4, shift=I4, first_skill=I4, end_skill=I4, on_duty=B1)
"""A crew."""

SKILL = _record(head=I4, tail=I4)
"""A skill, and the calls for it."""

CALL = _record(number=I8, next=I4, previous=I4, skill=I4, attendant=I4, waits=B1)
"""A task of a machine, ``machine * TASKS + task``: its call, or the crew that attends to it."""

SHIFT = _record(cycle_s=F8, first_toggle=I4, end_toggle=I4, toggles=I8, on=B1)
"""A shift."""

WORLD = _record(
    now_s=F8, next_number=I8, calls=I8, free=I4, free_count=I4, mark_head=I4, mark_count=I4, settling=I4, going=I4,
    entering=I4, port=I4, loading=I4, freeing=I4, assigning=I4, then_machine=I4, then=I4, toggling=I4, toggle_crew=I4,
    toggle_machine=I4, slots_wanted=I4, may_deadlock=B1, starving=B1, blocked_anew=B1, off_conveyor=B1,
)  # fmt: skip
"""The clock, the pool of parts, and what is under way at this instant; one record."""


class Line(NamedTuple):
    """All tables of a line.

    Parameters
    ----------
    world
        One `WORLD` record.
    machines, stations, ports, kinds, steps, sources, orders, crews, skills, calls, shifts
        Records of these things.
    parts
        Records of all parts in the line or outside; the free ones are strung together as well.
    marks
        ``(S,)`` ring of the stations to be looked at.
    entrances
        Sources by station, from ``first_entrance`` to ``end_entrance``.
    feeders
        Stations, and behind them sources, by port, from ``first_feeder`` to ``end_feeder``.
    types, shares
        Part types by source, and how the shares add up, from ``first_type`` to ``end_type``.
    crew_skills
        Skills by crew, from ``first_skill`` to ``end_skill``.
    setup_stream, setup_mean_s
        Streams of the stations' first machines, and means, by station, type before and type after.
    toggles_s
        Times in the cycle by shift.
    """

    world: Table
    parts: Table
    machines: Table
    stations: Table
    ports: Table
    kinds: Table
    steps: Table
    sources: Table
    orders: Table
    crews: Table
    skills: Table
    calls: Table
    shifts: Table
    marks: NDArray[np.uint32]
    entrances: NDArray[np.uint32]
    feeders: NDArray[np.uint32]
    types: NDArray[np.uint32]
    shares: NDArray[np.float64]
    crew_skills: NDArray[np.uint32]
    setup_stream: NDArray[np.uint32]
    setup_mean_s: NDArray[np.float64]
    toggles_s: NDArray[np.float64]
