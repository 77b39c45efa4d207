"""Journals as rows: how they are cut, digested, and written in a feed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from simulators import Journal

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cut", "digest_of", "packed", "unpacked"]

ROW = np.dtype([("time_s", "<f8"), ("event", "<i2"), ("entity", "<i8"), ("place", "<i4")])


def packed(journal: Journal) -> NDArray[np.void]:
    """Return a journal as ``(N,)`` records of 22 bytes each, little-endian: time, event, entity, place."""
    rows = np.empty(len(journal), ROW)
    rows["time_s"], rows["event"] = journal.time_s, journal.event
    rows["entity"], rows["place"] = journal.entity, journal.place
    return rows


def unpacked(data: bytes, places: tuple[str, ...]) -> Journal:
    """Return the journal of such records."""
    rows: Any = np.frombuffer(data, ROW)
    time_s, event, entity, place = (np.ascontiguousarray(rows[name]) for name in ("time_s", "event", "entity", "place"))
    return Journal(time_s, event, entity, place, places)


def digest_of(journal: Journal) -> str:
    """Return the SHA-256 of a journal's records, in hexadecimal."""
    return hashlib.sha256(packed(journal).tobytes()).hexdigest()


def cut(journal: Journal, first: int, end: int | None = None) -> Journal:
    """Return the events from row ``first`` to before row ``end``, or all that follow, in the same memory."""
    rows = slice(first, end)
    return Journal(journal.time_s[rows], journal.event[rows], journal.entity[rows], journal.place[rows], journal.places)
