"""The line as people read it: SimPy keeps the clock, each kind of event is a method.

Order of simultaneous events. Timed events that fall on the same instant happen in the order in which they were
scheduled. What follows from one of them at that instant happens before the next one: stations that something has
changed for are looked at one after the other, in the order in which they were marked, until nothing can move.
"""

from __future__ import annotations

from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from simulators.errors import DeadlockError
from simulators.production_line.decisions import LineState
from simulators.production_line.layout import feeders, may_deadlock, may_starve, order_numbers
from simulators.production_line.places import Places
from simulators.production_line.simpy_engine.crews import Crews
from simulators.production_line.simpy_engine.plant import Part, Plant
from simulators.production_line.simpy_engine.source import Source
from simulators.production_line.simpy_engine.station import Station
from simulators.production_line.standstill import ADVICE, find_ring

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import simpy

    from simulators.policy import Policy
    from simulators.production_line.crew import Shift
    from simulators.production_line.scenario import ProductionLine
    from simulators.streams import Streams

__all__ = ["Line"]


class Line:
    """A line that can be run, paused and looked at.

    Parameters
    ----------
    scenario
        The line.
    streams
        Where its random numbers come from.
    record
        Takes one event ``(time_s, event, entity, place)``.
    policies
        Python functions that decide, by decision point.

    Attributes
    ----------
    env
        SimPy's environment; ``env.now`` is in seconds, ``env.run(until=...)`` goes on.
    """

    def __init__(
        self,
        scenario: ProductionLine,
        streams: Streams,
        record: Callable[[tuple[float, int, int, int]], None],
        policies: Mapping[str, Policy],
    ) -> None:
        places = Places(scenario)
        self.places = places
        starving = may_starve(scenario, places)
        check = self.check if starving or may_deadlock(scenario, places) else None
        self.plant = plant = Plant(streams, record, policies, check, starving=starving)
        self.env = plant.env
        self.crews = crews = Crews(plant, scenario.crews)
        shifts = {shift.name: shift for shift in scenario.shifts}
        on = {name: shift.begins_on for name, shift in shifts.items()}
        self.stations: list[Station] = []
        for position, data in enumerate(scenario.stations):
            works = data.shift is None or on[data.shift]
            self.stations.append(Station(plant, self, crews, scenario, places, position, on=works))
        nodes = iter(feeders(scenario, places))
        main = list(islice(nodes, len(self.stations)))
        self._feeders = [
            [own, *islice(nodes, len(station.kits))] for own, station in zip(main, self.stations, strict=True)
        ]
        self._names = [*(station.name for station in scenario.stations), *(source.name for source in places.sources)]
        self._order_numbers, self._next_number = order_numbers(places)
        self._wake_on_exit = "release" in policies
        self.sources = [Source(plant, self, scenario, places, number) for number in range(len(places.sources))]
        for source in self.sources:
            source.switch_on()
        for shift in scenario.shifts:
            _Shift(plant, shift, self).switch_on()
        for crew, member in zip(crews.crews, scenario.crews, strict=True):
            crew.on_duty = member.shift is None or on[member.shift]
        for station in self.stations:
            for machine in station.machines:
                machine.switch_on()
        for station in self.stations:
            plant.mark(station)
        plant.settle()

    def new_number(self) -> int:
        """Return the number of the next part that has none from an order."""
        self._next_number += 1
        return self._next_number - 1

    def order_numbers(self, source: int) -> int:
        """Return the number of the first part of a source's orders."""
        return self._order_numbers[source]

    def gone(self, part: Part) -> None:
        """Count a part that is in the line no more."""
        source = self.sources[part.source]
        source.wip -= 1
        self.plant.wip -= 1
        if self._wake_on_exit or source.limited:
            source.mark()

    def state(self) -> LineState:
        """Return what a policy is shown of the line."""
        queues = {station.data.name: station.queue() for station in self.stations}
        return LineState(self.plant.wip, MappingProxyType(queues))

    def check(self) -> None:
        """Stop where stations and releases wait for one another in a ring."""
        waits = [station.waits(nodes) for station, nodes in zip(self.stations, self._feeders, strict=True)]
        for target in self.stations:
            for port in target.ports:
                for _, home, _ in port.waiting:
                    waits[home.position].targets.append(None if target.drains(port) else target.position)
        full, wanted = [source.full for source in self.sources], [source.wanted() for source in self.sources]
        if ring := find_ring(waits, full, wanted):
            raise DeadlockError(self.env.now, [self._names[node] for node in ring], ADVICE)


class _Shift:
    """The hours of a shift: at their beginnings and ends, crews and then machines are switched."""

    def __init__(self, plant: Plant, shift: Shift, line: Line) -> None:
        self._plant = plant
        self._shift = shift
        self._on = shift.begins_on
        self._toggles = 1 if shift.toggles_s and shift.toggles_s[0] == 0 else 0
        self._line = line

    def switch_on(self) -> None:
        """Schedule the first beginning or end."""
        if self._shift.toggles_s:
            delay_s = self._shift.toggle_s(self._toggles) - self._plant.env.now
            self._plant.after(max(0.0, delay_s), self._toggle)  # rounding may make it a little less than 0

    def _toggle(self, _: simpy.Event) -> None:
        self._on = not self._on
        self._toggles += 1
        self.switch_on()
        for crew, hours in zip(self._line.crews.crews, self._line.crews.data, strict=True):
            if hours.shift == self._shift.name:
                crew.on_duty = self._on
                if self._on:
                    self._line.crews.assign(crew)
        for station in self._line.stations:
            if station.data.shift == self._shift.name:
                for machine in station.machines:
                    machine.switch(on=self._on)
        self._plant.settle()
