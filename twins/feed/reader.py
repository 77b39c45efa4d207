"""Who watches a feed.

What is asked of Redis, and what follows from its answers, is written once, as a generator that does no input or output
itself; :func:`follow` and :func:`watch` ask for it, one blocking and one awaiting.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from twins.errors import NoFeedError
from twins.feed.message import About, Cause, Message, Snapshot, decoded, key_of

if TYPE_CHECKING:
    import redis
    import redis.asyncio

__all__ = ["about", "follow", "watch"]

BLOCK_S = 1.0
"""How long Redis holds a question to which there is no answer yet; a client's own timeout must be longer."""

COUNT = 64
"""Most entries in an answer."""

Question: TypeAlias = Callable[[Any], Any]
"""Asks a client, blocking or not."""

Reading: TypeAlias = Generator[Question | Message, Any, None]


def about(redis: redis.Redis, name: str) -> About:
    """Return what a plant is whose feed can be watched.

    Raises
    ------
    NoFeedError
        Nobody has published under that name.
    """
    answer: Any = redis.get(key_of(name, "about"))
    if answer is None:
        raise NoFeedError(name)
    return _about(answer)


def follow(redis: redis.Redis, name: str, *, after: str | None = None) -> Iterator[Message]:
    """Watch a plant; where nothing happens, wait.

    Parameters
    ----------
    redis
        A client that does not decode answers; its timeout, if any, longer than a second.
    name
        The twin's. Where nobody publishes yet, wait until somebody does.
    after
        ``id`` of the last message that has been seen: go on behind it. None: begin with a snapshot.

    Yields
    ------
    Message
        A snapshot, then what follows it, in order and once.
    """
    reading = _reading(name, after)
    step = next(reading)
    while True:
        if isinstance(step, Message):
            yield step
            step = next(reading)
        else:
            step = reading.send(step(redis))


async def watch(redis: redis.asyncio.Redis, name: str, *, after: str | None = None) -> AsyncIterator[Message]:
    """Do as :func:`follow` does, with an asyncio client."""
    reading = _reading(name, after)
    step = next(reading)
    while True:
        if isinstance(step, Message):
            yield step
            step = next(reading)
        else:
            step = reading.send(await step(redis))


def _reading(name: str, after: str | None) -> Reading:
    """Ask for entries behind ``after`` and give the messages in them; where some are missing, a snapshot first."""
    key = key_of(name)
    places: tuple[str, ...] = ()
    epoch, number = _parts(after) if after else (0, -1)
    cause: Cause | None = None if after else "joined"  # why a snapshot is needed
    known_epoch = -1  # whose places we know
    while True:
        if cause is not None:
            pointer = yield lambda redis: redis.get(key_of(name, "snapshot"))
            found = [] if pointer is None else (yield _at(key, pointer))
            if not found:  # nobody has published, or the snapshot has just been trimmed: look again
                yield _behind(key, "0-0")
                continue
            places = _about((yield lambda redis: redis.get(key_of(name, "about")))).places
            message = decoded(pointer.decode(), found[0][1], places)
            epoch, number = _parts(message.id)
            known_epoch = epoch
            assert isinstance(message, Snapshot)  # noqa: S101 - the pointer is to one
            yield dataclasses.replace(message, cause=cause)
            cause = None
        answer = yield _behind(key, f"{epoch}-{number}")
        for identifier, fields in _entries(answer):
            next_epoch, next_number = _parts(identifier.decode())
            if (next_epoch, next_number) != (epoch, number + 1) and (next_epoch == epoch or next_number != 0):
                cause = "gap"
                break
            if next_epoch != known_epoch:
                places = _about((yield lambda redis: redis.get(key_of(name, "about")))).places
                known_epoch = next_epoch
            epoch, number = next_epoch, next_number
            message = decoded(identifier.decode(), fields, places)
            if not (isinstance(message, Snapshot) and message.cause == "routine"):
                yield message


def _at(key: str, identifier: bytes) -> Question:
    return lambda redis: redis.xrange(key, identifier, identifier)


def _behind(key: str, identifier: str) -> Question:
    return lambda redis: redis.xread({key: identifier}, count=COUNT, block=round(BLOCK_S * 1000))


def _entries(answer: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:  # noqa: ANN401 - as the client gives it
    """Return the entries of an answer of XREAD, which is a list of pairs or, with RESP3, a mapping."""
    if not answer:
        return []
    if isinstance(answer, dict):
        (found,) = answer.values()
        return list(found[0] if found and isinstance(found[0], list) else found)
    return list(answer[0][1])


def _parts(identifier: str) -> tuple[int, int]:
    epoch, _, number = identifier.partition("-")
    if not (epoch.isdigit() and number.isdigit()):
        message = f"after = {identifier!r} is not the id of a message of a feed, such as '1764273600000-17'"
        raise ValueError(message)
    return int(epoch), int(number)


def _about(answer: bytes) -> About:
    content = json.loads(answer)
    return About(content["scenario"], content["seed"], content["replication"], tuple(content["places"]))
