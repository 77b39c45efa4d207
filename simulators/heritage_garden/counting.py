"""The one pass through a garden's journal from which its KPIs come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulators.borrowing import borrowed
from simulators.heritage_garden.air import CO2_LIMIT_PPM, carbon_dioxide_ppm, time_above_s
from simulators.heritage_garden.events import (
    ALARM,
    ARRIVE,
    CHECK,
    COMMAND,
    ENTER,
    EXIT,
    GIVE_UP,
    JOIN,
    QUEUE,
    REFUSE,
    VISIT,
    WAIT,
    WALK,
    WALK_BACK,
)
from simulators.heritage_garden.service_level import level
from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["TOTALS", "Crowds", "Ground", "Halls", "Live", "count", "settle"]

NOBODY = -1
LONG_WAIT_S = 1800.0

# Rows of the array of totals.
(
    NOW_S, LEADER, INSIDE, INSIDE_PEAK, INSIDE_S, OVER_S, ENTERED, CHECKED, WAITED_S, LONG_WAITED, GAVE_UP, REFUSED,
    LEFT, STAYED_S, SEEN, PATH_WAIT_S, JUDGED, CONTENT, WEAR, REVENUE, ALARM_S, LAST_EXIT_S, VIEWS,
) = range(23)  # fmt: skip
TOTALS = 23


class Ground(NamedTuple):
    """What the places are; ``L`` gates, scenes and paths in the journal's order, ``K`` segments.

    Parameters
    ----------
    bounds
        ``(3,)`` places at which scenes, paths and segments begin.
    scalars
        ``(5,)`` begin of counting in seconds, instantaneous capacity, delight that makes a perfect visit,
        waiting in seconds that spoils it, and the horizon in seconds.
    area_m2, carrying, fragility
        ``(L,)``, 0 where a place has none.
    delight, views
        ``(L,)`` what a visit gives, by the scene and what is seen from it, and how many views it has.
    hall
        ``(L,)`` number of the hall, -1 for everything else.
    price_cny
        ``(K,)`` of a ticket.
    """

    bounds: NDArray[np.int64]
    scalars: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    carrying: NDArray[np.float64]
    fragility: NDArray[np.float64]
    delight: NDArray[np.float64]
    views: NDArray[np.int64]
    hall: NDArray[np.int64]
    price_cny: NDArray[np.float64]


class Live(NamedTuple):
    """Parties that have arrived and not yet gone, each in the row that its leader's number leaves modulo ``R``."""

    leader: NDArray[np.int64]
    size: NDArray[np.int64]
    segment: NDArray[np.int64]
    place: NDArray[np.int64]
    seen: NDArray[np.int64]
    queued_s: NDArray[np.float64]
    entered_s: NDArray[np.float64]
    waits_since_s: NDArray[np.float64]
    waited_s: NDArray[np.float64]
    joy: NDArray[np.float64]
    views: NDArray[np.float64]


class Crowds(NamedTuple):
    """Visitors by place; for gates those in the queue.

    Parameters
    ----------
    visitors, peak, visits
        ``(L,)`` now, most so far, and how many came.
    since_s, person_s, over_s
        ``(L,)`` last change; visitor-seconds; seconds over the carrying capacity.
    level_s
        ``(6,)`` visitor-seconds on paths and in scenes by level of service.
    wait_s
        ``(G, 2)`` visitor-seconds waited, and visitors checked, by gate.
    """

    visitors: NDArray[np.int64]
    peak: NDArray[np.int64]
    visits: NDArray[np.int64]
    since_s: NDArray[np.float64]
    person_s: NDArray[np.float64]
    over_s: NDArray[np.float64]
    level_s: NDArray[np.float64]
    wait_s: NDArray[np.float64]


class Halls(NamedTuple):
    """Air of ``H`` halls: their volume and air changes an hour, carbon dioxide now and at most, time over the limit."""

    volume_m3: NDArray[np.float64]
    air_changes_per_h: NDArray[np.float64]
    ppm: NDArray[np.float64]
    peak_ppm: NDArray[np.float64]
    over_s: NDArray[np.float64]


