"""A line that runs, as whoever commands it sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.command import choice
from simulators.errors import CommandError
from simulators.production_line.commands import (
    FailMachine,
    RepairMachine,
    SetBufferPlaces,
    SetCrewMembers,
    SetWip,
    StartRelease,
    StopRelease,
)
from simulators.production_line.events import COMMAND
from simulators.production_line.places import NOWHERE
from simulators.production_line.simpy_engine import Line

if TYPE_CHECKING:
    import simpy

    from simulators.command import Command
    from simulators.production_line.scenario import ProductionLine
    from simulators.production_line.simpy_engine.machine import Machine
    from simulators.production_line.simpy_engine.source import Source
    from simulators.production_line.simpy_engine.station import Station
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["RunningLine"]


class RunningLine:
    """A line at its beginning, to be moved on by ``env``.

    Parameters
    ----------
    scenario
        The line.
    streams
        Where its random numbers come from.
    recorder
        Takes its events.
    """

    def __init__(self, scenario: ProductionLine, streams: Streams, recorder: Recorder) -> None:
        self._scenario = scenario
        self._record = recorder.record
        self._line = Line(scenario, streams, recorder.record, {})

    @property
    def env(self) -> simpy.Environment:
        """SimPy's environment."""
        return self._line.env

    def apply(self, command: Command, number: int) -> None:
        """Carry a command out; see :class:`simulators.command.Plant`."""
        plant = self._line.plant
        match command:
            case FailMachine():
                machine = self._machine(command)
                if machine.down:
                    raise command.refused(field="machine", because="is down already", fault="state")
                self._note(number, machine.place)
                machine.break_down(command.repair_time_s)
            case RepairMachine():
                machine = self._machine(command)
                if not machine.down:
                    raise command.refused(field="machine", because="is not down", fault="state")
                self._note(number, machine.place)
                machine.repair()
            case SetBufferPlaces():
                station = self._station(command.station)
                self._note(number, station.position)
                station.buffer_places = command.places
                plant.watch(self._line.check)  # the line may have had an unlimited buffer in every ring
                plant.mark(station)
            case StopRelease() | StartRelease():
                source = self._source(command.release)
                if source.stopped == isinstance(command, StopRelease):
                    state = "stopped" if source.stopped else "running"
                    raise command.refused(field="release", because=f"is {state} already", fault="state")
                self._note(number, NOWHERE)
                source.stopped = not source.stopped
                source.mark()
            case SetWip():
                source = self._source(command.release)
                if not source.limited:
                    message = "does not limit its parts; only a release of kind constant_wip does"
                    raise command.refused(field="release", because=message)
                self._note(number, NOWHERE)
                source.most = command.parts
                source.mark()
            case SetCrewMembers():
                crews = self._line.crews
                found = [crew for crew in crews.crews if crew.name == command.crew]
                if not found:
                    raise command.refused(field="crew", because=choice(crew.name for crew in crews.crews))
                self._note(number, NOWHERE)
                found[0].members = command.members
                crews.assign(found[0])
        plant.settle()

    def snapshot(self) -> dict[str, Any]:
        """Return what is where; parts by number."""
        line = self._line
        return {
            "wip": line.plant.wip,
            "stations": [self._of_station(station) for station in line.stations],
            "releases": [
                {
                    "name": source.name,
                    "stopped": source.stopped,
                    "outside": source.outside,
                    "wip": source.wip,
                    "most": source.most if source.limited else None,
                }
                for source in line.sources
            ],
            "crews": [
                {"name": crew.name, "members": crew.members, "busy": crew.busy, "on_duty": crew.on_duty}
                for crew in line.crews.crews
            ],
        }

    def _of_station(self, station: Station) -> dict[str, Any]:
        types = self._scenario.types
        waiting = [entry for other in self._line.stations for port in other.ports for entry in port.waiting]
        return {
            "name": station.data.name,
            "queue": [part.number for part in station.main.queue],
            "buffer_places": station.buffer_places,
            "components": {
                types[kind].name: [part.number for part in port.queue] for kind, port in station.kits.items()
            },
            "conveyor": [part.number for part in station.conveyor],
            "store": [part.number for part, home, machine in waiting if home is station and machine is None],
            "machines": [self._of_machine(machine) for machine in station.machines],
        }

    def _of_machine(self, machine: Machine) -> dict[str, Any]:
        part = machine.part
        return {
            "number": machine.number,
            "state": machine.condition().name.lower(),
            "part": None if part is None else part.number,
            "part_type": None if part is None else self._scenario.types[part.kind].name,
            "finished": machine.finished,
        }

    def _note(self, number: int, place: int) -> None:
        self._record((self.env.now, COMMAND, number, place))

    def _station(self, name: str) -> Station:
        for station in self._line.stations:
            if station.data.name == name:
                return station
        raise CommandError(
            field="station", value=name, message=choice(station.data.name for station in self._line.stations)
        )

    def _machine(self, command: FailMachine | RepairMachine) -> Machine:
        machines = self._station(command.station).machines
        if command.machine > len(machines):
            message = f"must be ≤ {len(machines)}, the machines of {command.station}"
            raise command.refused(field="machine", because=message)
        return machines[command.machine - 1]

    def _source(self, name: str) -> Source:
        for source in self._line.sources:
            if source.name == name:
                return source
        raise CommandError(field="release", value=name, message=choice(source.name for source in self._line.sources))
