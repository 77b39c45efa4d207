"""How long a station's set-ups and services take: what draws them, and what they take on average."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.production_line.places import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulators.distributions import Distribution
    from simulators.production_line.part_type import PartType
    from simulators.production_line.simpy_engine.plant import Part
    from simulators.production_line.station import Station
    from simulators.streams import Streams

__all__ = ["Times"]


class Times:
    """The set-up and service times of a station.

    Parameters
    ----------
    streams
        Where random numbers come from.
    station
        The station as data.
    types
        The part types.
    routes
        For each part type the steps of its route: the station, and the distribution of the service there.
    """

    def __init__(
        self,
        streams: Streams,
        station: Station,
        types: Sequence[PartType],
        routes: Sequence[Sequence[tuple[int, Distribution]]],
    ) -> None:
        self._streams = streams
        self._station = station
        self._types = types
        self._routes = routes
        self._service: dict[tuple[int, int, int], Callable[[], float]] = {}
        self._setup: dict[tuple[int, int, int], Callable[[], float]] = {}
        self._samplers: dict[str, Callable[[], float]] = {}

    def setup(self, machine: int, before: int, after: int) -> Callable[[], float]:
        """Return what draws the set-up time of a machine from one part type to another."""
        key = (machine, before, after)
        if key not in self._setup:
            stream, time = self._changeover(before, after)
            self._setup[key] = self._sampler(machine, stream, time)
        return self._setup[key]

    def service(self, machine: int, part: Part) -> Callable[[], float]:
        """Return what draws the service time of a part on a machine."""
        step = NOWHERE if part.detour != NOWHERE else part.step
        key = (machine, part.kind, step)
        if key not in self._service:
            time, stream = self._station.service, "service"
            if step != NOWHERE and self._types[part.kind].route[step].service is not None:
                time = self._routes[part.kind][step][1]
                stream = f"service.{self._types[part.kind].name}.{step + 1}"
            self._service[key] = self._sampler(machine, stream, time)
        return self._service[key]

    def mean_setup_s(self, before: int | None, after: int) -> float:
        """Return the mean set-up time from one part type, or None, to another."""
        if self._station.setup is None or before is None or before == after:
            return 0.0
        return self._changeover(before, after)[1].mean_s

    def mean_service_s(self, part: Part) -> float:
        """Return the mean service time of a part."""
        return self._station.service.mean_s if part.detour != NOWHERE else self._routes[part.kind][part.step][1].mean_s

    def _changeover(self, before: int, after: int) -> tuple[str, Distribution]:
        """Return the stream and the distribution of a set-up."""
        setup = self._station.setup
        assert setup is not None  # noqa: S101 - only then it is asked
        names = (self._types[before].name, self._types[after].name)
        for change in setup.changeovers:
            if (change.before, change.after) == names:
                return f"setup.{change.before}.{change.after}", change.time
        return "setup", setup.time

    def _sampler(self, machine: int, stream: str, time: Distribution) -> Callable[[], float]:
        name = f"station.{self._station.name}.{machine}.{stream}"
        if name not in self._samplers:
            self._samplers[name] = self._streams.sampler(name, time)
        return self._samplers[name]
