"""A plant at a moment of a past that is known, and that it has yet to live through once more.

What runs in SimPy cannot be copied. But whatever has happened is in the journal: who only looks at it has it at once,
and the plant is built up to that moment only when it is to go on, to be commanded, or to tell its state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators import CommandError
from simulators.version import code_version
from twins.errors import ReplayError
from twins.rows import cut, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from numpy.typing import NDArray

    from simulators import Command, Journal
    from twins.source import Source

__all__ = ["Act", "Remembered", "relive"]

SLICE_ROWS = 4096
"""Events from one stop to the next: some 40 ms."""


@dataclass(frozen=True)
class Act:
    """A command that was given.

    Parameters
    ----------
    time_s
        When.
    command
        Which.
    number
        Its number in the journal.
    """

    time_s: float
    command: Command
    number: int


def relive(plant: Source, acts: Sequence[Act], stops_s: NDArray[np.float64]) -> Iterator[float]:
    """Let a plant do what it did, and all commands be given once more.

    Parameters
    ----------
    plant
        Where the first act finds it, or before.
    acts
        In order, none later than the last stop.
    stops_s
        ``(N,)`` moments in order, the last being where it is to come to; the share that is behind is told at each.
    """
    given = 0
    for number, stop_s in enumerate(stops_s.tolist(), 1):
        while given < len(acts) and acts[given].time_s <= stop_s:
            plant.advance(acts[given].time_s)
            plant.apply(acts[given].command, acts[given].number)
            given += 1
        plant.advance(stop_s)
        yield number / len(stops_s)


class Remembered:
    """A plant that is known to have come to a moment.

    Parameters
    ----------
    make
        Makes the plant at its beginning.
    past
        What had happened by then.
    time_s
        The moment.
    acts
        The commands that were given.
    """

    def __init__(self, make: Callable[[], Source], past: Journal, time_s: float, acts: Sequence[Act]) -> None:
        self._make = make
        self._past = past
        self._acts = tuple(acts)
        self.time_s = time_s
        self.digest = digest_of(past)

    @property
    def rows(self) -> int:
        """How many events there have been."""
        return len(self._past)

    def journal(self, first: int = 0) -> Journal:
        """Return the events from row ``first`` on."""
        return cut(self._past, first)

    def relived(self) -> Generator[float, None, Source]:
        """Live through all that once more, some thousand events at a time; tell the share that is behind.

        Returns
        -------
        The plant at that moment.

        Raises
        ------
        ReplayError
            It has come out otherwise.
        """
        plant = self._make()
        stops_s = np.unique([*self._past.time_s[SLICE_ROWS::SLICE_ROWS], self.time_s])
        version = code_version()
        try:
            yield from relive(plant, self._acts, stops_s)
        except CommandError as error:
            raise ReplayError(self.time_s, version, version, f"a command is refused: {error}") from error
        if plant.digest != self.digest:
            found = f"{plant.rows} events instead of {self.rows}, or other ones"
            raise ReplayError(self.time_s, version, version, found)
        return plant
