"""Journals as records: how they are digested, and written in a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulators import Journal

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["packed", "unpacked"]

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
