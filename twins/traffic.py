"""How parts travel between the places of a line, as movers.

From each station to the next a part goes straight; on every other way (back to be mended, past a station, to an
assembly further on) a vehicle carries it along the lane before the machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.agvs import Trips
from twins.machines import BELT_M
from twins.motion import SCRAPPED
from twins.timing import timed_movers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from simulators.production_line import Places
    from twins.layout import Layout
    from twins.motion import Stays
    from twins.scene import Movers, Solid

    Spot = Callable[[NDArray[np.int64]], NDArray[np.float64]]

__all__ = ["parts_in_motion"]

MOVE_S = 5.0
"""Longest time that a part is seen to travel, but on a conveyor; the journal's events come without travel."""

RIDE_S = 16.0
"""The same where a vehicle carries it."""

RIDE_SHARES = (0.25, 0.75)
"""Shares of that time at which the vehicle sets off and arrives."""

SETTLED = 0.6
"""Share of the time until a part's next event after which it has arrived."""

ON_BELT, IN_RACK, AT_MACHINE, IN_STORE = range(4)
"""The places of a station in the order in which a part meets them."""


class _Stops:
    """Where each of ``N`` stays is: which station (beyond the last: out), kind of place, and ``(N, 3)`` spot."""

    def __init__(self, layout: Layout, places: Places, found: Stays) -> None:
        count = len(found)
        self.bay = np.full(count, len(layout.bays))
        self.rank = np.full(count, ON_BELT)
        self.spot = np.empty((count, 3))
        self.spot[:] = (layout.exit_m, BELT_M, 0.0)
        self.spot[found.place == SCRAPPED, 2] = layout.scrap_m or 0.0
        self.gate_m = np.full(count, layout.after_m)
        for number, bay in enumerate(layout.bays):
            self._put(found, number, places.conveyors[number], ON_BELT, bay.before_m, bay.belt_at)
            self._put(found, number, number, IN_RACK, bay.belt_m[1] if bay.has_belt else bay.before_m, bay.rack.slot_at)
            for kind, place in places.components[number].items():
                self._put(found, number, place, IN_RACK, bay.before_m, bay.kits[kind].slot_at)
            for lane, place in zip(bay.lanes_m, places.machines[number], strict=True):
                self._put(found, number, place, AT_MACHINE, bay.between_m, _spot(bay.machine_m, lane))
            self._put(found, number, places.stores[number], IN_STORE, bay.between_store_m, bay.store.slot_at)

    def _put(self, found: Stays, bay: int, place: int, rank: int, gate_m: float, spot: Spot) -> None:
        mine = (found.place == place) & (found.place >= 0)
        if mine.any():
            self.bay[mine] = bay
            self.rank[mine] = rank
            self.gate_m[mine] = gate_m
            self.spot[mine] = spot(found.slot[mine])


def _spot(x_m: float, z_m: float) -> Spot:
    return lambda slot: np.tile([x_m, BELT_M, z_m], (len(slot), 1))


