"""What is open, which way paths lead, and whether it rains: each such state with its routes, and when it changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.heritage_garden.controls import Span
from simulators.machine_code import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulators.heritage_garden.network import Network
    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.streams import Streams

__all__ = ["Change", "Regime", "Routes", "calendar", "rain_of"]

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Regime:
    """A state of the garden; the first axis of routes is 0 for everybody, 1 for those who cannot take stairs.

    Parameters
    ----------
    open
        ``(G + S + P,)`` which gates, scenes and paths are open.
    raining
        Whether it rains.
    onward
        ``(2, N, N)`` the path to take from a node to another, -1 where none leads there.
    attraction
        ``(2, N, S)`` odds of each scene from each node, see :meth:`Network.attraction`.
    out
        ``(2, N)`` the path to take to the nearest exit. Who is cut off is let out through closed paths and against
        one-way directions, and over stairs where nothing else is left.
    """

    open: NDArray[np.bool_]
    raining: bool
    onward: NDArray[np.int64]
    attraction: NDArray[np.float64]
    out: NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """From a moment on these places are closed, and it rains or not."""

    time_s: float
    closed: frozenset[int]
    raining: bool


class Routes:
    """Makes regimes, each only once.

    Parameters
    ----------
    network
        The garden.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._known: dict[tuple[frozenset[int], tuple[str, ...], bool], Regime] = {}
        both = ["both"] * network.paths
        self._physical = [self._walks([True] * network.paths, both, step_free=wheels) for wheels in (False, True)]
        nothing = np.full(network.nodes, NOWHERE)
        last = self._outward(0, nothing)
        self.escape: NDArray[np.int64] = np.stack([last, self._outward(1, last)])
        """``(2, N)`` the path to take when the alarm has been raised: none is closed then, nor one-way."""

    def regime(self, closed: frozenset[int], directions: Sequence[str], *, raining: bool) -> Regime:
        """Return the regime in which these places are closed and paths have these directions."""
        key = (closed, tuple(directions), raining)
        if key not in self._known:
            self._known[key] = self._make(*key)
        return self._known[key]

    def _make(self, closed: frozenset[int], directions: Sequence[str], raining: bool) -> Regime:
        network = self._network
        first = network.gates + network.scenes
        open_ = np.array([place not in closed for place in range(first + network.paths)])
        passable = open_[first:].tolist()
        onward, attraction, out = [], [], []
        for wheels in (False, True):
            walk_m, hop = self._walks(passable, directions, step_free=wheels)
            odds = network.attraction(walk_m, raining=raining)
            odds[:, ~open_[network.gates : first]] = 0.0
            onward.append(hop)
            attraction.append(odds)
            out.append(_to_exit(walk_m, hop, network.is_exit, self.escape[int(wheels)]))
        return Regime(open_, raining, np.stack(onward), np.stack(attraction), np.stack(out))

    def _outward(self, wheels: int, otherwise: NDArray[np.int64]) -> NDArray[np.int64]:
        return _to_exit(*self._physical[wheels], self._network.is_exit, otherwise)

    def _walks(
        self, passable: Sequence[bool], directions: Sequence[str], *, step_free: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return walks ``(N, N)`` in metres on the level, infinite where none leads, and the first path of each."""
        network = self._network
        walk_m = np.full((network.nodes, network.nodes), np.inf)
        hop = np.full((network.nodes, network.nodes), NOWHERE)
        for path in range(network.paths):
            if not passable[path] or (step_free and not network.step_free[path]):
                continue
            for way, (a, b) in enumerate(
                ((network.start[path], network.end[path]), (network.end[path], network.start[path]))
            ):
                against = "backward" if way == 0 else "forward"
                metres = network.level_m[path, way]
                if directions[path] != against and metres < walk_m[a, b]:
                    walk_m[a, b], hop[a, b] = metres, path
        np.fill_diagonal(walk_m, 0.0)
        _shorten(walk_m, hop)
        return walk_m, hop


@compiled
def _shorten(walk_m: NDArray[np.float64], hop: NDArray[np.int64]) -> None:
    """Find all shortest walks (Floyd and Warshall)."""
    nodes = len(walk_m)
    for via in range(nodes):
        for a in range(nodes):
            if walk_m[a, via] == np.inf:
                continue
            for b in range(nodes):
                if walk_m[a, via] + walk_m[via, b] < walk_m[a, b]:
                    walk_m[a, b] = walk_m[a, via] + walk_m[via, b]
                    hop[a, b] = hop[a, via]


def _to_exit(
    walk_m: NDArray[np.float64], hop: NDArray[np.int64], is_exit: NDArray[np.bool_], otherwise: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the path ``(N,)`` to take to the nearest exit, or that of ``otherwise`` where none can be reached."""
    exits = np.flatnonzero(is_exit)
    nearest = exits[np.argmin(walk_m[:, exits], axis=1)]
    nodes = np.arange(len(walk_m))
    reached = np.isfinite(walk_m[nodes, nearest])
    return np.where(reached, hop[nodes, nearest], otherwise)


def rain_of(scenario: HeritageGarden, streams: Streams) -> list[Span]:
    """Return when it rains: what is known beforehand, and showers by chance."""
    spells = list(scenario.weather.rain)
    showers = scenario.weather.showers
    if showers is not None:
        interval = streams.sampler("weather.interval", showers.interval)
        duration = streams.sampler("weather.duration", showers.duration)
        begins_s = interval()
        while begins_s < scenario.horizon_s:
            ends_s = begins_s + duration()
            if ends_s > begins_s:
                spells.append(Span(from_s=begins_s, to_s=ends_s))
            begins_s = ends_s + interval()
    return spells


def calendar(scenario: HeritageGarden, rain: Sequence[Span]) -> list[Change]:
    """Return the changes of a day, the first at 0."""
    garden = scenario.garden
    spans: list[tuple[int, float, float]] = []  # place, closed from, to
    number = {part.name: place for place, part in enumerate((*garden.gates, *garden.scenes, *garden.paths))}
    spans += [(number[c.place], c.from_s, c.to_s) for c in scenario.controls.closures]
    spans += [(number[gate.name], 0.0, scenario.opens_s) for gate in garden.gates]
    for scene in garden.scenes:
        if scene.opens_s is not None:
            spans.append((number[scene.name], 0.0, scene.opens_s))
        if scene.closes_s is not None:
            spans.append((number[scene.name], scene.closes_s, math.inf))
    wet = [number[scene.name] for scene in garden.scenes if scene.closes_in_rain]
    wet += [number[path.name] for path in garden.paths if path.closes_in_rain]
    spans += [(place, spell.from_s, spell.to_s) for place in wet for spell in rain]
    times = {0.0, *(spell.from_s for spell in rain), *(spell.to_s for spell in rain)}
    times.update(end for _, *ends in spans for end in ends)
    found: list[Change] = []
    for time_s in sorted(time for time in times if time < scenario.horizon_s):
        closed = frozenset(place for place, begin, end in spans if begin <= time_s < end)
        raining = any(spell.from_s <= time_s < spell.to_s for spell in rain)
        if not found or (closed, raining) != (found[-1].closed, found[-1].raining):
            found.append(Change(time_s, closed, raining))
    return found
