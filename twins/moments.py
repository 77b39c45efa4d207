"""What is to be seen of a plant that is running, moment after moment, from its feed."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulators import KINDS, Journal, Run
from simulators.journal import joined
from twins.diary import diary
from twins.feed import Ended, Piece, Reliving, Snapshot, about, watch
from twins.parcel import pack_moment
from twins.rows import cut
from twins.showing import SCENES, movers_of, scene_of
from twins.timing import BEYOND_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import redis
    import redis.asyncio

    from twins.feed import Message
    from twins.parcel import Parcel
    from twins.scene import Movers, Scene

__all__ = ["Moments"]

WINDOW_S = 120.0
"""What lies further back is not drawn any more; what stands since then is."""

BEHIND_S = 60.0
"""How far the clock of a browser may be behind the plant's, simulated seconds; what was gone by then is left out."""

OFF_S = 2.5
"""How far it may be off, in seconds of the viewer's: of a plant that runs fast that is more."""

SPEED_OVER_S = (1.0, 5.0)
"""A plant's speed is known from what was heard over so much time on the wall, and from no more than that."""

LATEST = 16
"""Events that are told of each place."""

AT_MOST_EVERY_S = 0.05
FIRST_S = 1.0


class Moments:
    """The scene of a plant that others run.

    Parameters
    ----------
    client
        Of Redis, blocking; asked once what the plant is.
    name
        The twin's.
    history
        Returns what has happened so far, where somebody can tell; else the scene begins with what is heard.

    Raises
    ------
    twins.errors.NoFeedError
        Nobody has published under that name.
    """

    def __init__(self, client: redis.Redis, name: str, history: Callable[[], Journal] | None = None) -> None:
        told = about(client, name)
        self._name = name
        self._scenario = KINDS[told.scenario["kind"]].scenario.model_validate(told.scenario)
        self._seed, self._replication = told.seed, told.replication
        self._history = history
        self._places = told.places
        self._pieces = [joined([], told.places)]
        self._now_s, self._rows = 0.0, 0
        self._relived = 1.0
        self._heard: deque[tuple[float, float]] = deque()  # the plant's time, and when it was heard on the wall
        self._moment, self._number = b"", 0
        self._watchers = 0
        self._changed, self._news = asyncio.Event(), asyncio.Condition()
        self._known: dict[str, Movers] = {}  # every kind that has been there, without its copies
        self._still: Scene | None = None  # as it was built last: what stands takes long and does not change

    @property
    def kind(self) -> str:
        """What kind of plant it is."""
        return self._scenario.kind

    @property
    def horizon_s(self) -> float:
        """When it ends."""
        return self._scenario.horizon_s

    @property
    def now_s(self) -> float:
        """The plant's time."""
        return self._now_s

    @property
    def rows(self) -> int:
        """How many events its journal has."""
        return self._rows

    @property
    def known(self) -> frozenset[str]:
        """Names of all kinds of movers that have ever been there."""
        return frozenset(self._known)

    def run(self) -> Run:
        """Return what has been heard so far as a run, without figures."""
        if len(self._pieces) > 1:
            self._pieces = [joined(self._pieces, self._places)]
        return Run(self._scenario, self._seed, self._replication, {}, self._pieces[0])

    def speed(self) -> float:
        """Return how fast the plant runs, simulated seconds a second; 0 where that is not known yet."""
        least_s, _ = SPEED_OVER_S
        if not self._heard or self._heard[-1][1] - self._heard[0][1] < least_s:
            return 0.0
        (first_s, begin_s), (last_s, end_s) = self._heard[0], self._heard[-1]
        return (last_s - first_s) / (end_s - begin_s)

    def window_s(self) -> tuple[float, float]:
        """Return the last moments, which are drawn; what is known then lasts a little beyond them.

        Of a plant that runs fast they reach as far beyond now as a browser's clock may be ahead.
        """
        off_s, now_s = self._off_s(), max(self._now_s, FIRST_S)
        end_s = min(now_s + max(0.0, off_s - BEYOND_S / 2), self._scenario.horizon_s)
        return max(0.0, min(now_s, end_s) - max(WINDOW_S, 2 * off_s)), end_s

    def _off_s(self) -> float:
        return min(OFF_S * self.speed(), SCENES[self.kind].span_s / 2)

    def _look(self) -> dict[str, Any]:
        return dict(SCENES[self.kind].look_at_speed(self.speed()))

    def scene(self) -> Scene:
        """Return the scene of the last moments; kinds of movers that have ever been there are in it."""
        return self.building()()

    def building(self) -> Callable[[], Scene]:
        """Return what builds the scene of what is known now, in any thread."""
        run, window_s, look = self.run(), self.window_s(), self._look()

        def build() -> Scene:
            self._still = scene = scene_of(run, *window_s, **look)
            there = {movers.name for movers in scene.movers}
            gone = tuple(movers for name, movers in self._known.items() if name not in there)
            return replace(scene, movers=scene.movers + gone)

        return build

    def moment(self) -> Parcel:
        """Return what moves now, packed for the browser."""
        parcel, moving = self._making()()
        self._learn(moving)
        return parcel

    def _making(self) -> Callable[[], tuple[Parcel, tuple[Movers, ...]]]:
        """Return what makes a moment of what is known now, in any thread: the parcel, and the movers that are in it."""
        run, (start_s, end_s), known = self.run(), self.window_s(), self.known
        now_s, rows, relived = self._now_s, self._rows, self._relived
        late_s, look = now_s - start_s - max(BEHIND_S, self._off_s()), self._look()

        def make() -> tuple[Parcel, tuple[Movers, ...]]:
            moving = movers_of(run, start_s, end_s, **look)
            still_there = tuple(movers.chosen(np.flatnonzero(movers.vanish_s > late_s)) for movers in moving)
            # New kinds are lit as the page is that was opened last.
            still = scene_of(run, start_s, end_s, **look) if self._still is None else self._still
            self._still = still
            scene = replace(still, movers=still_there, start_s=start_s, end_s=end_s)
            happened = diary(self.kind, run.journal, start_s, end_s, latest=LATEST)
            return pack_moment(scene, happened, now_s=now_s, rows=rows, relived=relived, known=known), still_there

        return make

    def hear(self, message: Message) -> None:
        """Take in what the feed says."""
        self._relived = message.share if isinstance(message, Reliving) else 1.0
        match message:
            case Snapshot():
                self._heard.clear()
                known = joined([], self._places) if self._history is None else self._history()
                self._pieces = [cut(known, 0, message.row)]
                self._now_s, self._rows = message.time_s, message.row
            case Ended():
                self._now_s = message.time_s
            case Reliving():
                self._now_s = message.time_s
            case Piece():
                self._pieces.append(message.journal)
                self._now_s, self._rows = message.until_s, message.row + len(message.journal)
                self._heard.append((message.until_s, time.monotonic()))
                while self._heard[-1][1] - self._heard[0][1] > SPEED_OVER_S[1]:
                    self._heard.popleft()

    async def follow(self, client: redis.asyncio.Redis) -> None:
        """Listen to the feed for ever, and make moments of it while somebody looks, as fast as they can be looked at.

        They are made away from this thread, in which the plant may run, and half of the time at most.
        """

        async def listen() -> None:
            async for message in watch(client, self._name):
                self.hear(message)
                self._changed.set()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen())
            while True:
                await self._changed.wait()
                self._changed.clear()
                if not self._watchers:
                    continue  # who comes to look sets it again
                began_s = time.monotonic()
                parcel, moving = await asyncio.to_thread(self._making())
                self._learn(moving)
                async with self._news:
                    self._moment, self._number = parcel.to_bytes(), self._number + 1
                    self._news.notify_all()
                await asyncio.sleep(max(AT_MOST_EVERY_S, time.monotonic() - began_s))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the latest moment, then newer ones; who is slow misses some and is never late."""
        seen = self._number
        self._watchers += 1
        self._changed.set()
        try:
            while True:
                async with self._news:
                    while self._number == seen:
                        await self._news.wait()
                    seen, moment = self._number, self._moment
                yield moment
        finally:
            self._watchers -= 1

    def _learn(self, moving: tuple[Movers, ...]) -> None:
        nobody = np.empty(0, np.int64)
        self._known |= {movers.name: movers.chosen(nobody) for movers in moving}
