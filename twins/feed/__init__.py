"""The live feed of a twin: a Redis Stream that anybody may watch, leave, and come back to without a gap.

A :class:`Publisher` writes what happens, piece by piece, and now and then the whole state. Who watches gets a
:class:`Snapshot` first, then every :class:`Piece` of the journal, in order and once:

>>> async def plot(redis, draw):  # doctest: +SKIP
...     async for message in watch(redis, "line-1"):  # or, without asyncio: for message in follow(redis, "line-1")
...         match message:
...             case Snapshot(): draw.begin(message.state, message.time_s)
...             case Piece(): draw.add(message.journal, message.until_s)
...             case Ended(): break
...         seen = message.id  # later: watch(redis, "line-1", after=seen) goes on behind it

``redis`` is a client of the ``redis`` package (``redis.asyncio`` for :func:`watch`) that does not decode answers. What
a plant is, its scenario, seed and the names of its places, stands beside the stream: :func:`about`.

A watcher who was away too long, so that pieces she has not seen are gone, gets a snapshot whose ``cause`` is ``gap``;
one whose plant was wound back, or started anew, gets one that says so. ``row`` counts the journal's events, so that
whoever wants to can check: a piece begins at the row at which the one before it ended.

The stream is bounded, and each watcher reads it by herself: one who is slow holds up neither the plant nor others.
"""

from twins.feed.broadcast import Broadcast
from twins.feed.message import About, Cause, Ended, Message, Piece, Reliving, Snapshot
from twins.feed.publisher import Publisher
from twins.feed.reader import about, follow, watch

__all__ = [
    "About",
    "Broadcast",
    "Cause",
    "Ended",
    "Message",
    "Piece",
    "Publisher",
    "Reliving",
    "Snapshot",
    "about",
    "follow",
    "watch",
]
