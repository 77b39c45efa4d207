"""The production line as people read it: SimPy keeps the clock, each kind of event is a method.

Order of simultaneous events. Timed events (end of service, arrival, failure, repair) that fall on the same instant
happen in the order in which they were scheduled. Everything that follows from one of them at once, a part moving on, a
blocked machine set free, a new part loaded, happens completely before the next one, from the place where it began
upstream.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import simpy

from simulators.journal import Journal, Recorder
from simulators.production_line.events import (
    EXIT,
    FAIL,
    FINISH,
    LEAVE,
    QUEUE,
    RELEASE,
    REPAIR,
    START,
    Places,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.production_line.scenario import ProductionLine
    from simulators.streams import Streams

__all__ = ["Line", "run"]


def run(scenario: ProductionLine, streams: Streams) -> Journal:
    """Run the line from empty to its horizon.

    Parameters
    ----------
    scenario
        The line.
    streams
        Where its random numbers come from.

    Returns
    -------
    The journal of the run.
    """
    line = Line(scenario, streams)
    line.env.run(until=scenario.horizon_s)
    return line.recorder.journal()


class Line:
    """A line that can be run, paused and looked at.

    Parameters
    ----------
    scenario
        The line.
    streams
        Where its random numbers come from.

    Attributes
    ----------
    env
        SimPy's environment; ``env.now`` is in seconds, ``env.run(until=...)`` goes on.
    wip
        Parts in the line.
    """

    def __init__(self, scenario: ProductionLine, streams: Streams) -> None:
        self.env = simpy.Environment()
        places = Places(scenario)
        self.recorder = Recorder(places.names)
        self.record = self.recorder.record
        self.wip = 0
        self._released = 0
        self._outside: deque[int] = deque()
        self._release = scenario.release
        self.stations = [
            _Station(self, position, places.machines[position], scenario, streams)
            for position in range(len(scenario.stations))
        ]
        for station, following in zip(self.stations, self.stations[1:], strict=False):
            station.following = following
        if scenario.release.kind == "interval":
            self._interval = scenario.release.interval.sampler(streams.stream("release.interval"))
            self.after(self._interval(), self._arrive)
        for station in self.stations:
            for machine in station.machines:
                machine.switch_on()
        self.flow(0)

    def next_part(self) -> int | None:
        """Let the next part into the line, or return None where release control holds it back."""
        release = self._release
        if release.kind == "interval":
            if not self._outside:
                return None
            part = self._outside.popleft()
        elif release.kind == "constant_wip" and self.wip >= release.parts:
            return None
        else:
            part = self._released
            self._released += 1
        self.wip += 1
        self.record((self.env.now, RELEASE, part, -1))
        return part

    def exit(self, part: int) -> None:
        """Take a finished part out of the line."""
        self.wip -= 1
        self.record((self.env.now, EXIT, part, -1))

    def flow(self, position: int) -> None:
        """Load station ``position``, then every one upstream that this sets free."""
        while position >= 0 and self.stations[position].fill():
            position -= 1
        if position > 0 and self._release.kind == "constant_wip":
            self.stations[0].fill()

    def _arrive(self, _: simpy.Event) -> None:
        self._outside.append(self._released)
        self._released += 1
        self.flow(0)
        self.after(self._interval(), self._arrive)

    def after(self, delay_s: float, happening: Callable[[simpy.Event], None]) -> simpy.Event:
        """Call ``happening`` once ``delay_s`` from now; return SimPy's event for it."""
        timeout = self.env.timeout(delay_s)
        timeout.callbacks.append(happening)
        return timeout


