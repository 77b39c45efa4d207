"""The line that engines are timed on, once as a scenario and once written by hand in bare SimPy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import simpy

from simulators import Streams
from simulators.production_line import ProductionLine

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["bare_simpy", "crewed_line", "failing_line"]

SERVICE_S, UP_S, REPAIR_S, PLACES = 10.0, 1000.0, 100.0, 5


def failing_line(stations: int, horizon_s: float) -> ProductionLine:
    """Return a saturated line of equal exponential stations that fail, with five places between them."""
    station = {
        "buffer_places": PLACES,
        "service": {"kind": "exponential", "mean_s": SERVICE_S},
        "failures": {
            "up_time": {"kind": "exponential", "mean_s": UP_S},
            "repair_time": {"kind": "exponential", "mean_s": REPAIR_S},
        },
    }
    return ProductionLine.model_validate(
        {
            "kind": "production_line",
            "horizon_s": horizon_s,
            "release": {"kind": "saturated"},
            "stations": [{"name": f"s{number}", **station} for number in range(stations)],
        }
    )


def crewed_line(stations: int, horizon_s: float) -> ProductionLine:
    """Return the same line with two machines at each station and a crew that repairs them."""
    data = failing_line(stations, horizon_s).model_dump(mode="json")
    data["crews"] = [{"name": "fitters", "members": stations, "skills": ["repairing"]}]
    for station in data["stations"]:
        station["machines"] = 2
        station["failures"]["skill"] = "repairing"
    return ProductionLine.model_validate(data)


def bare_simpy(stations: int, horizon_s: float, seed: int = 1) -> int:
    """Run the same line as SimPy's own examples would write it, without scenario, journal or KPIs.

    Returns
    -------
    How many parts left the line.
    """
    env = simpy.Environment()
    streams = Streams(seed)
    made = 0
    stores = [simpy.Store(env, PLACES) for _ in range(stations)]

    def feed() -> Generator[simpy.Event, object, None]:
        part = 0
        while True:
            yield stores[0].put(part)
            part += 1

    def work(position: int, service: Callable[[], float]) -> Generator[simpy.Event, object, None]:
        nonlocal made
        while True:
            part = yield stores[position].get()
            left_s = service()
            while left_s > 0:
                begin_s = env.now
                try:
                    yield env.timeout(left_s)
                    left_s = 0
                except simpy.Interrupt as interrupt:
                    left_s -= env.now - begin_s
                    yield interrupt.cause  # type: ignore[misc]
            if position + 1 < stations:
                yield stores[position + 1].put(part)
            else:
                made += 1

    def fail(
        machine: simpy.Process, up: Callable[[], float], repair: Callable[[], float], busy: Callable[[], bool]
    ) -> Generator[simpy.Event, object, None]:
        while True:
            yield env.timeout(up())
            repaired = env.timeout(repair())
            if busy():
                machine.interrupt(repaired)
            yield repaired

    def serving(machine: simpy.Process) -> bool:
        return isinstance(machine.target, simpy.Timeout)

    for position in range(stations):
        draws = [
            partial(streams.stream(f"station.s{position}.1.{name}").exponential, mean_s)
            for name, mean_s in (("service", SERVICE_S), ("up_time", UP_S), ("repair_time", REPAIR_S))
        ]
        machine = env.process(work(position, draws[0]))
        env.process(fail(machine, draws[1], draws[2], lambda machine=machine: serving(machine)))  # type: ignore[misc]
    env.process(feed())
    env.run(until=horizon_s)
    return made
