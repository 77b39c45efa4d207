"""What is to be seen of a plant that is running, moment after moment, from its feed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simulators import KINDS, Journal, Run
from simulators.journal import joined
from twins.diary import diary
from twins.feed import Ended, Snapshot, about, watch
from twins.parcel import pack_moment
from twins.showing import scene_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import redis
    import redis.asyncio

    from twins.diary import Diary
    from twins.feed import Message
    from twins.parcel import Parcel
    from twins.scene import Movers, Scene

__all__ = ["Moments"]

WINDOW_S = 120.0
"""What lies further back is not drawn any more; what stands since then is."""

BEHIND_S = 60.0
"""How far the clock of a browser may be behind the plant's, simulated seconds; what was gone by then is left out."""

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
        self._moment, self._number = b"", 0
        self._news = asyncio.Condition()
        self._known: dict[str, Movers] = {}  # every kind that has been there, without its copies
        self._learn(self.scene())

    @property
    def kind(self) -> str:
        """What kind of plant it is."""
        return self._scenario.kind

    def scene(self) -> Scene:
        """Return the scene of the last moments; kinds of movers that have ever been there are in it."""
        end_s = min(max(self._now_s, FIRST_S), self._scenario.horizon_s)
        scene = scene_of(self._run(), max(0.0, end_s - WINDOW_S), end_s)
        there = {movers.name for movers in scene.movers}
        gone = tuple(movers for name, movers in self._known.items() if name not in there)
        return replace(scene, movers=scene.movers + gone)

    def diary(self, scene: Scene) -> Diary:
        """Return what happened in the window of a scene."""
        return diary(self.kind, self._run().journal, scene.start_s, scene.end_s)

    def moment(self) -> Parcel:
        """Return what moves now, packed for the browser."""
        scene = self.scene()
        late_s = self._now_s - scene.start_s - BEHIND_S
        still_there = tuple(movers.chosen(np.flatnonzero(movers.vanish_s > late_s)) for movers in scene.movers)
        scene = replace(scene, movers=still_there)
        known = frozenset(self._known)
        self._learn(scene)
        return pack_moment(scene, self.diary(scene), now_s=self._now_s, rows=self._rows, known=known)

    def hear(self, message: Message) -> None:
        """Take in what the feed says."""
        match message:
            case Snapshot():
                known = joined([], self._places) if self._history is None else self._history()
                self._pieces = [_first(known, message.row)]
                self._now_s, self._rows = message.time_s, message.row
            case Ended():
                self._now_s = message.time_s
            case _:
                self._pieces.append(message.journal)
                self._now_s, self._rows = message.until_s, message.row + len(message.journal)

    async def follow(self, client: redis.asyncio.Redis) -> None:
        """Listen to the feed for ever, and make moments of it as fast as they can be looked at."""
        changed = asyncio.Event()

        async def listen() -> None:
            async for message in watch(client, self._name):
                self.hear(message)
                changed.set()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen())
            while True:
                await changed.wait()
                changed.clear()
                moment = self.moment().to_bytes()
                async with self._news:
                    self._moment, self._number = moment, self._number + 1
                    self._news.notify_all()
                await asyncio.sleep(AT_MOST_EVERY_S)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the latest moment, then newer ones; who is slow misses some and is never late."""
        seen = 0
        while True:
            async with self._news:
                while self._number == seen:
                    await self._news.wait()
                seen, moment = self._number, self._moment
            yield moment

    def _learn(self, scene: Scene) -> None:
        nobody = np.empty(0, np.int64)
        self._known |= {movers.name: movers.chosen(nobody) for movers in scene.movers}

    def _run(self) -> Run:
        """Return what has been heard so far as a run, without figures."""
        if len(self._pieces) > 1:
            self._pieces = [joined(self._pieces, self._places)]
        return Run(self._scenario, self._seed, self._replication, {}, self._pieces[0])


def _first(journal: Journal, rows: int) -> Journal:
    """Return the first events of a journal."""
    return Journal(
        journal.time_s[:rows], journal.event[:rows], journal.entity[:rows], journal.place[:rows], journal.places
    )