@inlined
def _pass_time(ground: Ground, crowds: Crowds, halls: Halls, place: int, now_s: float) -> None:
    """Bring the integrals of a place up to a moment."""
    span_s = now_s - crowds.since_s[place]
    crowds.since_s[place] = now_s
    if span_s <= 0:
        return
    visitors = crowds.visitors[place]
    counted = now_s > ground.scalars[0]
    counted_s = min(span_s, now_s - ground.scalars[0]) if counted else 0.0
    if counted and place >= ground.bounds[0]:
        crowds.person_s[place] += visitors * counted_s
        crowds.level_s[level(visitors / ground.area_m2[place])] += visitors * counted_s
        if ground.carrying[place] > 0 and visitors > ground.carrying[place]:
            crowds.over_s[place] += counted_s
    hall = ground.hall[place]
    if hall != NOBODY:
        air = halls.volume_m3[hall], halls.air_changes_per_h[hall]
        if counted:
            before_ppm = carbon_dioxide_ppm(halls.ppm[hall], visitors, air[0], air[1], span_s - counted_s)
            halls.over_s[hall] += time_above_s(CO2_LIMIT_PPM, before_ppm, visitors, air[0], air[1], counted_s)
        halls.ppm[hall] = carbon_dioxide_ppm(halls.ppm[hall], visitors, air[0], air[1], span_s)
        if counted:
            halls.peak_ppm[hall] = max(halls.peak_ppm[hall], halls.ppm[hall])


@inlined
def _come(ground: Ground, crowds: Crowds, halls: Halls, place: int, visitors: int, now_s: float) -> None:
    """Change the visitors at a place."""
    _pass_time(ground, crowds, halls, place, now_s)
    crowds.visitors[place] += visitors
    if now_s >= ground.scalars[0]:
        crowds.peak[place] = max(crowds.peak[place], crowds.visitors[place])
        if visitors > 0:
            crowds.visits[place] += visitors


@inlined
def _inside(ground: Ground, totals: NDArray[np.float64], visitors: int, now_s: float) -> None:
    """Change the visitors in the garden."""
    span_s = now_s - max(totals[NOW_S], ground.scalars[0])
    if span_s > 0:
        totals[INSIDE_S] += totals[INSIDE] * span_s
        if totals[INSIDE] > ground.scalars[1]:
            totals[OVER_S] += span_s
    totals[NOW_S] = now_s
    totals[INSIDE] += visitors
    if now_s >= ground.scalars[0]:
        totals[INSIDE_PEAK] = max(totals[INSIDE_PEAK], totals[INSIDE])


@compiled
def settle(ground: Ground, totals: NDArray[np.float64], crowds: Crowds, halls: Halls) -> None:
    """Bring everything up to the horizon."""
    end_s = ground.scalars[4]
    for place in range(len(crowds.visitors)):
        _pass_time(ground, crowds, halls, place, end_s)
    _inside(ground, totals, 0, end_s)


@inlined
def _judge(ground: Ground, totals: NDArray[np.float64], live: Live, slot: int, now_s: float) -> None:
    """Add up what a party that goes out makes of its visit."""
    size, left, seen = live.size[slot], live.seen[slot], 0
    while left:
        left &= left - 1
        seen += 1
    joy = min(1.0, live.joy[slot] / ground.scalars[2])
    patience = max(0.0, 1 - live.waited_s[slot] / ground.scalars[3])
    totals[LEFT] += size
    totals[SEEN] += size * seen
    totals[VIEWS] += size * live.views[slot]
    totals[STAYED_S] += size * (now_s - live.entered_s[slot])
    totals[JUDGED] += size
    totals[CONTENT] += size * joy * patience


