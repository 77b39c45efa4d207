"""Which machine holds the line up: the active period method, with bottlenecks that shift.

A machine is active while it makes others wait (it works, is set up, has failed or is maintained), and inactive while it
waits itself (starved, blocked, or for an operator). At any moment the bottleneck is the machine whose uninterrupted
active period is the longest. Where the period of one bottleneck overlaps with that of the next, the bottleneck shifts;
for the rest of its period it is the sole bottleneck.

C. Roser, M. Nakano, M. Tanaka: A practical bottleneck detection method. Winter Simulation Conference 2001, 949-953;
Shifting bottleneck detection. Winter Simulation Conference 2002, 1079-1086.

Ours are two choices. A machine off its shift is not active: hours in which nobody works are nobody's bottleneck. And a
station of several machines is active only while all of them are: as long as one waits, the station waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from simulators.production_line.gantt import gantt
from simulators.production_line.places import NOWHERE, Places
from simulators.production_line.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line.scenario import ProductionLine

    Times = NDArray[np.float64]
    Periods = tuple[Times, Times]

__all__ = ["ACTIVE", "Bottlenecks", "Shares", "bottlenecks"]

ACTIVE = (State.WORKING, State.SETUP, State.DOWN, State.MAINTENANCE)
"""States in which a machine makes others wait."""


@dataclass(frozen=True, eq=False)
class Shares:
    """How much of the time each of ``K`` candidates was the bottleneck.

    Parameters
    ----------
    names
        Of the candidates: stations, or machines.
    momentary_ratio
        ``(K,)`` share of the time in which it was the bottleneck; together at most 1.
    sole_ratio, shifting_ratio
        ``(K,)`` share of the time in which a period lasted that made it the bottleneck, alone, and together with
        another bottleneck's period.
    start_s
        ``(N,)`` when the bottleneck changed, from the beginning of the window on.
    bottleneck
        ``(N,)`` who was the bottleneck from then on, index into ``names``, -1 for nobody.
    """

    names: tuple[str, ...]
    momentary_ratio: NDArray[np.float64]
    sole_ratio: NDArray[np.float64]
    shifting_ratio: NDArray[np.float64]
    start_s: NDArray[np.float64]
    bottleneck: NDArray[np.int64]

    @property
    def primary(self) -> str | None:
        """Name of the candidate that was the bottleneck for the longest time, None if nobody ever was."""
        best = int(self.momentary_ratio.argmax())
        return self.names[best] if self.momentary_ratio[best] > 0 else None


@dataclass(frozen=True, eq=False)
class Bottlenecks:
    """The bottlenecks of a run.

    Parameters
    ----------
    stations
        Of stations, each active while all its machines are.
    machines
        Of single machines.
    """

    stations: Shares
    machines: Shares


def bottlenecks(
    scenario: ProductionLine, journal: Journal, *, start_s: float | None = None, end_s: float | None = None
) -> Bottlenecks:
    """Find the bottlenecks of a run.

    Parameters
    ----------
    scenario
        The line that ran.
    journal
        What happened in it.
    start_s, end_s
        The window that the shares are of, seconds; from the end of the warm-up to the horizon unless given. Periods
        that reach beyond it count with their whole length.

    Raises
    ------
    ValueError
        The window is empty.

    Examples
    --------
    >>> from simulators import simulate
    >>> from simulators.production_line import ProductionLine
    >>> line = ProductionLine.model_validate({
    ...     "kind": "production_line",
    ...     "horizon_s": 3600,
    ...     "warm_up_s": 600,
    ...     "release": {"kind": "saturated"},
    ...     "stations": [
    ...         {"name": name, "service": {"kind": "deterministic", "value_s": seconds}}
    ...         for name, seconds in [("cut", 20), ("weld", 30), ("paint", 25)]
    ...     ],
    ... })
    >>> found = bottlenecks(line, simulate(line, seed=1).journal).stations
    >>> found.primary, found.sole_ratio.tolist()
    ('weld', [0.0, 1.0, 0.0])
    """
    begin_s = scenario.warm_up_s if start_s is None else start_s
    stop_s = scenario.horizon_s if end_s is None else end_s
    if not begin_s < stop_s:
        message = f"start_s = {begin_s:g} must be < end_s = {stop_s:g}"
        raise ValueError(message)
    bars = gantt(scenario, journal)
    active = np.isin(bars.state, ACTIVE)
    places = Places(scenario)
    machines = [
        _joined(bars.start_s[mine], bars.end_s[mine])
        for mine in (active & (bars.machine == place) for numbers in places.machines for place in numbers)
    ]
    stations, first = [], 0
    for numbers in places.machines:
        stations.append(_all_of(machines[first : first + len(numbers)]))
        first += len(numbers)
    names = tuple(journal.places[place] for numbers in places.machines for place in numbers)
    return Bottlenecks(
        _shares(tuple(station.name for station in scenario.stations), stations, begin_s, stop_s),
        _shares(names, machines, begin_s, stop_s),
    )


def _joined(begin_s: Times, end_s: Times) -> Periods:
    """Join intervals that follow one another without a gap."""
    gaps = begin_s[1:] > end_s[:-1]
    return begin_s[np.append(True, gaps)[: len(begin_s)]], end_s[np.append(gaps, True)[: len(end_s)]]


def _all_of(machines: Sequence[Periods]) -> Periods:
    """Return the periods in which all machines are active."""
    if len(machines) == 1:
        return machines[0]
    edges, active = _coverage(
        np.concatenate([one[0] for one in machines]), np.concatenate([one[1] for one in machines])
    )
    every = np.flatnonzero(active[:-1] == len(machines))
    return _joined(edges[every], edges[every + 1])


def _coverage(begin_s: Times, end_s: Times) -> tuple[Times, NDArray[np.int64]]:
    """Return all begins and ends in order, and how many intervals cover the time from each to the next."""
    edges, where = np.unique(np.concatenate([begin_s, end_s]), return_inverse=True)
    change = np.zeros(len(edges), np.int64)
    np.add.at(change, where, np.repeat([1, -1], len(begin_s)))
    return edges, np.cumsum(change)


def _shares(names: tuple[str, ...], periods: Sequence[Periods], start_s: float, end_s: float) -> Shares:
    begin, stop = (np.concatenate(times) for times in zip(*periods, strict=True))
    owner = np.repeat(np.arange(len(periods)), [len(one[0]) for one in periods])
    time_s, longest = _longest(begin, stop)
    who = np.where(longest == NOWHERE, NOWHERE, np.append(owner, NOWHERE)[longest])
    span_s = end_s - start_s
    lasts_s = np.diff(np.append(time_s, end_s).clip(start_s, end_s))
    found = np.unique(longest[longest != NOWHERE])
    sole_s, all_s = _alone(begin[found].clip(start_s, end_s), stop[found].clip(start_s, end_s))
    momentary = np.bincount(who[who != NOWHERE], lasts_s[who != NOWHERE], len(names))
    sole = np.bincount(owner[found], sole_s, len(names))
    shifting = np.bincount(owner[found], all_s - sole_s, len(names))
    seen = lasts_s > 0
    changes = np.append(True, who[seen][1:] != who[seen][:-1])[: seen.sum()]
    return Shares(
        names,
        momentary / span_s,
        sole / span_s,
        shifting / span_s,
        time_s[seen][changes].clip(start_s),
        who[seen][changes],
    )


def _alone(begin_s: Times, end_s: Times) -> tuple[Times, Times]:
    """Return of every interval the length that no other covers, and its whole length."""
    edges, cover = _coverage(begin_s, end_s)
    lone_s = np.concatenate(([0.0], np.cumsum(np.diff(edges) * (cover[:-1] == 1)))) if len(edges) else edges
    return lone_s[np.searchsorted(edges, end_s)] - lone_s[np.searchsorted(edges, begin_s)], end_s - begin_s


def _longest(begin_s: Times, end_s: Times) -> tuple[Times, NDArray[np.int64]]:
    """Return when the longest of the intervals that last changes, from time 0 on, and which it is from then on.

    Of equally long ones the one that began first is taken, and of those the first in the list.
    """
    order = np.argsort(begin_s, kind="stable").tolist()
    begins, ends = begin_s.tolist(), end_s.tolist()
    time_s, longest = [0.0], [NOWHERE]
    lasting: list[tuple[float, float, int]] = []
    now_s, following = 0.0, 0
    while following < len(order) or lasting:
        while following < len(order) and begins[order[following]] <= now_s:
            one = order[following]
            heappush(lasting, (begins[one] - ends[one], begins[one], one))
            following += 1
        while lasting and ends[lasting[0][2]] <= now_s:
            heappop(lasting)
        best = lasting[0][2] if lasting else NOWHERE
        if best != longest[-1]:
            time_s.append(now_s)
            longest.append(best)
        upcoming_s = begins[order[following]] if following < len(order) else np.inf
        now_s = min(upcoming_s, ends[best]) if best != NOWHERE else upcoming_s
    return np.array(time_s), np.array(longest)
