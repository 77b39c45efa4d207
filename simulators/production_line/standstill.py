"""Standstills: stations and releases that wait for one another, so that none of them ever goes on.

A station stands still when each of its machines holds a finished part for a place that stands still, or is empty and
lacks something that can only come from where everything stands still. A release stands still when its next part waits
for room at a station that does, or when it may let in no more before parts leave of which all are where nothing moves.
Whatever may still happen by itself, an arrival or the end of a way on a conveyor, counts as moving.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ADVICE", "StationWaits", "find_ring"]

ADVICE = "give one of them more buffer_places, or change the routes or what is let in"


@dataclass
class StationWaits:
    """What a station waits for.

    Parameters
    ----------
    units
        How many finished parts must wait for it to be stuck by them alone: its machines, or its Kanban cards.
    targets
        For each finished part that waits for room, the station where it waits for it; None where room will come by
        itself.
    empty
        Machines without a part; 0 where cards say how many parts it may hold.
    lacking
        The ways in through which something must come before an empty machine can be loaded: for each, the numbers of
        the stations, and behind them of the releases, from which it may come.
    holds
        Whether any part is in it.
    """

    units: int
    targets: list[int | None] = field(default_factory=list)
    empty: int = 0
    lacking: list[tuple[int, ...]] = field(default_factory=list)
    holds: bool = False

    @property
    def idle(self) -> bool:
        """Whether it does nothing now and can do nothing before something comes or goes."""
        return len(self.targets) + (self.empty if self.lacking else 0) >= self.units

    def moves(self, stuck: set[int]) -> bool:
        """Return whether it can go on, the nodes in ``stuck`` being stuck."""
        if any(target not in stuck for target in self.targets):
            return True
        return self.empty > 0 and all(any(node not in stuck for node in nodes) for nodes in self.lacking)

    def reason(self, stuck: set[int]) -> int:
        """Return the first of the stuck nodes that it waits for."""
        for target in self.targets:
            if target is not None:
                return target
        return next(nodes[0] for nodes in self.lacking if stuck.issuperset(nodes))


def find_ring(stations: Sequence[StationWaits], full: Sequence[bool], wanted: Sequence[int | None]) -> list[int]:
    """Return who waits for whom in a ring, in order; nobody if everything may go on.

    Parameters
    ----------
    stations
        What each station waits for.
    full
        Whether each release may let in no more before parts leave.
    wanted
        The station where the next part of each release waits for room; None where none does.

    Returns
    -------
    Numbers of stations and, behind them, of releases.
    """
    first = len(stations)
    stuck = {number for number, station in enumerate(stations) if station.idle}
    stuck |= {first + number for number in range(len(full)) if full[number] or wanted[number] is not None}

    def moves(node: int) -> bool:
        if node < first:
            return stations[node].moves(stuck)
        if full[node - first]:
            return any(station.holds and number not in stuck for number, station in enumerate(stations))
        return wanted[node - first] not in stuck

    while moving := {node for node in stuck if moves(node)}:
        stuck -= moving
    held = sorted(node for node in stuck if node < first and stations[node].holds)
    if not held:
        return []
    ring = [held[0]]
    while True:
        node = ring[-1]
        if node < first:
            following = stations[node].reason(stuck)
        else:
            target = wanted[node - first]
            following = held[0] if full[node - first] or target is None else target
        if following in ring:
            return ring[ring.index(following) :]
        ring.append(following)
