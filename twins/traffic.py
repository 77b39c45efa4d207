"""How parts travel between the places of a line, as movers.

From each station to the next a part goes straight; every other way (back to be mended, past a station, to an assembly
further on) leads over the return conveyor behind the machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.conveyors import board
from twins.machines import BELT_M
from twins.motion import SCRAPPED
from twins.timing import timed_movers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulators.production_line import Places
    from twins.layout import Layout
    from twins.motion import Stays
    from twins.scene import Movers

    Spot = Callable[[NDArray[np.int64]], NDArray[np.float64]]

__all__ = ["parts_in_motion"]

MOVE_S = 5.0
"""Longest time that a part is seen to travel, but on a conveyor; the journal's events come without travel."""

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


def parts_in_motion(layout: Layout, places: Places, found: Stays, start_s: float, end_s: float) -> Movers:
    """Return the parts.

    Parameters
    ----------
    layout
        Where everything stands.
    places
        The line's places.
    found
        Where the parts are when.
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
    back = np.stack(
        [before[stops.bay], np.full(len(found), BELT_M), np.full(len(found), layout.return_m or 0.0)], axis=1
    )
    gate[around] = back[around]
    first_cross[around] = after[from_bay[around] + 1]
    cross[around] = before[stops.bay][around]
    two = direct | around
    until = np.where(found.travels, found.settled_s, np.minimum(found.settled_s, found.start_s + MOVE_S / SETTLED))
    arrive = np.where(found.travels, until, found.start_s + SETTLED * (until - found.start_s))
    half = (found.start_s + arrive) / 2
    return timed_movers(
        "parts",
        board(),
        from_m=np.concatenate([came[two], np.where(two[:, None], gate, came)]),
        to_m=np.concatenate([gate[two], stops.spot]),
        cross_m=np.concatenate([first_cross[two], cross]),
        time_s=(
            np.concatenate([found.start_s[two], np.where(two, half, found.start_s)]),
            np.concatenate([half[two], arrive]),
            np.concatenate([half[two], found.end_s]),
        ),
        window_s=(start_s, end_s),
    )


def _enter_belts(
    layout: Layout, stops: _Stops, found: Stays, came: NDArray[np.float64], seen_before: NDArray[np.bool_]
) -> None:
    """Let parts that travel when the window opens come from the beginning of their conveyor."""
    for number, bay in enumerate(layout.bays):
        mine = seen_before & found.travels & (stops.bay == number)
        came[mine] = (bay.belt_m[0], BELT_M, 0.0)
