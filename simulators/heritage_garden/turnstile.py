"""A gate: a queue, and counters at which tickets are checked."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from simulators.heritage_garden.events import CHECK, GIVE_UP, QUEUE
from simulators.heritage_garden.party import CHECKING, GONE, QUEUED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import simpy

    from simulators.heritage_garden.clock import Clock
    from simulators.heritage_garden.party import Party

__all__ = ["Turnstile"]


class Turnstile:
    """A gate's queue, first come first served, and its counters.

    Parameters
    ----------
    clock
        The day's.
    place
        Number of the gate.
    counters
        Checks side by side.
    check
        Draws the time of one check.
    checks_of
        How many checks a party needs.
    admits
        Whether the garden lets a party in now.
    started
        Told of every party whose check begins.
    passed
        Told of every party whose check is over.
    """

    def __init__(
        self,
        clock: Clock,
        place: int,
        counters: int,
        check: Callable[[], float],
        checks_of: Callable[[Party], int],
        admits: Callable[[Party], bool],
        started: Callable[[Party], None],
        passed: Callable[[Party], None],
    ) -> None:
        self.clock = clock
        self.place = place
        self.counters = counters
        self.busy = 0
        self.open = True
        self.queue: deque[Party] = deque()
        self._check = check
        self._checks_of = checks_of
        self._admits = admits
        self._started = started
        self._passed = passed

    @property
    def queued(self) -> int:
        """Visitors in the queue."""
        return sum(party.size for party in self.waiting())

    def waiting(self) -> Iterator[Party]:
        """Give the parties in the queue, in order."""
        return (party for party in self.queue if party.phase == QUEUED)

    def join(self, party: Party) -> None:
        """Put a party at the end of the queue."""
        party.phase = QUEUED
        party.queued_s = self.clock.env.now
        self.clock.write(QUEUE, party.leader, self.place)
        self.queue.append(party)
        if party.patience_s < float("inf"):
            self.clock.after(party.patience_s, partial(self._lose_patience, party))
        self.serve()

    def serve(self) -> None:
        """Let those at the head begin, as far as counters are free and the garden lets them in."""
        while self.queue:
            party = self.queue[0]
            if party.phase != QUEUED:  # it has given up
                self.queue.popleft()
                continue
            if not self.open or self.busy >= self.counters or not self._admits(party):
                return
            self.queue.popleft()
            self.busy += 1
            party.phase = CHECKING
            self.clock.write(CHECK, party.leader, self.place)
            self._started(party)
            duration_s = 0.0
            for _ in range(self._checks_of(party)):
                duration_s += self._check()
            self.clock.after(duration_s, partial(self._pass, party))

    def send_home(self) -> None:
        """Let everybody in the queue give up."""
        for party in self.queue:
            if party.phase == QUEUED:
                self.give_up(party)
        self.queue.clear()

    def give_up(self, party: Party) -> None:
        """Let a party go home."""
        party.phase = GONE
        self.clock.write(GIVE_UP, party.leader, self.place)

    def _pass(self, party: Party, _: simpy.Event) -> None:
        self.busy -= 1
        self._passed(party)
        self.serve()

    def _lose_patience(self, party: Party, _: simpy.Event) -> None:
        if party.phase == QUEUED:
            self.give_up(party)
            self.serve()
