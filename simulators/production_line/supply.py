"""Whether a line's material comes in, comes together and does not come in without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from simulators.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from simulators.production_line.crew import Crew, Shift
    from simulators.production_line.part_type import PartType, Step
    from simulators.production_line.release import Release
    from simulators.production_line.station import Station

__all__ = ["Plan", "supply_faults"]


class Plan(Protocol):
    """A line as data, whose fields are in bounds but need not fit together."""

    @property
    def release(self) -> Release | None:
        """Lets in the types that have no release of their own."""

    @property
    def stations(self) -> Sequence[Station]:
        """Its stations."""

    @property
    def part_types(self) -> Sequence[PartType]:
        """What is made, as written."""

    @property
    def types(self) -> Sequence[PartType]:
        """What is made, the implied type included."""

    @property
    def crews(self) -> Sequence[Crew]:
        """People."""

    @property
    def shifts(self) -> Sequence[Shift]:
        """Their hours."""

    def cards(self, station: Station) -> int | None:
        """Return how many Kanban cards a station has, None for no cards."""


ENDLESS = ("saturated", "constant_wip", "kanban")


def supply_faults(line: Plan, stations: Mapping[str, Station]) -> Iterator[Fault]:
    """Give what is wrong with assemblies and releases, whose names are all there.

    Parameters
    ----------
    line
        The line.
    stations
        Its stations by name.
    """
    yield from _assemblies(line)
    yield from _components(line, stations)
    yield from _circles(line, stations)
    yield from _releases(line, stations)


# ---- assembly


def _assemblies(line: Plan) -> Iterator[Fault]:
    types = {kind.name: kind for kind in line.types}
    for position, station in enumerate(line.stations):
        if station.assembly is None:
            continue
        field = f"stations.{position}.assembly"
        for name in station.assembly.components:
            if types[name].feeds != station.name:
                message = f"part type {name!r} never comes here; set its feeds = {station.name!r}"
                yield Fault(f"{field}.components.{name}", None, message)
        if not any(step.station == station.name for kind in line.types for step in kind.route):
            message = "no route passes here, so the components are never taken in; add the station to one"
            yield Fault(field, None, message)


def _components(line: Plan, stations: Mapping[str, Station]) -> Iterator[Fault]:
    for position, kind in enumerate(line.part_types):
        if kind.feeds is None:
            continue
        field = f"part_types.{position}.feeds"
        assembly = stations[kind.feeds].assembly
        if assembly is None or kind.name not in assembly.components:
            message = f"takes in no {kind.name!r}; add it to that station's assembly.components"
            yield Fault(field, kind.feeds, message)
        if any(step.station == kind.feeds for step in kind.route):
            yield Fault(field, kind.feeds, "also stands in its route; a component may not need itself")


def _circles(line: Plan, stations: Mapping[str, Station]) -> Iterator[Fault]:
    """Find types that need one another as components: none of them can ever be the first."""
    needs: dict[str, set[str]] = {}
    for kind in line.types:
        assemblies = [stations[step.station].assembly for step in kind.route]
        needs[kind.name] = {name for assembly in assemblies if assembly for name in assembly.components} - {kind.name}
    left = dict(needs)
    while ready := [name for name, parts in left.items() if not parts & left.keys()]:
        for name in ready:
            del left[name]
    if not left:
        return
    ring = [min(left)]
    while (following := min(left[ring[-1]] & left.keys())) not in ring:
        ring.append(following)
    ring = ring[ring.index(following) :]
    position = [kind.name for kind in line.types].index(ring[0])
    circle = " needs ".join([*ring, ring[0]])
    message = f"can never be gone the first time: {circle} as components; change one of their routes"
    yield Fault(f"part_types.{position}.route", None, message)


# ---- release


def _releases(line: Plan, stations: Mapping[str, Station]) -> Iterator[Fault]:
    common = [kind for kind in line.types if kind.release is None]
    if line.release is None and common:
        yield Fault("release", None, f"is missing, and part type {common[0].name!r} has none of its own; write one")
    if line.release is not None:
        if not common:
            message = "lets nothing in: every part type has a release of its own; remove it"
            yield Fault("release", line.release, message)
        yield from _release("release", line.release, common, stations, line)
    for position, kind in enumerate(line.part_types):
        if kind.release is not None:
            yield from _release(f"part_types.{position}.release", kind.release, [kind], stations, line)


def _release(
    field: str, release: Release, types: list[PartType], stations: Mapping[str, Station], line: Plan
) -> Iterator[Fault]:
    if release.kind not in ENDLESS:
        return
    for kind in types:
        first = stations[kind.route[0].station]
        if release.kind != "constant_wip" and _endless(line, first):
            message = (
                f"with {field}.kind = {release.kind!r} would draw in material without end; give a number, or another "
                "release"
            )
            yield Fault(f"stations.{line.stations.index(first)}.buffer_places", None, message)
        steps = _certain_steps(kind, stations) if release.kind == "constant_wip" else kind.route[:1]
        if not any((step.service or stations[step.station].service).mean_s > 0 for step in steps):
            where = "of one of " + ", ".join(step.station for step in steps) if len(steps) > 1 else "here"
            message = (
                f"takes no time, so that with {field}.kind = {release.kind!r} parts pass without end at one instant; "
                f"let the service {where} have a mean > 0 s"
            )
            yield Fault(f"stations.{line.stations.index(first)}.service", None, message)


def _endless(line: Plan, station: Station) -> bool:
    # A conveyor is no limit: it goes on emptying itself into the buffer.
    return station.buffer_places is None and line.cards(station) is None


def _certain_steps(kind: PartType, stations: Mapping[str, Station]) -> Sequence[Step]:
    """Return the steps that every part goes: those up to the first inspection that may scrap it."""
    for number, step in enumerate(kind.route):
        if stations[step.station].inspection is not None:
            return kind.route[: number + 1]
    return kind.route
