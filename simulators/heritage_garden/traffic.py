"""People on a path: all walk at the speed that its density allows at every moment."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from simulators.heritage_garden.events import WAIT, WALK, WALK_BACK
from simulators.heritage_garden.party import UNDER_WAY
from simulators.heritage_garden.walking import counter_flow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import simpy

    from simulators.heritage_garden.clock import Clock
    from simulators.heritage_garden.network import Network
    from simulators.heritage_garden.party import Party

__all__ = ["PathTraffic"]


class PathTraffic:
    """A path with those who walk on it and those who wait at its mouth.

    Everybody's speed is the free speed times a pace that all share and that changes whenever somebody steps on or off.
    The path therefore keeps a clock of its own, ``done_s``, that runs at that pace: who steps on arrives when it has
    gone on by the time that the walk takes at free speed, and only the next arrival need be scheduled.

    Parameters
    ----------
    clock
        The day's.
    network
        The garden.
    number
        Which path.
    place
        Its number as a place.
    arrived
        Told of every party that comes to the other end.
    """

    def __init__(
        self, clock: Clock, network: Network, number: int, place: int, arrived: Callable[[Party], None]
    ) -> None:
        self.clock = clock
        self.place = place
        self.ends = (int(network.start[number]), int(network.end[number]))
        self.visitors = [0, 0]  # forward, backward
        self.waiting: deque[Party] = deque()
        self._arrived = arrived
        self._level_m = tuple(network.level_m[number].tolist())
        self._room = int(network.room[number])
        self._headway_s = float(network.headway_s[number])
        self._pace = network.pace[number].tolist()
        self._walkers: list[tuple[float, int, Party, int]] = []  # done_s at the end, order of stepping on, way
        self._stepped_on = 0
        self._done_s = 0.0
        self._since_s = 0.0
        self._timer: simpy.Event | None = None
        self._mouth_free_s = 0.0
        self._mouth_timer: simpy.Event | None = None

    def enter(self, party: Party) -> None:
        """Let a party that stands at one of the ends walk on, or wait."""
        if not self.waiting and self._has_room(party) and self._mouth_free_s <= self.clock.env.now:
            self._step_on(party)
            self._schedule()
            return
        party.phase = UNDER_WAY
        self.clock.write(WAIT, party.leader, self.place)
        self.waiting.append(party)
        self._let_on()

    def pace(self) -> float:
        """Return the speed of everybody over their free speed."""
        forward, backward = self.visitors
        return float(self._pace[min(forward + backward, self._room)] * counter_flow(forward, backward))

    def walkers(self) -> Iterator[tuple[Party, int, float]]:
        """Give who walks on it: the party, its way (0: forward), and the share of the path that lies behind it."""
        done_s = self._done_s + (self.clock.env.now - self._since_s) * self.pace() if self._walkers else 0.0
        for arrives_s, _, party, way in sorted(self._walkers, key=lambda walker: walker[1]):
            walk_s = self._level_m[way] * party.slowness_s_m
            yield party, way, min(1.0, max(0.0, 1.0 - (arrives_s - done_s) / walk_s))

    def _has_room(self, party: Party) -> bool:
        present = self.visitors[0] + self.visitors[1]
        return present == 0 or present + party.size <= self._room

    def _let_on(self) -> bool:
        """Let those who wait walk on, as far as there is room and the mouth is free; return whether any did."""
        any_did = False
        while self.waiting and self._has_room(self.waiting[0]):
            now_s = self.clock.env.now
            if self._mouth_free_s > now_s:
                if self._mouth_timer is None:
                    self._mouth_timer = self.clock.after(self._mouth_free_s - now_s, self._mouth_opens)
                break
            self._step_on(self.waiting.popleft())
            any_did = True
        return any_did

    def _mouth_opens(self, _: simpy.Event) -> None:
        self._mouth_timer = None
        self._mouth_free_s = self.clock.env.now
        if self._let_on():
            self._schedule()

    def _step_on(self, party: Party) -> None:
        now_s = self.clock.env.now
        self._advance()
        way = 0 if party.node == self.ends[0] else 1
        party.phase = UNDER_WAY
        self.visitors[way] += party.size
        walk_s = self._level_m[way] * party.slowness_s_m
        heappush(self._walkers, (self._done_s + walk_s, self._stepped_on, party, way))
        self._stepped_on += 1
        self._mouth_free_s = now_s + party.size * self._headway_s
        self.clock.write(WALK if way == 0 else WALK_BACK, party.leader, self.place)

    def _advance(self) -> None:
        """Bring the path's own clock up to now."""
        now_s = self.clock.env.now
        if self._walkers:
            self._done_s += (now_s - self._since_s) * self.pace()
        else:
            self._done_s = 0.0
        self._since_s = now_s

    def _schedule(self) -> None:
        """Schedule the next arrival anew, as the pace has changed."""
        if self._walkers:
            left_s = max(0.0, self._walkers[0][0] - self._done_s)
            self._timer = self.clock.after(left_s / self.pace(), self._arrive)
        else:
            self._timer = None

    def _arrive(self, event: simpy.Event) -> None:
        if event is not self._timer:  # somebody has stepped on or off since
            return
        self._done_s, _, party, way = heappop(self._walkers)
        self._since_s = self.clock.env.now
        self.visitors[way] -= party.size
        self._let_on()
        self._schedule()
        party.node = self.ends[1 - way]
        self._arrived(party)
