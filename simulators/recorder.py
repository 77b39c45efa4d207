"""Where engines write their events: into a journal, or only past a meter, in memory that does not grow."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from simulators.errors import MemoryLimitError
from simulators.journal import Journal, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import simpy
    from numpy.typing import NDArray

    from simulators.kpi import Meter

__all__ = ["PIECE_ROWS", "Recorder"]

PIECE_ROWS = 1 << 14
"""Events that are handed on at a time: few enough to stay in the processor's cache."""

BYTES_A_ROW = 8 + 2 + 8 + 4
PEAK = 2  # the pieces and the journal made of them


class Recorder:
    """Takes the events of one run.

    Parameters
    ----------
    places
        Names of the places that events may name.
    meter
        Measures every piece as it comes.
    keep
        Whether the events are kept for a journal.
    memory_bytes
        How much memory the kept events may take at most; None: without limit.

    Attributes
    ----------
    record
        Appends one event ``(time_s, event, entity, place)``, all plain numbers; times must not go back.
    """

    def __init__(
        self, places: Sequence[str], meter: Meter, *, keep: bool = True, memory_bytes: int | None = None
    ) -> None:
        self._places = tuple(places)
        self._meter = meter
        self._keep = keep
        self._memory_bytes = memory_bytes
        self._kept: list[Journal] = []
        self._kept_rows = 0
        self._rows: list[tuple[float, int, int, int]] = []
        self.record = self._rows.append  # no method of ours: it is called for every event

    def take(
        self,
        time_s: NDArray[np.float64],
        event: NDArray[np.int16],
        entity: NDArray[np.int64],
        place: NDArray[np.int32],
    ) -> None:
        """Take the next ``N`` events as columns ``(N,)``; the caller may write over them afterwards.

        Raises
        ------
        MemoryLimitError
            The events kept so far are more than the memory may hold.
        """
        piece = Journal(time_s, event, entity, place, self._places)
        self._meter.add(piece)
        if not self._keep or not len(piece):
            return
        self._kept_rows += len(piece)
        if self._memory_bytes is not None and PEAK * BYTES_A_ROW * self._kept_rows > self._memory_bytes:
            raise MemoryLimitError(self._memory_bytes, self._kept_rows, float(time_s[-1]))
        self._kept.append(Journal(time_s.copy(), event.copy(), entity.copy(), place.copy(), self._places))

    def flush(self) -> None:
        """Hand on what `record` has collected."""
        # A float64 holds every number of an entity below 2^53 exactly.
        flat = np.fromiter(chain.from_iterable(self._rows), np.float64, 4 * len(self._rows))
        self._rows.clear()
        time_s, event, entity, place = flat.reshape(-1, 4).T
        self.take(np.ascontiguousarray(time_s), event.astype(np.int16), entity.astype(np.int64), place.astype(np.int32))

    def run(self, env: simpy.Environment, until_s: float) -> None:
        """Let SimPy run all events before ``until_s``, handing them on as they come."""
        rows, step, peek = self._rows, env.step, env.peek
        while peek() < until_s:
            step()
            if len(rows) >= PIECE_ROWS:
                self.flush()
        self.flush()

    def journal(self) -> Journal:
        """Return all events that have been handed on and kept."""
        return joined(self._kept, self._places)
