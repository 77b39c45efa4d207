"""Numbers for everything in a line, the same for both engines, the meter and the twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.distributions import Distribution
    from simulators.production_line.release import Release
    from simulators.production_line.scenario import ProductionLine

__all__ = ["Places", "Source", "places"]

NOWHERE = -1


@dataclass(frozen=True)
class Source:
    """Where parts come from: a release and the types that it lets in.

    Parameters
    ----------
    name
        The root of its streams' names.
    release
        When parts may enter.
    types
        Numbers of the part types.
    """

    name: str
    release: Release
    types: tuple[int, ...]


class Places:
    """Numbers the places of a line: a buffer a station, the machines in order, then all others.

    Parameters
    ----------
    scenario
        The line.

    Attributes
    ----------
    names
        Names of all places.
    machines
        For every station its machines' places.
    conveyors, stores
        For every station the place of its conveyor and of its Kanban store, `NOWHERE` where it has none.
    components
        For every station the places of its component buffers by number of part type.
    types
        For every part type the place at which it enters and leaves the line.
    routes
        For every part type its steps: number of the station, and service time.
    sources
        Where parts come from: the line's own release first.
    """

    def __init__(self, scenario: ProductionLine) -> None:
        stations, types = scenario.stations, scenario.types
        number = {station.name: position for position, station in enumerate(stations)}
        type_number = {kind.name: position for position, kind in enumerate(types)}
        self._names = [f"{station.name}.buffer" for station in stations]
        self.machines: tuple[tuple[int, ...], ...] = tuple(
            tuple(self._place(f"{station.name}.{machine + 1}") for machine in range(station.machines))
            for station in stations
        )
        self.conveyors = tuple(
            NOWHERE if station.conveyor is None else self._place(f"{station.name}.conveyor") for station in stations
        )
        self.stores = tuple(
            NOWHERE if scenario.cards(station) is None else self._place(f"{station.name}.store") for station in stations
        )
        self.components: tuple[Mapping[int, int], ...] = tuple(
            {
                type_number[name]: self._place(f"{station.name}.components.{name}")
                for name in (station.assembly.components if station.assembly else ())
            }
            for station in stations
        )
        self.types = tuple(self._place(f"type.{kind.name}") for kind in types)
        self.names: tuple[str, ...] = tuple(self._names)
        self.routes: tuple[tuple[tuple[int, Distribution], ...], ...] = tuple(
            tuple((number[step.station], step.service or stations[number[step.station]].service) for step in kind.route)
            for kind in types
        )
        self.feeds = tuple(NOWHERE if kind.feeds is None else number[kind.feeds] for kind in types)
        common = tuple(position for position, kind in enumerate(types) if kind.release is None)
        sources = [] if scenario.release is None else [Source("release", scenario.release, common)]
        for position, kind in enumerate(types):
            if kind.release is not None:
                sources.append(Source(f"release.{kind.name}", kind.release, (position,)))
        self.sources = tuple(sources)

    def _place(self, name: str) -> int:
        self._names.append(name)
        return len(self._names) - 1


def places(scenario: ProductionLine) -> tuple[str, ...]:
    """Return the names of a line's places."""
    return Places(scenario).names
