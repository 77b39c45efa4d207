"""What everything in a running line shares: the clock, the record, and the list of stations to look at."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Protocol

import simpy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators.policy import Policy
    from simulators.streams import Streams

    Happening = Callable[[simpy.Event], None]

__all__ = ["Part", "Plant", "Settling"]

NOWHERE = -1


@dataclass(slots=True, eq=False)
class Part:
    """A part on its way.

    Parameters
    ----------
    number, kind
        Its number in the journal, and the number of its type.
    source
        Number of the source that let it in.
    due_s
        When its order is due.
    step
        Which step of its route it is at.
    detour
        The station off its route that mends it, or `NOWHERE`.
    defective, reworks
        Whether a service has spoilt it, and how often it has been mended.
    since_s
        When it began to wait where it is.
    """

    number: int
    kind: int
    source: int
    due_s: float = inf
    step: int = 0
    detour: int = NOWHERE
    defective: bool = False
    reworks: int = 0
    since_s: float = 0.0


class Settling(Protocol):
    """What can be looked at: a station."""

    marked: bool

    def settle(self) -> None:
        """Do everything that can be done at once."""


class Plant:
    """The clock and the list of stations to look at.

    Parameters
    ----------
    streams
        Where random numbers come from.
    record
        Takes one event of the journal.
    policies
        Python functions that decide, by decision point.
    check
        Called when all is settled and a part more waits for room; None where that can do no harm.
    starving
        Whether to call it also when a machine has become empty.

    Attributes
    ----------
    env
        SimPy's environment; ``env.now`` is in seconds.
    wip
        Parts in the line.
    """

    def __init__(
        self,
        streams: Streams,
        record: Callable[[tuple[float, int, int, int]], None],
        policies: Mapping[str, Policy],
        check: Callable[[], None] | None,
        *,
        starving: bool,
    ) -> None:
        self.env = simpy.Environment()
        self.streams = streams
        self.record = record
        self.policies = policies
        self.wip = 0
        self.starving = starving
        self.blocked_anew = starving
        self._check = check
        self._to_settle: deque[Settling] = deque()

    def after(self, delay_s: float, happening: Happening) -> simpy.Event:
        """Call ``happening`` once ``delay_s`` from now; return SimPy's event for it."""
        timeout = self.env.timeout(delay_s)
        timeout.callbacks.append(happening)
        return timeout

    def mark(self, station: Settling) -> None:
        """Have a station looked at, after those that are marked already."""
        if not station.marked:
            station.marked = True
            self._to_settle.append(station)

    def watch(self, check: Callable[[], None]) -> None:
        """Look out for parts that wait for one another from now on."""
        self._check = check

    def settle(self) -> None:
        """Look at the marked stations, in order, until nothing is left to do at this instant."""
        to_settle = self._to_settle
        while to_settle:
            station = to_settle.popleft()
            station.marked = False
            station.settle()
        if self.blocked_anew:
            self.blocked_anew = False
            if self._check is not None:
                self._check()
