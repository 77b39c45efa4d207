"""People in a scene."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from simulators.heritage_garden.events import FULL, VISIT
from simulators.heritage_garden.party import DWELLING, UNDER_WAY

if TYPE_CHECKING:
    from collections.abc import Callable

    import simpy

    from simulators.heritage_garden.clock import Clock
    from simulators.heritage_garden.network import Network
    from simulators.heritage_garden.party import Party

__all__ = ["SceneCrowd"]


class SceneCrowd:
    """A scene with the visitors who look at it.

    Parameters
    ----------
    clock
        The day's.
    network
        The garden.
    number
        Which scene.
    dwell
        Draws how long a visit lasts.
    ended
        Told of every party that has seen enough, or finds no room.
    """

    def __init__(
        self, clock: Clock, network: Network, number: int, dwell: Callable[[], float], ended: Callable[[Party], None]
    ) -> None:
        self.clock = clock
        self.place = network.gates + number
        self.visitors = 0
        self.carrying = int(network.carrying[number])
        self.room = int(network.scene_room[number])
        self._bit = 1 << number
        self._odds = network.odds[number].tolist()
        self._dwell = dwell
        self._ended = ended

    def has_room(self, party: Party) -> bool:
        """Return whether a party fits in; a large one fits into an empty scene."""
        return self.visitors == 0 or self.visitors + party.size <= self.room

    def odds(self) -> float:
        """Return the factor by which its crowd lowers the odds of going there."""
        return float(self._odds[min(self.visitors, self.room)])

    def receive(self, party: Party) -> None:
        """Let a party in, or turn it away at the door."""
        if not self.has_room(party):
            party.phase = UNDER_WAY
            self.clock.write(FULL, party.leader, self.place)
            self._ended(party)
            return
        self.visitors += party.size
        party.seen |= self._bit
        party.phase = DWELLING
        self.clock.write(VISIT, party.leader, self.place)
        party.timer = self.clock.after(self._dwell(), partial(self._end, party))

    def interrupt(self, party: Party) -> None:
        """Break a visit off."""
        self.visitors -= party.size
        party.timer = None

    def _end(self, party: Party, event: simpy.Event) -> None:
        if event is party.timer:  # else the alarm has broken the visit off
            self.interrupt(party)
            self._ended(party)
