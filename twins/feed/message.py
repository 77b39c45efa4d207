"""What a feed says, and how that is written in a Redis Stream.

The identifier of an entry is ``EPOCH-NUMBER``. A publisher's epoch is greater than any before it, and its entries are
numbered from 0 without a gap, so that a reader sees from the identifiers alone whether she has missed something, and
Redis itself refuses what an older publisher of the same name still writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from twins.rows import packed, unpacked

if TYPE_CHECKING:
    from simulators import Journal

__all__ = [
    "About",
    "Cause",
    "Ended",
    "Fields",
    "Message",
    "Piece",
    "Reliving",
    "Snapshot",
    "decoded",
    "encoded",
    "key_of",
]

Cause = Literal["joined", "gap", "started", "rewound", "routine"]
"""Why there is a snapshot: the watcher is new; she has missed something; the plant was started anew; it was wound
back; or only for those who are still to come (these are not shown to watchers who have seen everything)."""

Fields: TypeAlias = Mapping[bytes, bytes]


@dataclass(frozen=True)
class About:
    """What does not change while a plant runs.

    Parameters
    ----------
    scenario
        The scenario as data, as ``scenario.yaml`` holds it.
    seed, replication
        Which random numbers it meets.
    places
        Names of the places that journal rows name by number.
    """

    scenario: Mapping[str, Any]
    seed: int
    replication: int
    places: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """The whole state of a plant at one moment.

    Parameters
    ----------
    id
        Where in the feed it stands.
    cause
        Why it comes.
    time_s
        The moment, in simulated seconds.
    row
        How many events of the journal lie before it.
    state
        What ``Twin.snapshot()`` gives; ``docs/twins.md`` tells its fields for every kind.
    """

    id: str
    cause: Cause
    time_s: float
    row: int
    state: Mapping[str, Any]


@dataclass(frozen=True)
class Piece:
    """The next events of the journal; there may be none, when only time has passed.

    Parameters
    ----------
    id
        Where in the feed it stands.
    until_s
        Everything before this moment has now been told.
    row
        Number of its first event in the journal.
    journal
        The events.
    """

    id: str
    until_s: float
    row: int
    journal: Journal


@dataclass(frozen=True)
class Ended:
    """The plant has been switched off; a later one of the same name goes on with a snapshot."""

    id: str
    time_s: float


@dataclass(frozen=True)
class Reliving:
    """The plant has been wound back and lives through its past once more; a snapshot follows when it has.

    Parameters
    ----------
    id
        Where in the feed it stands.
    time_s
        The moment to which it has been wound back.
    share
        How much of its past it has lived through again, 0 to 1.
    """

    id: str
    time_s: float
    share: float


Message: TypeAlias = Snapshot | Piece | Reliving | Ended


def key_of(name: str, part: str = "feed") -> str:
    """Return the Redis key of a part of a twin's feed."""
    return f"shixun:twin:{name}:{part}"


def encoded(message: Message) -> dict[str, str | bytes]:
    """Return a message as fields of a stream's entry."""
    match message:
        case Snapshot():
            state = json.dumps(message.state, ensure_ascii=False, separators=(",", ":"))
            return {"k": "s", "c": message.cause, "t": repr(message.time_s), "r": str(message.row), "d": state}
        case Piece():
            rows = packed(message.journal).tobytes()
            return {"k": "p", "t": repr(message.until_s), "r": str(message.row), "d": rows}
        case Reliving():
            return {"k": "b", "t": repr(message.time_s), "d": repr(message.share)}
        case Ended():
            return {"k": "e", "t": repr(message.time_s)}


def decoded(identifier: str, fields: Fields, places: tuple[str, ...]) -> Message:
    """Return what :func:`encoded` has written."""
    kind, time_s = fields[b"k"], float(fields[b"t"])
    if kind == b"e":
        return Ended(identifier, time_s)
    if kind == b"b":
        return Reliving(identifier, time_s, float(fields[b"d"]))
    if kind == b"s":
        cause: Any = fields[b"c"].decode()
        return Snapshot(identifier, cause, time_s, int(fields[b"r"]), json.loads(fields[b"d"]))
    return Piece(identifier, time_s, int(fields[b"r"]), unpacked(fields[b"d"], places))