class _Station:
    """A buffer and its machines."""

    def __init__(
        self, line: Line, position: int, places: tuple[int, ...], scenario: ProductionLine, streams: Streams
    ) -> None:
        data = scenario.stations[position]
        self.line = line
        self.position = position
        self.following: _Station | None = None
        self.buffer: deque[int] = deque()
        self.buffer_places = data.buffer_places
        self.blocked: deque[_Machine] = deque()  # finished machines upstream that wait for room here
        self.machines = [
            _Machine(line, self, place, f"station.{data.name}.{number + 1}", scenario, streams)
            for number, place in enumerate(places)
        ]

    def fill(self) -> bool:
        """Move parts in as far as they go; return whether a machine upstream became free."""
        freed = False
        while True:
            if self.buffer:
                machine = self._ready()
                if machine is not None:
                    machine.load(self.buffer.popleft())
                    continue
            if not self.has_room():
                return freed
            if self.position == 0:
                part = self.line.next_part()
                if part is None:
                    return freed
            elif self.blocked:
                part = self.blocked.popleft().unload()
                freed = True
            else:
                return freed
            self.enter(part)

    def has_room(self) -> bool:
        """Return whether a part could enter now."""
        if self.buffer_places is None or len(self.buffer) < self.buffer_places:
            return True
        return not self.buffer and self._ready() is not None

    def enter(self, part: int) -> None:
        """Take in a part for which there is room: onto a machine if one is ready, else into the buffer."""
        machine = None if self.buffer else self._ready()
        if machine is not None:
            machine.load(part)
        else:
            self.line.record((self.line.env.now, QUEUE, part, self.position))
            self.buffer.append(part)

    def _ready(self) -> _Machine | None:
        for machine in self.machines:
            if machine.part is None and not machine.down:
                return machine
        return None


class _Machine:
    """One machine: it is idle, works, or holds a finished part (blocked); besides, it is up or down."""

    def __init__(
        self,
        line: Line,
        station: _Station,
        place: int,
        name: str,
        scenario: ProductionLine,
        streams: Streams,
    ) -> None:
        data = scenario.stations[station.position]
        self.line = line
        self.station = station
        self.place = place
        self.part: int | None = None
        self.finished = False
        self.down = False
        self._ends_at_s = 0.0
        self._left_s = 0.0  # service still to do while down
        self._service = data.service.sampler(streams.stream(f"{name}.service"))
        self._timer: simpy.Event | None = None  # the event that ends the service under way
        self._failures = data.failures
        if data.failures is not None:
            self._up_time = data.failures.up_time.sampler(streams.stream(f"{name}.up_time"))
            self._repair_time = data.failures.repair_time.sampler(streams.stream(f"{name}.repair_time"))

    def switch_on(self) -> None:
        """Schedule the first failure, if the machine ever fails."""
        if self._failures is not None:
            self.line.after(self._up_time(), self._fail)

    def load(self, part: int) -> None:
        """Take a part and start its service."""
        self.part = part
        self.finished = False
        self.line.record((self.line.env.now, START, part, self.place))
        self._work(self._service())

    def unload(self) -> int:
        """Give the finished part away."""
        part, self.part = self.part, None
        assert part is not None  # noqa: S101 - only finished machines are unloaded
        self.line.record((self.line.env.now, LEAVE, part, self.place))
        return part

    def _work(self, duration_s: float) -> None:
        self._ends_at_s = self.line.env.now + duration_s
        self._timer = self.line.after(duration_s, self._finish)

    def _finish(self, event: simpy.Event) -> None:
        if event is not self._timer:  # a failure has put this end off
            return
        self._timer = None
        self.finished = True
        line, following = self.line, self.station.following
        assert self.part is not None  # noqa: S101 - a machine in service holds a part
        line.record((line.env.now, FINISH, self.part, self.place))
        if following is None:
            line.exit(self.unload())
        elif following.has_room():
            following.enter(self.unload())
        else:
            following.blocked.append(self)
            return
        line.flow(self.station.position)

    def _fail(self, _: simpy.Event) -> None:
        self.down = True
        self.line.record((self.line.env.now, FAIL, -1, self.place))
        if self._timer is not None:
            self._left_s = self._ends_at_s - self.line.env.now
            self._timer = None
        self.line.after(self._repair_time(), self._repair)

    def _repair(self, _: simpy.Event) -> None:
        self.down = False
        self.line.record((self.line.env.now, REPAIR, -1, self.place))
        if self.part is not None and not self.finished:
            self._work(self._left_s)
        self.line.after(self._up_time(), self._fail)
        self.line.flow(self.station.position)
