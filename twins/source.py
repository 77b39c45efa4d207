"""Where a twin's events come from."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Protocol

from simulators import Journal, Streams
from simulators.journal import joined
from simulators.recorder import Recorder
from simulators.registry import simulator_of
from twins.errors import NoTwinError
from twins.rows import cut, packed

if TYPE_CHECKING:
    from simulators import Command, Scenario

__all__ = ["SimulatedPlant", "Source"]


class Source(Protocol):
    """A plant that events come from.

    Attributes
    ----------
    time_s
        Everything before this moment has happened, and nothing from it on but what commands have done.
    rows
        How many events there have been.
    digest
        SHA-256 of all events so far, as `twins.rows.digest_of` gives it, however many steps they came in.
    """

    time_s: float

    @property
    def rows(self) -> int:
        """How many events there have been."""

    @property
    def digest(self) -> str:
        """SHA-256 of all events so far."""

    def advance(self, to_s: float) -> None:
        """Let everything before ``to_s`` happen."""

    def apply(self, command: Command, number: int) -> None:
        """Carry a command out now; raises `simulators.CommandError` where that cannot be."""

    def journal(self, first: int = 0) -> Journal:
        """Return the events from row ``first`` on."""

    def snapshot(self) -> dict[str, Any]:
        """Return the state of everything, as data that JSON can hold."""


class SimulatedPlant:
    """A plant that SimPy simulates.

    Parameters
    ----------
    scenario
        Of any kind.
    seed, replication
        Which random numbers it meets.

    Raises
    ------
    NoTwinError
        Plants of this kind can be simulated only as a whole.
    """

    def __init__(self, scenario: Scenario, seed: int, replication: int = 0) -> None:
        simulator = simulator_of(scenario)
        if simulator.plant is None:
            raise NoTwinError(scenario.kind)
        self._tape = _Tape(simulator.places(scenario))
        self._recorder = Recorder(self._tape.places, self._tape, keep=False)
        self._plant = simulator.plant(scenario, Streams(seed, replication), self._recorder)
        self.time_s = 0.0
        self._recorder.flush()

    @property
    def rows(self) -> int:
        """How many events there have been."""
        return self._tape.rows

    @property
    def digest(self) -> str:
        """SHA-256 of all events so far, in hexadecimal."""
        return self._tape.sha.hexdigest()

    def advance(self, to_s: float) -> None:
        """Let everything before ``to_s`` happen.

        Raises
        ------
        simulators.DeadlockError
            Nothing in the plant can move any more.
        """
        self._recorder.run(self._plant.env, to_s)
        self.time_s = to_s
        # SimPy comes to a moment only by an event of that moment, which would take its turn among those of the plant.
        self._plant.env._now = to_s

    def apply(self, command: Command, number: int) -> None:
        """Carry a command out now, before anything else of this moment that is still to come."""
        self._plant.apply(command, number)
        self._recorder.flush()

    def journal(self, first: int = 0) -> Journal:
        """Return the events from row ``first`` on."""
        return self._tape.since(first)

    def snapshot(self) -> dict[str, Any]:
        """Return the state of everything; ``docs/twins.md`` tells its fields."""
        return self._plant.snapshot()


class _Tape:
    """Keeps every piece of the journal as it comes; a meter that measures nothing else."""

    def __init__(self, places: tuple[str, ...]) -> None:
        self.places = places
        self.rows = 0
        self.sha = hashlib.sha256()
        self._pieces: list[Journal] = []
        self._ends: list[int] = []

    def add(self, piece: Journal) -> None:
        """Keep the next events."""
        if not len(piece):
            return
        kept = Journal(piece.time_s.copy(), piece.event.copy(), piece.entity.copy(), piece.place.copy(), self.places)
        self.sha.update(packed(kept).tobytes())
        self.rows += len(kept)
        self._pieces.append(kept)
        self._ends.append(self.rows)

    def kpis(self) -> dict[str, Any]:
        """Measure nothing."""
        return {}

    def since(self, first: int) -> Journal:
        """Return the events from row ``first`` on."""
        number = bisect_right(self._ends, first)
        if number == len(self._pieces):
            return joined([], self.places)
        head = self._pieces[number]
        skipped = first - (self._ends[number] - len(head))
        found = joined([cut(head, skipped), *self._pieces[number + 1 :]], self.places)
        if first == 0:  # a live twin brings ten pieces a second: whoever asks for all of them joins them once
            self._pieces, self._ends = [found], [self.rows]
        return found