@compiled
def count(
    time_s: NDArray[np.float64],
    event: NDArray[np.int16],
    entity: NDArray[np.int64],
    place: NDArray[np.int32],
    first: int,
    ground: Ground,
    totals: NDArray[np.float64],
    live: Live,
    crowds: Crowds,
    halls: Halls,
) -> int:
    """Count the events from row ``first`` on; return how many rows are done.

    Fewer than all means that ``live`` needs more rows.
    """
    ground, live, crowds, halls = borrowed(ground), borrowed(live), borrowed(crowds), borrowed(halls)
    room = len(live.leader) - 1  # a power of two, less one
    for row in range(first, len(event)):
        kind, now_s, here = event[row], time_s[row], place[row]
        counted = now_s >= ground.scalars[0]
        if kind == JOIN:
            live.size[int(totals[LEADER]) & room] += 1
            continue
        if kind == ALARM:
            totals[ALARM_S] = now_s
            continue
        if entity[row] == NOBODY or kind == COMMAND:
            continue
        slot = entity[row] & room
        if kind == ARRIVE:
            if live.leader[slot] != NOBODY:
                return row
            totals[LEADER] = entity[row]
            live.leader[slot], live.size[slot], live.segment[slot] = entity[row], 1, here - ground.bounds[2]
            live.place[slot], live.seen[slot], live.waits_since_s[slot] = NOBODY, 0, -1.0
            live.waited_s[slot], live.joy[slot], live.queued_s[slot] = 0.0, 0.0, -1.0
            live.views[slot] = 0.0
            continue
        size = live.size[slot]
        if kind == REFUSE:
            totals[REFUSED] += size * counted
            live.leader[slot] = NOBODY
            continue
        # First the party leaves where it was: the queue, a path, a scene, the mouth of a path.
        if kind == CHECK or (kind == GIVE_UP and live.queued_s[slot] >= 0):
            _come(ground, crowds, halls, here, -size, now_s)
        elif live.place[slot] != NOBODY:
            _come(ground, crowds, halls, live.place[slot], -size, now_s)
            live.place[slot] = NOBODY
        if live.waits_since_s[slot] >= 0:
            live.waited_s[slot] += now_s - live.waits_since_s[slot]
            totals[PATH_WAIT_S] += size * (now_s - live.waits_since_s[slot]) * counted
            live.waits_since_s[slot] = -1.0
        if kind in (QUEUE, WALK, WALK_BACK, VISIT):
            _come(ground, crowds, halls, here, size, now_s)
        if kind == QUEUE:
            live.queued_s[slot] = now_s
        elif kind == CHECK:
            waited_s = now_s - live.queued_s[slot]
            live.waited_s[slot] += waited_s
            live.queued_s[slot] = -1.0
            if counted:
                totals[CHECKED] += size
                totals[WAITED_S] += size * waited_s
                totals[LONG_WAITED] += size * (waited_s > LONG_WAIT_S)
                crowds.wait_s[here, 0] += size * waited_s
                crowds.wait_s[here, 1] += size
        elif kind == GIVE_UP:
            totals[GAVE_UP] += size * counted
            totals[JUDGED] += size * counted
            live.leader[slot] = NOBODY
        elif kind == ENTER:
            live.entered_s[slot] = now_s
            _inside(ground, totals, size, now_s)
            if counted:
                totals[ENTERED] += size
                totals[REVENUE] += size * ground.price_cny[live.segment[slot]]
        elif kind == WAIT:
            live.waits_since_s[slot] = now_s
        elif kind in (WALK, WALK_BACK, VISIT):
            live.place[slot] = here
            totals[WEAR] += ground.fragility[here] * size * counted
            if kind == VISIT:
                bit = 1 << (here - ground.bounds[0])
                if not live.seen[slot] & bit:
                    live.seen[slot] |= bit
                    crowding = crowds.visitors[here] / (2 * ground.carrying[here])
                    live.joy[slot] += ground.delight[here] * max(0.0, 1 - crowding)
                    live.views[slot] += ground.views[here]
        elif kind == EXIT:
            _inside(ground, totals, -size, now_s)
            totals[LAST_EXIT_S] = now_s
            live.leader[slot] = NOBODY
            if counted:
                _judge(ground, totals, live, slot, now_s)
    return len(event)
