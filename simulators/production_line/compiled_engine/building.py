"""Make the tables of a line from its scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulators.distributions import UNIT
from simulators.production_line.compiled_engine.tables import (
    CALL,
    CREW,
    KIND,
    MACHINE,
    NO_EVENT,
    NONE,
    ORDER,
    PART,
    PORT,
    SHIFT,
    SKILL,
    SOURCE,
    STATION,
    STEP,
    TASKS,
    WORLD,
    Line,
)
from simulators.production_line.layout import feeders, may_deadlock, may_starve, order_numbers
from simulators.production_line.places import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from simulators.distributions import Distribution
    from simulators.production_line.places import Places
    from simulators.production_line.scenario import ProductionLine
    from simulators.streams import Streams

    Draws = Callable[[int], NDArray[np.float64]]

__all__ = ["CLOCKS", "DISPATCHING", "RELEASES", "built", "grown_parts"]

DISPATCHING = ("fifo", "spt", "edd", "setup")
CLOCKS = ("calendar", "operation")
RELEASES = ("saturated", "interval", "constant_wip", "kanban", "orders")
FIRST_PARTS = 256


def built(scenario: ProductionLine, places: Places, streams: Streams) -> tuple[Line, list[Draws]]:
    """Return the tables of a line at time 0, before anything has happened, and what draws from each stream."""
    return _Builder(scenario, places, streams).line()


def grown_parts(line: Line, least: int) -> Line:
    """Return the line with room for at least ``least`` parts more that are free."""
    room = len(line.parts)
    more = max(room, least)
    parts = np.concatenate((line.parts, _table(PART, more)))
    fresh = parts["next"][room:]
    fresh[:] = np.arange(room + 1, room + more + 1)
    world = line.world[0]
    fresh[-1] = world["free"]  # behind the new ones stand those that were still free
    world["free"] = room
    world["free_count"] += more
    return line._replace(parts=parts)


def _table(record: np.dtype[Any], size: int) -> NDArray[Any]:
    """Return records whose numbers of things are all `NONE`, and whose other fields are 0."""
    table = np.zeros(size, record)
    for name in record.names or ():
        if record[name] == np.uint32:
            table[name] = NONE
    return table


class _Builder:
    def __init__(self, scenario: ProductionLine, places: Places, streams: Streams) -> None:
        self.scenario = scenario
        self.places = places
        self.streams = streams
        self.draws: list[Draws] = []
        self.skills: dict[str, int] = {}
        for crew in scenario.crews:
            for skill in crew.skills:
                self.skills.setdefault(skill, len(self.skills))
        self.shifts = {shift.name: number for number, shift in enumerate(scenario.shifts)}
        self.kinds = {kind.name: number for number, kind in enumerate(scenario.types)}
        self.numbers = {station.name: number for number, station in enumerate(scenario.stations)}
        self.steps = _table(STEP, sum(len(route) for route in places.routes))
        self.stations = _table(STATION, len(scenario.stations))
        self.ports = _table(PORT, len(scenario.stations) + sum(len(kits) for kits in places.components))
        self.machines = _table(MACHINE, sum(station.machines for station in scenario.stations))
        self.setup_stream: list[int] = []
        self.setup_mean_s: list[float] = []

    def line(self) -> tuple[Line, list[Draws]]:
        kinds = self._kinds()
        self._ports(kinds)
        self._stations()
        self._machines()
        self._step_services(kinds)
        entrances = self._entrances()
        nodes = self._feeders()
        sources, types, shares = self._sources()
        orders = self._orders()
        crews, crew_skills = self._crews()
        shifts, toggles_s = self._shifts()
        skills = _table(SKILL, len(self.skills))
        world = _table(WORLD, 1)
        first = world[0]
        first["mark_head"] = first["mark_count"] = first["free_count"] = first["then"] = first["slots_wanted"] = 0
        first["next_number"] = order_numbers(self.places)[1]
        first["starving"] = first["blocked_anew"] = may_starve(self.scenario, self.places)
        first["may_deadlock"] = first["starving"] or may_deadlock(self.scenario, self.places)
        line = Line(
            world=world,
            parts=_table(PART, 0),
            machines=self.machines,
            stations=self.stations,
            ports=self.ports,
            kinds=kinds,
            steps=self.steps,
            sources=sources,
            orders=orders,
            crews=crews,
            skills=skills,
            calls=_table(CALL, len(self.machines) * TASKS),
            shifts=shifts,
            marks=np.zeros(len(self.stations), np.uint32),
            entrances=_numbers(entrances),
            feeders=_numbers(nodes),
            types=_numbers(types),
            shares=np.array(shares),
            crew_skills=_numbers(crew_skills),
            setup_stream=_numbers(self.setup_stream),
            setup_mean_s=np.array(self.setup_mean_s),
            toggles_s=np.array(toggles_s),
        )
        return grown_parts(line, FIRST_PARTS), self.draws

    def _stream(self, name: str, distribution: Distribution) -> int:
        self.draws.append(self.streams.draws(name, distribution))
        return len(self.draws) - 1

    def _kinds(self) -> NDArray[Any]:
        kinds = _table(KIND, len(self.places.routes))
        step = 0
        for kind, route in zip(kinds, self.places.routes, strict=True):
            kind["first_step"], kind["end_step"] = step, step + len(route)
            for station, service in route:
                self.steps[step]["station"] = station
                self.steps[step]["mean_service_s"] = service.mean_s
                step += 1
        kinds["place"] = self.places.types
        return kinds

    def _ports(self, kinds: NDArray[Any]) -> None:
        ports, port = self.ports, len(self.stations)
        ports["queued"] = ports["count"] = 0
        for number, station in enumerate(self.scenario.stations):
            ports[number]["station"] = ports[number]["place"] = number
            self.stations[number]["first_kit"] = port
            for kind, place in self.places.components[number].items():
                assert station.assembly is not None  # noqa: S101 - it has components
                component = station.assembly.components[self.scenario.types[kind].name]
                ports[port]["station"], ports[port]["place"] = number, place
                ports[port]["places"], ports[port]["count"] = component.places, component.count
                kinds[kind]["feed_port"] = port
                port += 1
            self.stations[number]["end_kit"] = port

    def _stations(self) -> None:
        machine = 0
        for number, (row, station) in enumerate(zip(self.stations, self.scenario.stations, strict=True)):
            row["first_machine"], row["end_machine"] = machine, machine + station.machines
            machine += station.machines
            row["held"] = row["on_way"] = row["arrived"] = row["waiting_here"] = 0
            row["buffer_places"] = NONE if station.buffer_places is None else station.buffer_places
            row["cards"] = self.scenario.cards(station) or NONE
            row["conveyor_place"] = _or_none(self.places.conveyors[number])
            row["store_place"] = _or_none(self.places.stores[number])
            if station.conveyor is not None:
                row["transport_time_s"], row["capacity"] = station.conveyor.transport_time_s, station.conveyor.capacity
            row["dispatching"] = DISPATCHING.index(station.dispatching)
            row["mean_service_s"] = station.service.mean_s
            row["service_skill"] = self._skill(station.service_skill)
            if station.failures is not None:
                row["failure_clock"] = CLOCKS.index(station.failures.clock)
                row["repair_skill"] = self._skill(station.failures.skill)
            if station.maintenance is not None:
                row["maintenance_clock"] = CLOCKS.index(station.maintenance.clock)
                row["maintenance_skill"] = self._skill(station.maintenance.skill)
                row["every_s"], row["renews"] = station.maintenance.every_s, station.maintenance.renews
            row["defect_probability"] = station.defect_probability
            if station.inspection is not None:
                inspection = station.inspection
                row["inspects"] = True
                row["detection"], row["false_alarm"] = inspection.detection, inspection.false_alarm
                row["most_reworks"] = inspection.most_reworks
                row["rework"] = NONE if inspection.rework is None else self.numbers[inspection.rework]
            row["shift"] = NONE if station.shift is None else self.shifts[station.shift]

    def _skill(self, skill: str | None) -> int:
        return NONE if skill is None else self.skills[skill]

    def _machines(self) -> None:
        rows = iter(self.machines)
        for number, station in enumerate(self.scenario.stations):
            root = f"station.{station.name}"
            off = station.shift is not None and not self.scenario.shifts[self.shifts[station.shift]].begins_on
            for local in range(station.machines):
                row, name = next(rows), f"{root}.{local + 1}"
                row["station"], row["local"], row["off"] = number, local, off
                row["life_s"] = np.inf
                row["timer"] = row["next_failure"] = NO_EVENT
                if station.failures is not None:
                    row["up_time"] = self._stream(f"{name}.up_time", station.failures.up_time)
                    row["repair_time"] = self._stream(f"{name}.repair_time", station.failures.repair_time)
                if station.maintenance is not None:
                    row["maintenance"] = self._stream(f"{name}.maintenance", station.maintenance.duration)
                if station.defect_probability > 0:
                    row["defect"] = self._stream(f"{name}.defect", UNIT)
                if station.inspection is not None:
                    row["inspection"] = self._stream(f"{name}.inspection", UNIT)
            self._services(number)
            if station.setup is not None:
                self._setups(number)

    def _services(self, number: int) -> None:
        station, row = self.scenario.stations[number], self.stations[number]
        for machine in range(row["first_machine"], row["end_machine"]):
            local = machine - row["first_machine"] + 1
            stream = self._stream(f"station.{station.name}.{local}.service", station.service)
            self.machines[machine]["service"] = stream

    def _step_services(self, kinds: NDArray[Any]) -> None:
        """Give the steps that need a time of their own one stream a machine, one after the other."""
        for kind, row in zip(self.scenario.types, kinds, strict=True):
            for number, step in enumerate(kind.route):
                if step.service is None:
                    continue
                self.steps[row["first_step"] + number]["service"] = len(self.draws)
                for local in range(self.scenario.stations[self.numbers[step.station]].machines):
                    name = f"station.{step.station}.{local + 1}.service.{kind.name}.{number + 1}"
                    self._stream(name, step.service)

    def _setups(self, number: int) -> None:
        station = self.scenario.stations[number]
        setup = station.setup
        assert setup is not None  # noqa: S101 - only such stations come here
        row = self.stations[number]
        row["setups"] = len(self.setup_stream)
        row["setup_skill"] = self._skill(setup.skill)
        kinds = len(self.kinds)
        streams = np.full((kinds, kinds), len(self.draws))
        means = np.full((kinds, kinds), setup.time.mean_s)
        np.fill_diagonal(means, 0.0)
        for local in range(station.machines):
            self._stream(f"station.{station.name}.{local + 1}.setup", setup.time)
        for change in setup.changeovers:
            pair = self.kinds[change.before], self.kinds[change.after]
            streams[pair] = len(self.draws)
            means[pair] = change.time.mean_s
            for local in range(station.machines):
                name = f"station.{station.name}.{local + 1}.setup.{change.before}.{change.after}"
                self._stream(name, change.time)
        self.setup_stream += streams.ravel().tolist()
        self.setup_mean_s += means.ravel().tolist()

    def _entrances(self) -> list[int]:
        by_station: list[list[int]] = [[] for _ in self.stations]
        for number, source in enumerate(self.places.sources):
            for station in dict.fromkeys(self.places.routes[kind][0][0] for kind in source.types):
                by_station[station].append(number)
        entrances: list[int] = []
        for row, sources in zip(self.stations, by_station, strict=True):
            row["first_entrance"], row["end_entrance"] = len(entrances), len(entrances) + len(sources)
            entrances += sources
        return entrances

    def _feeders(self) -> list[int]:
        nodes: list[int] = []
        for port, feeding in zip(self.ports, feeders(self.scenario, self.places), strict=True):
            port["first_feeder"], port["end_feeder"] = len(nodes), len(nodes) + len(feeding)
            nodes += feeding
        return nodes

    def _sources(self) -> tuple[NDArray[Any], list[int], list[float]]:
        sources = _table(SOURCE, len(self.places.sources))
        types: list[int] = []
        shares: list[float] = []
        for row, source in zip(sources, self.places.sources, strict=True):
            row["release"], row["wip"] = RELEASES.index(source.release.kind), 0
            row["first_type"], row["end_type"] = len(types), len(types) + len(source.types)
            types += source.types
            weights = [self.scenario.types[kind].share for kind in source.types]
            shares += [float(share / sum(weights)) for share in np.cumsum(weights)]
            if source.release.kind == "constant_wip":
                row["limit"] = source.release.parts
            if source.release.kind == "interval":
                row["interval"] = self._stream(f"{source.name}.interval", source.release.interval)
            if len(source.types) > 1 and source.release.kind != "orders":
                row["luck"] = self._stream(f"{source.name}.part_type", UNIT)
        return sources, types, shares

    def _orders(self) -> NDArray[Any]:
        first = order_numbers(self.places)[0]
        rows: list[tuple[int, Any]] = [
            (number, order)
            for number, source in enumerate(self.places.sources)
            if source.release.kind == "orders"
            for order in source.release.orders
        ]
        orders = _table(ORDER, len(rows))
        for row, (source, order) in zip(orders, rows, strict=True):
            row["source"], row["kind"] = source, self.kinds[order.part_type]
            row["due_s"], row["quantity"] = order.due_s, order.quantity
            row["first_number"] = first[source]
            first[source] += order.quantity
        return orders

    def _crews(self) -> tuple[NDArray[Any], list[int]]:
        crews = _table(CREW, len(self.scenario.crews))
        skills: list[int] = []
        for row, crew in zip(crews, self.scenario.crews, strict=True):
            row["members"], row["busy"] = crew.members, 0
            row["first_skill"], row["end_skill"] = len(skills), len(skills) + len(crew.skills)
            skills += [self.skills[skill] for skill in crew.skills]
            row["shift"] = NONE if crew.shift is None else self.shifts[crew.shift]
            row["on_duty"] = crew.shift is None or self.scenario.shifts[self.shifts[crew.shift]].begins_on
        return crews, skills

    def _shifts(self) -> tuple[NDArray[Any], list[float]]:
        shifts = _table(SHIFT, len(self.scenario.shifts))
        toggles: list[float] = []
        for row, shift in zip(shifts, self.scenario.shifts, strict=True):
            row["cycle_s"], row["on"] = shift.cycle_s, shift.begins_on
            row["first_toggle"], row["end_toggle"] = len(toggles), len(toggles) + len(shift.toggles_s)
            row["toggles"] = 1 if shift.toggles_s and shift.toggles_s[0] == 0 else 0
            toggles += shift.toggles_s
        return shifts, toggles


def _or_none(place: int) -> int:
    return NONE if place == NOWHERE else place


def _numbers(numbers: Sequence[int]) -> NDArray[np.uint32]:
    return np.array(numbers, np.uint32)
