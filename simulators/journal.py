"""The event log of a run: four columns, written once, from which everything else is derived."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Journal", "joined"]


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


def joined(pieces: Sequence[Journal], places: tuple[str, ...]) -> Journal:
    """Return one journal of all ``pieces``, which follow one another and share their ``places``."""
    if not pieces:
        nothing = (np.empty(0), np.empty(0, np.int16), np.empty(0, np.int64), np.empty(0, np.int32))
        return Journal(*nothing, places)
    return Journal(
        np.concatenate([piece.time_s for piece in pieces]),
        np.concatenate([piece.event for piece in pieces]),
        np.concatenate([piece.entity for piece in pieces]),
        np.concatenate([piece.place for piece in pieces]),
        places,
    )
