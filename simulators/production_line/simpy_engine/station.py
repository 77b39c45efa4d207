"""A station: its buffers, its machines, and the finished parts upstream that wait for room in it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from simulators.distributions import UNIT
from simulators.production_line.decisions import WaitingPart
from simulators.production_line.events import ASSEMBLE, CONVEY, EXIT, QUEUE, REJECT, SCRAP, STORE
from simulators.production_line.places import NOWHERE
from simulators.production_line.simpy_engine.machine import Machine
from simulators.production_line.simpy_engine.times import Times
from simulators.production_line.standstill import StationWaits

if TYPE_CHECKING:
    from collections.abc import Sequence

    import simpy

    from simulators.production_line.places import Places
    from simulators.production_line.scenario import ProductionLine
    from simulators.production_line.simpy_engine.crews import Crews
    from simulators.production_line.simpy_engine.plant import Part, Plant
    from simulators.production_line.station import Component

__all__ = ["Entrance", "Floor", "Port", "Station"]


class Floor(Protocol):
    """What a station needs of the line around it."""

    stations: list[Station]

    def gone(self, part: Part) -> None:
        """Count a part that is in the line no more."""


class Entrance(Protocol):
    """Where parts may come from outside."""

    def release(self) -> bool:
        """Let one part in if it may and can; return whether one came in."""

    def wanted(self) -> int | None:
        """Return the station where its next part waits for room; None if none does."""


@dataclass(slots=True, eq=False)
class Port:
    """A way into a station: its own, or that of one type of component.

    Parameters
    ----------
    station
        Where it leads.
    kind
        Part type of the components, or `NOWHERE` for the parts that are worked on.
    place
        The buffer behind it.
    queue
        Parts in that buffer.
    waiting
        Finished parts upstream that wait for room here, with the station they are at and the machine that holds them
        (None: they are in its store).
    """

    station: Station
    kind: int
    place: int
    queue: deque[Part] = field(default_factory=deque)
    waiting: deque[tuple[Part, Station, Machine | None]] = field(default_factory=deque)


class Station:
    """A station of the running line.

    Parameters
    ----------
    plant
        The clock and the record.
    floor
        The line around it.
    crews
        Who may be needed.
    scenario, places
        The line as data, and its numbers.
    position
        Which station this is.
    on
        Whether time 0 lies in its shift.
    """

    def __init__(
        self,
        plant: Plant,
        floor: Floor,
        crews: Crews,
        scenario: ProductionLine,
        places: Places,
        position: int,
        *,
        on: bool,
    ) -> None:
        self.plant = plant
        self.floor = floor
        self.data = data = scenario.stations[position]
        self.position = position
        self.marked = False
        self.cards = scenario.cards(data)
        self.buffer_places = data.buffer_places
        self.held = 0  # parts in it that have a card
        self.main = Port(self, NOWHERE, position)
        self.kits = {kind: Port(self, kind, place) for kind, place in places.components[position].items()}
        self.ports = [self.main, *self.kits.values()]
        self.entrances: list[Entrance] = []
        self._types = scenario.types
        self._routes = places.routes
        self._feeds = places.feeds
        self._type_places = places.types
        self._store = places.stores[position]
        self.conveyor_place = places.conveyors[position]
        self.conveyor: deque[Part] = deque()
        self._arrived = 0  # of those on the conveyor, so many have come to its end
        self.times = Times(plant.streams, data, scenario.types, places.routes)
        self.machines = [
            Machine(plant, self, crews, place, number + 1, on=on)
            for number, place in enumerate(places.machines[position])
        ]
        inspection = data.inspection
        self._first_come_first_served = data.dispatching == "fifo" and "dispatch" not in plant.policies
        self._rework = NOWHERE
        if inspection is not None:
            self._inspected = [
                plant.streams.sampler(f"station.{data.name}.{machine.number}.inspection", UNIT)
                for machine in self.machines
            ]
            if inspection.rework is not None:
                self._rework = [station.name for station in scenario.stations].index(inspection.rework)

    # ---- parts come in

    def accepts(self, port: Port) -> bool:
        """Return whether a part could come in now."""
        if port is not self.main:
            return len(port.queue) < self._component(port).places
        if self.cards is not None:
            return self.held < self.cards
        if self.data.conveyor is not None:
            return len(self.conveyor) < self.data.conveyor.capacity
        return self._has_room()

    def drains(self, port: Port) -> bool:
        """Return whether a way in that is full becomes free without a machine: a conveyor that leads into room."""
        places = self.buffer_places
        return port is self.main and self.data.conveyor is not None and (places is None or len(port.queue) < places)

    def waits(self, feeders: Sequence[tuple[int, ...]]) -> StationWaits:
        """Return what it waits for, all but the places that its finished parts want.

        Parameters
        ----------
        feeders
            For each of its ports, where parts may come from.
        """
        holds = any(machine.part is not None for machine in self.machines) or any(port.queue for port in self.ports)
        if self.cards is not None:
            return StationWaits(self.cards, holds=holds or self.held > 0)
        empty = sum(machine.part is None for machine in self.machines)
        lacking = [nodes for port, nodes in zip(self.ports, feeders, strict=True) if self._lacks(port)]
        return StationWaits(len(self.machines), empty=empty, lacking=lacking, holds=holds or bool(self.conveyor))

    def _lacks(self, port: Port) -> bool:
        """Return whether something must come here before a machine can be loaded."""
        if port.waiting:
            return False
        if port is not self.main:
            return len(port.queue) < self._component(port).count
        outside = any(entrance.wanted() == self.position for entrance in self.entrances)
        return not (port.queue or self.conveyor or outside)

    def enter(self, port: Port, part: Part) -> None:
        """Take in a part for which there is room."""
        if port is not self.main:
            self._queue(port, part)
            self.plant.mark(self)
            return
        self.held += 1
        if self.data.conveyor is None:
            self._admit(part)
            return
        self.plant.record((self.plant.env.now, CONVEY, part.number, self.conveyor_place))
        self.conveyor.append(part)
        self.plant.after(self.data.conveyor.transport_time_s, self._arrive)

    def settle(self) -> None:
        """Load machines, take in what waits outside, and begin again, until nothing can move."""
        queue = self.main.queue
        while (
            (queue and self._load())
            or (self._arrived and self._from_conveyor())
            or self._from_upstream()
            or (self.entrances and self._from_outside())
        ):
            pass

    def _has_room(self) -> bool:
        places = self.buffer_places
        if places is None or len(self.main.queue) < places:
            return True
        return not self.main.queue and self._kit_complete() and any(machine.ready for machine in self.machines)

    def _admit(self, part: Part) -> None:
        """Put a part on a machine if one is ready and nobody waits, else into the buffer."""
        if not self.main.queue and (not self.kits or self._kit_complete()):
            machine = self._machine_for(part)
            if machine is not None:
                if self.kits:
                    self._take_kit(machine)
                machine.load(part)
                return
        self._queue(self.main, part)

    def _queue(self, port: Port, part: Part) -> None:
        part.since_s = self.plant.env.now
        self.plant.record((self.plant.env.now, QUEUE, part.number, port.place))
        port.queue.append(part)

    def _arrive(self, _: simpy.Event) -> None:
        self._arrived += 1
        self.plant.blocked_anew = True  # it may fill the last place
        self.plant.mark(self)
        self.plant.settle()

    # ---- what settling does

    def _load(self) -> bool:
        if self.kits and not self._kit_complete():
            return False
        for machine in self.machines:
            if machine.ready:
                if self._first_come_first_served:
                    part = self.main.queue.popleft()
                else:
                    part = self._choose(machine)
                    self.main.queue.remove(part)
                if self.kits:
                    self._take_kit(machine)
                machine.load(part)
                return True
        return False

    def _from_conveyor(self) -> bool:
        if not self._has_room():
            return False
        self._arrived -= 1
        self._admit(self.conveyor.popleft())
        return True

    def _from_upstream(self) -> bool:
        for port in self.ports:
            if port.waiting and self.accepts(port):
                part, home, machine = port.waiting.popleft()
                if machine is not None:
                    machine.unload()
                home.lose()
                self.enter(port, part)
                return True
        return False

    def _from_outside(self) -> bool:
        for entrance in self.entrances:  # noqa: SIM110 - any() with a generator takes twice as long
            if entrance.release():
                return True
        return False

    # ---- parts go on

    def finish(self, machine: Machine, part: Part) -> None:
        """Inspect a part whose service has ended, and send it on."""
        inspection = self.data.inspection
        if inspection is not None:
            luck = self._inspected[machine.number - 1]()
            if luck < (inspection.detection if part.defective else inspection.false_alarm):
                self.plant.record((self.plant.env.now, REJECT, part.number, machine.place))
                if inspection.rework is None or part.reworks >= inspection.most_reworks:
                    self._leave(machine, part, SCRAP)
                else:
                    self._send_to_rework(part)
                    self._send(machine, part, self.floor.stations[self._target(part)].main)
                return
        if part.detour == NOWHERE:
            part.step += 1
        part.detour = NOWHERE
        if part.step < len(self._routes[part.kind]):
            self._send(machine, part, self.floor.stations[self._target(part)].main)
        elif self._feeds[part.kind] != NOWHERE:
            self._send(machine, part, self.floor.stations[self._feeds[part.kind]].kits[part.kind])
        else:
            self._leave(machine, part, EXIT)

    def lose(self) -> None:
        """Count a part that has left the station."""
        self.held -= 1
        self.plant.mark(self)

    def _target(self, part: Part) -> int:
        return part.detour if part.detour != NOWHERE else self._routes[part.kind][part.step][0]

    def _send_to_rework(self, part: Part) -> None:
        part.defective = False
        part.reworks += 1
        part.detour = self._rework
        for step in range(part.step, -1, -1):
            if self._routes[part.kind][step][0] == self._rework:
                part.step = step
                part.detour = NOWHERE
                return

    def _send(self, machine: Machine, part: Part, port: Port) -> None:
        if port.station.accepts(port):
            machine.unload()
            self.lose()
            port.station.enter(port, part)
        elif self.cards is not None:
            machine.unload()
            self.plant.record((self.plant.env.now, STORE, part.number, self._store))
            port.waiting.append((part, self, None))
            self.plant.blocked_anew = True
        else:
            port.waiting.append((part, self, machine))
            self.plant.blocked_anew = True

    def _leave(self, machine: Machine, part: Part, event: int) -> None:
        machine.unload()
        self.lose()
        self.plant.record((self.plant.env.now, event, part.number, self._type_places[part.kind]))
        self.floor.gone(part)

    # ---- machines

    def _machine_for(self, part: Part) -> Machine | None:
        first: Machine | None = None
        never_set_up: Machine | None = None
        for machine in self.machines:
            if machine.ready:
                if self.data.setup is None or machine.set_up_for == part.kind:
                    return machine
                first = first or machine
                if machine.set_up_for is None:
                    never_set_up = never_set_up or machine
        return never_set_up or first  # no set-up is better than one

    def _choose(self, machine: Machine) -> Part:
        queue = self.main.queue
        policy = self.plant.policies.get("dispatch")
        if policy is not None:
            shown = tuple(self._shown(part, machine) for part in queue)
            return queue[policy.index(len(queue), shown, machine.state(), self.plant.env.now)]
        match self.data.dispatching:
            case "spt":
                return min(queue, key=self.times.mean_service_s)
            case "edd":
                return min(queue, key=lambda part: part.due_s)
            case "setup":
                return min(queue, key=lambda part: self.times.mean_setup_s(machine.set_up_for, part.kind))
        return queue[0]

    def _shown(self, part: Part, machine: Machine) -> WaitingPart:
        return WaitingPart(
            part.number,
            self.type_name(part.kind),
            part.since_s,
            part.due_s,
            self.times.mean_service_s(part),
            self.times.mean_setup_s(machine.set_up_for, part.kind),
            part.reworks,
        )

    def type_name(self, kind: int) -> str:
        """Return the name of a part type."""
        return self._types[kind].name

    def queue(self) -> int:
        """Return the number of parts in the buffer."""
        return len(self.main.queue)

    # ---- components

    def _component(self, port: Port) -> Component:
        assert self.data.assembly is not None  # noqa: S101 - it has ports for components
        return self.data.assembly.components[self.type_name(port.kind)]

    def _kit_complete(self) -> bool:
        return not self.kits or all(len(port.queue) >= self._component(port).count for port in self.kits.values())

    def _take_kit(self, machine: Machine) -> None:
        for port in self.kits.values():
            for _ in range(self._component(port).count):
                part = port.queue.popleft()
                self.plant.record((self.plant.env.now, ASSEMBLE, part.number, machine.place))
                self.floor.gone(part)
            self.plant.mark(self)  # there is room for components again
