"""The events of a production line's journal."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.production_line.scenario import ProductionLine

__all__ = ["Event", "Places"]


class Event(IntEnum):
    """What can happen in a line; the place is a buffer for QUEUE, ``-1`` for RELEASE and EXIT, else a machine."""

    RELEASE = 0
    """A part enters the line."""
    QUEUE = 1
    """A part enters the buffer of a station."""
    START = 2
    """A part is loaded on a machine and its service starts."""
    FINISH = 3
    """Its service ends."""
    LEAVE = 4
    """It leaves the machine; later than FINISH where it was blocked."""
    EXIT = 5
    """It leaves the line."""
    FAIL = 6
    """A machine fails; a service under way is interrupted."""
    REPAIR = 7
    """The machine is repaired; an interrupted service resumes."""


# The same as plain numbers: inner loops, of Python and of Numba, are much faster with those.
RELEASE, QUEUE, START, FINISH, LEAVE, EXIT, FAIL, REPAIR = (int(event) for event in Event)


class Places:
    """Numbers the buffers and machines of a line: first a buffer a station, then the machines in order.

    Parameters
    ----------
    scenario
        The line.
    """

    def __init__(self, scenario: ProductionLine) -> None:
        stations = scenario.stations
        self.names: tuple[str, ...] = (
            *(f"{station.name}.buffer" for station in stations),
            *(f"{station.name}.{number + 1}" for station in stations for number in range(station.machines)),
        )
        self.machines: tuple[tuple[int, ...], ...] = ()
        place = len(stations)
        for station in stations:
            self.machines += (tuple(range(place, place + station.machines)),)
            place += station.machines