def parts_in_motion(
    layout: Layout,
    places: Places,
    found: Stays,
    looks: Sequence[tuple[str, tuple[Solid, ...]]],
    type_of: NDArray[np.int64],
    start_s: float,
    end_s: float,
) -> tuple[list[Movers], Trips]:
    """Return the parts, and which ways of theirs lead along the lane before the machines.

    Parameters
    ----------
    layout
        Where everything stands.
    places
        The line's places.
    found
        Where the parts are when.
    looks
        For every part type what its movers are called, and what such a part looks like.
    type_of
        ``(N,)`` number of the type of the part of each stay.
    start_s, end_s
        The window, simulated seconds.
    """
    stops = _Stops(layout, places, found)
    same = np.append(False, found.part[1:] == found.part[:-1])[: len(found)]
    new = ~same & (found.start_s >= start_s)
    seen_before = ~same & ~new  # it stood there when the window opened; what was before is not looked up
    came = np.roll(stops.spot, 1, axis=0)
    came[new] = (layout.entrance_m, BELT_M, 0.0)
    came[seen_before] = stops.spot[seen_before]
    from_bay, from_rank = np.roll(stops.bay, 1), np.roll(stops.rank, 1)
    from_bay[new], from_rank[new] = -1, IN_STORE
    from_bay[seen_before] = stops.bay[seen_before]
    _enter_belts(layout, stops, found, came, seen_before)
    inside = (same & (np.roll(found.place, 1) == found.place)) | seen_before  # moving up within a queue
    cross = np.where(inside, stops.spot[:, 0], stops.gate_m)
    moves_on = (stops.bay == from_bay) & (stops.rank > from_rank)
    around = ~inside & ~moves_on & (stops.bay != from_bay + 1)
    racks = np.array([bool(bay.rack.slots) for bay in layout.bays] + [False])
    # A part that is loaded at once passes the empty rack on its way to another lane.
    direct = ~inside & ~around & (stops.rank == AT_MACHINE) & racks[stops.bay] & (from_bay != stops.bay)
    direct &= (stops.spot[:, 2] != 0) | (came[:, 2] != 0)
    gate, first_cross = came.copy(), cross.copy()
    before = np.array([bay.before_m for bay in layout.bays] + [layout.after_m])
    gate[direct, 0] = stops.gate_m[direct] - 0.25
    gate[direct, 1:] = (BELT_M, 0.0)
    first_cross[direct] = before[stops.bay][direct]
    after = np.array([layout.bays[0].before_m] + [bay.after_m for bay in layout.bays])
    lane = np.broadcast_to((BELT_M, layout.return_m or 0.0), (len(found), 2))
    pick_up, put_down = after[np.minimum(from_bay + 1, len(layout.bays))], before[stops.bay]  # who is out stays out
    gate[around] = np.column_stack([put_down, lane])[around]
    cross[around] = put_down[around]
    first_cross[around] = pick_up[around]
    longest_s = np.where(around, RIDE_S, MOVE_S) / SETTLED
    until = np.where(found.travels, found.settled_s, np.minimum(found.settled_s, found.start_s + longest_s))
    arrive = np.where(found.travels, until, found.start_s + SETTLED * (until - found.start_s))
    lasts_s = arrive - found.start_s
    begins = np.where(around, found.start_s + RIDE_SHARES[0] * lasts_s, found.start_s)
    ends = found.start_s + np.where(around, RIDE_SHARES[1], 0.5) * lasts_s
    two = direct | around
    last = np.where(two, ends, found.start_s)
    docked = np.column_stack([pick_up, lane])
    # First to the lane or past the rack, then along the lane, then to where the part stays.
    legs = (
        (direct, came, gate, first_cross, found.start_s, ends, ends),
        (around, came, docked, first_cross, found.start_s, begins, begins),
        (around, docked, gate, put_down, begins, ends, ends),
        (
            np.ones(len(found), np.bool_),
            np.where(two[:, None], gate, came),
            stops.spot,
            cross,
            last,
            arrive,
            found.end_s,
        ),
    )
    columns = [np.concatenate([leg[column][leg[0]] for leg in legs]) for column in range(1, 7)]
    kind = np.concatenate([type_of[leg[0]] for leg in legs])
    movers = [
        timed_movers(
            name,
            shape,
            from_m=columns[0][kind == number],
            to_m=columns[1][kind == number],
            cross_m=columns[2][kind == number],
            time_s=(columns[3][kind == number], columns[4][kind == number], columns[5][kind == number]),
            window_s=(start_s, end_s),
        )
        for number, (name, shape) in enumerate(looks)
    ]
    rides = around & (ends > begins)
    return movers, Trips(pick_up[rides], put_down[rides], begins[rides], ends[rides])


def _enter_belts(
    layout: Layout, stops: _Stops, found: Stays, came: NDArray[np.float64], seen_before: NDArray[np.bool_]
) -> None:
    """Let parts that travel when the window opens come from the beginning of their conveyor."""
    for number, bay in enumerate(layout.bays):
        mine = seen_before & found.travels & (stops.bay == number)
        came[mine] = (bay.belt_m[0], BELT_M, 0.0)
