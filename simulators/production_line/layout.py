"""Which way parts can go, and whether they can end up waiting for one another in a ring."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from simulators.production_line.places import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.production_line.places import Places
    from simulators.production_line.scenario import ProductionLine

__all__ = ["Cycle", "may_deadlock", "order_numbers"]


def order_numbers(places: Places) -> tuple[list[int], int]:
    """Return numbers for the parts of orders, given out ahead.

    An order's parts follow one another, whenever they enter.

    Returns
    -------
    For every source the number of its first ordered part, and the first number that no order has.
    """
    first, number = [], 0
    for source in places.sources:
        first.append(number)
        if source.release.kind == "orders":
            number += sum(order.quantity for order in source.release.orders)
    return first, number


def may_deadlock(scenario: ProductionLine, places: Places) -> bool:
    """Return whether the ways of parts through the stations close a ring, all of whose stations are finite."""
    ways: list[set[int]] = [set() for _ in scenario.stations]
    names = [station.name for station in scenario.stations]
    for kind, route in enumerate(places.routes):
        stops = [station for station, _ in route] + [places.feeds[kind]] * (places.feeds[kind] != NOWHERE)
        for here, following in pairwise(stops):
            ways[here].add(following)
        for stop in set(stops):
            here, seen = stop, {station for station, _ in route} if scenario.stations[stop].inspection else set()
            while (inspection := scenario.stations[here].inspection) is not None and inspection.rework is not None:
                rework = names.index(inspection.rework)
                ways[here].add(rework)
                if rework in seen:
                    break
                ways[rework].add(stop)  # where the part comes back to, unless it is rejected there too
                seen.add(rework)
                here = rework
    endless = {
        position
        for position, station in enumerate(scenario.stations)
        if station.buffer_places is None and station.conveyor is None and scenario.cards(station) is None
    }
    left = {position: ways[position] - endless for position in range(len(ways)) if position not in endless}
    while True:  # take away what leads nowhere, until only rings are left
        ends = [position for position, onward in left.items() if not onward]
        if not ends:
            return bool(left)
        for position in ends:
            del left[position]
        for onward in left.values():
            onward.difference_update(ends)


class Cycle:
    """Finds stations that wait for one another: every machine of each holds a finished part for another of them.

    Parameters
    ----------
    stations
        How many stations there are.
    """

    def __init__(self, stations: int) -> None:
        self._targets: list[list[int]] = [[] for _ in range(stations)]

    def add(self, home: int, target: int) -> None:
        """Note that a finished part at ``home`` waits for room at ``target``, `NOWHERE` for one that will have some."""
        self._targets[home].append(target)

    def find(self, units: Sequence[int]) -> list[int]:
        """Return the stations of a ring in order, none if there is none.

        Parameters
        ----------
        units
            ``(S,)`` how many parts of a station must wait for it to be stuck: its machines, or its Kanban cards.
        """
        stuck = {home for home, targets in enumerate(self._targets) if targets and len(targets) >= units[home]}
        while True:
            free = {home for home in stuck if any(target not in stuck for target in self._targets[home])}
            if not free:
                break
            stuck -= free
        if not stuck:
            return []
        ring = [min(stuck)]
        while (following := self._targets[ring[-1]][0]) not in ring:
            ring.append(following)
        return ring[ring.index(following) :]
