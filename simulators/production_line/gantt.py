"""The Gantt chart of a run: what every machine did, with which part, from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from simulators.production_line.events import Event
from simulators.production_line.places import Places
from simulators.production_line.states import NOBODY, spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line.scenario import ProductionLine

__all__ = ["Gantt", "gantt"]


@dataclass(frozen=True, eq=False)
class Gantt:
    """``N`` bars, machine by machine and in the order of time; together they cover every machine's whole run.

    Parameters
    ----------
    machine
        ``(N,)`` index into ``places``.
    state
        ``(N,)`` a :class:`~simulators.production_line.State`.
    part
        ``(N,)`` number of the part on the machine, -1 for none.
    part_type
        ``(N,)`` index into the scenario's ``types`` of that part, -1 for none.
    start_s, end_s
        ``(N,)`` simulated seconds, ``start_s < end_s``.
    places
        Names of the places.
    """

    machine: NDArray[np.int64]
    state: NDArray[np.int64]
    part: NDArray[np.int64]
    part_type: NDArray[np.int64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    places: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.machine)

    def within(self, start_s: float, end_s: float) -> Self:
        """Return the bars that touch a window, cut off at its ends; seconds."""
        keep = (self.start_s < end_s) & (self.end_s > start_s)
        return type(self)(
            self.machine[keep],
            self.state[keep],
            self.part[keep],
            self.part_type[keep],
            self.start_s[keep].clip(start_s),
            self.end_s[keep].clip(None, end_s),
            self.places,
        )


def gantt(scenario: ProductionLine, journal: Journal) -> Gantt:
    """Derive the Gantt chart from a journal.

    Parameters
    ----------
    scenario
        The line that ran.
    journal
        What happened in it.

    Examples
    --------
    >>> from simulators import simulate
    >>> from simulators.production_line import ProductionLine, State
    >>> line = ProductionLine.model_validate({
    ...     "kind": "production_line",
    ...     "horizon_s": 100,
    ...     "release": {"kind": "interval", "interval": {"kind": "deterministic", "value_s": 60}},
    ...     "stations": [{"name": "press", "service": {"kind": "deterministic", "value_s": 30}}],
    ... })
    >>> bars = gantt(line, simulate(line, seed=1).journal)
    >>> for bar in zip(bars.state.tolist(), bars.part.tolist(), bars.start_s.tolist(), bars.end_s.tolist()):
    ...     print(State(bar[0]).name, *bar[1:])
    STARVED -1 0.0 60.0
    WORKING 0 60.0 90.0
    STARVED -1 90.0 100.0
    """
    places = Places(scenario)
    rows = [_bars(scenario, journal, place) for machines in places.machines for place in machines]
    machine, state, part, start_s, end_s = (np.concatenate(column) for column in zip(*rows, strict=True))
    kinds = _kinds(journal, places, part)
    return Gantt(machine, state, part, kinds, start_s, end_s, journal.places)


def _bars(
    scenario: ProductionLine, journal: Journal, place: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    start_s, state, part = spans(journal, place)
    lasting = np.append(start_s[1:] > start_s[:-1], start_s[-1] < scenario.horizon_s)
    start_s, state, part = start_s[lasting], state[lasting], part[lasting]
    changes = np.append(True, (state[1:] != state[:-1]) | (part[1:] != part[:-1]))
    start_s, state, part = start_s[changes], state[changes], part[changes]
    return np.full(len(state), place), state, part, start_s, np.append(start_s[1:], scenario.horizon_s)


def _kinds(journal: Journal, places: Places, part: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the type of every part, which its release tells."""
    released = np.flatnonzero(journal.event == Event.RELEASE)
    number = journal.entity[released]
    order = np.argsort(number)
    kinds = np.full(len(part), NOBODY, np.int64)
    somebody = part != NOBODY
    row = released[order[np.searchsorted(number[order], part[somebody])]]
    kinds[somebody] = journal.place[row] - places.types[0]
    return kinds
