"""Where parts come from: a release that lets them in."""

from __future__ import annotations

from collections import deque
from functools import partial
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, Protocol

from simulators.distributions import UNIT
from simulators.production_line.decisions import WaitingPart
from simulators.production_line.events import RELEASE
from simulators.production_line.simpy_engine.plant import Part

if TYPE_CHECKING:
    import simpy

    from simulators.production_line.decisions import LineState
    from simulators.production_line.places import Places
    from simulators.production_line.scenario import ProductionLine
    from simulators.production_line.simpy_engine.plant import Plant
    from simulators.production_line.simpy_engine.station import Station

__all__ = ["Floor", "Source"]


class Floor(Protocol):
    """What a source needs of the line around it."""

    stations: list[Station]

    def new_number(self) -> int:
        """Return the number of the next part that has none from an order."""

    def order_numbers(self, source: int) -> int:
        """Return the number of the first part of a source's orders."""

    def state(self) -> LineState:
        """Return what a policy is shown of the line."""


class Source:
    """A release of the running line.

    Parameters
    ----------
    plant
        The clock and the record.
    floor
        The line around it.
    scenario, places
        The line as data, and its numbers.
    number
        Which source this is.

    Attributes
    ----------
    wip
        Parts that it has let in and that are still in the line.
    limited
        Whether it lets in only so many at a time.
    most
        So many, where it is limited.
    stopped
        Whether somebody has stopped it: nothing comes in, and what arrives waits outside.
    """

    def __init__(self, plant: Plant, floor: Floor, scenario: ProductionLine, places: Places, number: int) -> None:
        self.plant = plant
        self.floor = floor
        self.wip = 0
        self.limited = places.sources[number].release.kind == "constant_wip"
        self.stopped = False
        self._number = number
        self._data = places.sources[number]
        self.name = self._data.name
        self._release = release = self._data.release
        self.most = release.parts if release.kind == "constant_wip" else 0
        self._type_places = places.types
        self._types = scenario.types
        self._routes = places.routes
        self._first = [floor.stations[places.routes[kind][0][0]] for kind in self._data.types]
        for station in dict.fromkeys(self._first):
            station.entrances.append(self)
        self._outside: deque[Part] = deque()
        self._next_kind: int | None = None  # of endless material, once it is known
        shares = [self._types[kind].share for kind in self._data.types]
        self._shares = [share / sum(shares) for share in accumulate(shares)]
        if len(shares) > 1 and release.kind != "orders":
            self._luck = plant.streams.sampler(f"{self._data.name}.part_type", UNIT)
        if release.kind == "interval":
            self._interval = plant.streams.sampler(f"{self._data.name}.interval", release.interval)

    def switch_on(self) -> None:
        """Schedule the first arrival, or the release of every order."""
        if self._release.kind == "interval":
            self.plant.after(self._interval(), self._arrive)
        elif self._release.kind == "orders":
            names = [kind.name for kind in self._types]
            number = self.floor.order_numbers(self._number)
            for order in self._release.orders:
                kind = names.index(order.part_type)
                parts = [Part(number + n, kind, self._number, order.due_s) for n in range(order.quantity)]
                number += order.quantity
                self.plant.after(order.release_s, partial(self._order, parts))

    @property
    def outside(self) -> int:
        """Parts that have arrived and wait to be let in."""
        return len(self._outside)

    def mark(self) -> None:
        """Have the stations looked at where its parts come in."""
        for station in self._first:
            self.plant.mark(station)

    @property
    def full(self) -> bool:
        """Whether it may let in no more before a part has left the line."""
        return self.limited and self.wip >= self.most

    def wanted(self) -> int | None:
        """Return the station where its next part waits for room that does not come by itself; None if none does.

        Nor is one named where a policy chooses the part, or a command has stopped the release.
        """
        if self.full or self.stopped or "release" in self.plant.policies:
            return None
        kind = self._outside[0].kind if self._outside else self._next_kind
        if kind is None or self._fits(kind):
            return None
        station = self._station(kind)
        return None if station.drains(station.main) else station.position

    def release(self) -> bool:
        """Let one part in if it may and can; return whether one came in."""
        if self.stopped:
            return False
        if "release" in self.plant.policies:
            return self._ask()
        if self._release.kind in ("interval", "orders"):
            if not self._outside:
                return False
            part = self._outside[0]
            if not self._fits(part.kind):
                return False
            self._let_in(self._outside.popleft())
            return True
        if self.full:
            return False
        if self._next_kind is None:
            self._next_kind = self._draw_kind()
        kind = self._next_kind
        if not self._fits(kind):
            return False
        self._next_kind = None
        self._let_in(Part(self.floor.new_number(), kind, self._number))
        return True

    def _ask(self) -> bool:
        """Let in what the policy chooses of the parts that could come in."""
        policy, now_s = self.plant.policies["release"], self.plant.env.now
        if self._release.kind in ("interval", "orders"):
            able = [part for part in self._outside if self._fits(part.kind)]
            shown = tuple(self._shown(part.number, part.kind, part.since_s, part.due_s) for part in able)
        else:
            kinds = [kind for kind in self._data.types if not self.full and self._fits(kind)]
            shown = tuple(self._shown(-1, kind, now_s, inf) for kind in kinds)
        if not shown:
            return False
        chosen = policy.optional_index(len(shown), shown, self.floor.state(), now_s)
        if chosen is None:
            return False
        if self._release.kind in ("interval", "orders"):
            part = able[chosen]
            self._outside.remove(part)
        else:
            part = Part(self.floor.new_number(), kinds[chosen], self._number)
        self._let_in(part)
        return True

    def _fits(self, kind: int) -> bool:
        station = self._station(kind)
        return station.accepts(station.main)

    def _station(self, kind: int) -> Station:
        return self.floor.stations[self._routes[kind][0][0]]

    def _draw_kind(self) -> int:
        if len(self._data.types) == 1:
            return self._data.types[0]
        luck = self._luck()
        for kind, share in zip(self._data.types, self._shares, strict=True):
            if luck < share:
                return kind
        return self._data.types[-1]

    def _let_in(self, part: Part) -> None:
        self.wip += 1
        self.plant.wip += 1
        self.plant.record((self.plant.env.now, RELEASE, part.number, self._type_places[part.kind]))
        station = self._station(part.kind)
        station.enter(station.main, part)

    def _arrive(self, _: simpy.Event) -> None:
        part = Part(self.floor.new_number(), self._draw_kind(), self._number)
        part.since_s = self.plant.env.now
        self._outside.append(part)
        self.plant.after(self._interval(), self._arrive)
        self.mark()
        self.plant.settle()

    def _order(self, parts: list[Part], _: simpy.Event) -> None:
        for part in parts:
            part.since_s = self.plant.env.now
        self._outside.extend(parts)
        self.mark()
        self.plant.settle()

    def _shown(self, number: int, kind: int, since_s: float, due_s: float) -> WaitingPart:
        service_s = self._routes[kind][0][1].mean_s
        return WaitingPart(number, self._types[kind].name, since_s, due_s, service_s, 0.0, 0)
