"""The event log of a run: four columns, written once, from which everything else is derived."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Journal", "Recorder"]


@dataclass(frozen=True, eq=False)
class Journal:
    """What happened, when, to whom and where; ``N`` events in the order in which they happened.

    Parameters
    ----------
    time_s
        ``(N,)`` float64, never decreasing.
    event
        ``(N,)`` int16, a code of the simulator's own enumeration of events.
    entity
        ``(N,)`` int64, number of the part, job or visitor; -1 where nobody is concerned.
    place
        ``(N,)`` int32, index into ``places``.
    places
        Names of the places.
    """

    time_s: NDArray[np.float64]
    event: NDArray[np.int16]
    entity: NDArray[np.int64]
    place: NDArray[np.int32]
    places: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.time_s)

    def __eq__(self, other: object) -> bool:
        """Return whether both journals hold the same events, bit for bit."""
        if not isinstance(other, Journal):
            return NotImplemented
        return self.places == other.places and all(
            mine.tobytes() == theirs.tobytes() for mine, theirs in zip(self._columns(), other._columns(), strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def digest(self) -> str:
        """Return the SHA-256 of all columns and places, in hexadecimal."""
        sha = hashlib.sha256("\0".join(self.places).encode())
        for column in self._columns():
            sha.update(column.tobytes())
        return sha.hexdigest()

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return (self.time_s, self.event, self.entity, self.place)


class Recorder:
    """Collects events while a run goes on.

    Parameters
    ----------
    places
        Names of the places that events may name.

    Attributes
    ----------
    record
        Appends one event ``(time_s, event, entity, place)``, all plain numbers; times must not go back.
    """

    def __init__(self, places: Sequence[str]) -> None:
        self._places = tuple(places)
        self._rows: list[tuple[float, int, int, int]] = []
        self.record = self._rows.append  # no method of ours: it is called for every event

    def journal(self) -> Journal:
        """Return what has been recorded so far."""
        # A float64 holds every number of an entity below 2^53 exactly.
        flat = np.fromiter(chain.from_iterable(self._rows), np.float64, 4 * len(self._rows))
        time_s, event, entity, place = flat.reshape(-1, 4).T
        return Journal(
            time_s.copy(), event.astype(np.int16), entity.astype(np.int64), place.astype(np.int32), self._places
        )
