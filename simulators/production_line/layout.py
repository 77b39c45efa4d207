"""Which way parts can go, and whether they can end up waiting for one another."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from simulators.production_line.places import NOWHERE

if TYPE_CHECKING:
    from simulators.production_line.places import Places
    from simulators.production_line.scenario import ProductionLine

__all__ = ["feeders", "may_deadlock", "may_starve", "order_numbers", "port_stations"]


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


def port_stations(places: Places) -> list[int]:
    """Return the station of every way in: the stations' own in order, then those of their components."""
    stations = range(len(places.components))
    return [*stations, *(number for number in stations for _ in places.components[number])]


def feeders(scenario: ProductionLine, places: Places) -> list[tuple[int, ...]]:
    """Return for every way in, numbered as by :func:`port_stations`, where parts may come from to it.

    A number below that of the stations is a station; the others are the sources.
    """
    found: list[set[int]] = [set() for _ in port_stations(places)]
    for here, ports in enumerate(_ways(scenario, places)):
        for port in ports:
            found[port].add(here)
    for number, source in enumerate(places.sources):
        for kind in source.types:
            found[places.routes[kind][0][0]].add(len(scenario.stations) + number)
    return [tuple(sorted(nodes)) for nodes in found]


def may_deadlock(scenario: ProductionLine, places: Places) -> bool:
    """Return whether the ways of parts through the stations close a ring, all of whose stations are finite."""
    station_of = port_stations(places)
    ways = [{station_of[port] for port in ports} for ports in _ways(scenario, places)]
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


def may_starve(scenario: ProductionLine, places: Places) -> bool:
    """Return whether two of the things that a station puts together come from one station or source on their ways.

    Only then can one of them keep the other from coming.
    """
    station_of, sent = port_stations(places), feeders(scenario, places)
    ports_of: dict[int, list[int]] = {}
    for port, station in enumerate(station_of):
        ports_of.setdefault(station, []).append(port)

    def upstream(port: int) -> set[int]:
        seen: set[int] = set()
        to_see = list(sent[port])
        while to_see:
            node = to_see.pop()
            if node not in seen:
                seen.add(node)
                to_see += [feeder for before in ports_of.get(node, ()) for feeder in sent[before]]
        return seen

    return any(upstream(one) & upstream(other) for ports in ports_of.values() for one, other in combinations(ports, 2))


def _ways(scenario: ProductionLine, places: Places) -> list[set[int]]:
    """Return for every station the ways in, numbered as by :func:`port_stations`, to which its parts may go on."""
    ways: list[set[int]] = [set() for _ in scenario.stations]
    names = [station.name for station in scenario.stations]
    kits = [(number, kind) for number, components in enumerate(places.components) for kind in components]
    for kind, route in enumerate(places.routes):
        stops = [station for station, _ in route]
        for here, following in pairwise(stops):
            ways[here].add(following)
        if places.feeds[kind] != NOWHERE:
            ways[stops[-1]].add(len(names) + kits.index((places.feeds[kind], kind)))
        for stop in set(stops):
            here, seen = stop, set(stops)
            while (inspection := scenario.stations[here].inspection) is not None and inspection.rework is not None:
                rework = names.index(inspection.rework)
                ways[here].add(rework)
                if rework in seen:
                    break
                ways[rework].add(stop)  # where the part comes back to, unless it is rejected there too
                seen.add(rework)
                here = rework
    return ways
