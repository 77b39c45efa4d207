"""Where engines write their events: into a journal, or only past a meter, in memory that does not grow.

The columns of a journal are written once and stay where they are: room for many more rows than are needed is asked
for, which costs nothing as long as nobody writes there. Only when that is full do the rows move, into far more room.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from simulators.errors import MemoryLimitError
from simulators.journal import Journal
from simulators.row_buffer import RowBuffer, grown_buffer, new_buffer, window

if TYPE_CHECKING:
    from collections.abc import Sequence

    import simpy

    from simulators.kpi import Meter

__all__ = ["PIECE_ROWS", "Recorder"]

PIECE_ROWS = 1 << 14
"""Events that are handed on at a time: few enough to stay in the processor's cache."""

BYTES_A_ROW = 8 + 2 + 8 + 4
PEAK = 2  # rows that move are there twice
FIRST_ROOM = 4 * PIECE_ROWS
GROWTH = 8


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
        self._kept = new_buffer(0)
        self._rows: list[tuple[float, int, int, int]] = []
        self.record = self._rows.append  # no method of ours: it is called for every event

    def room(self, rows: int) -> RowBuffer:
        """Return where at least so many events can be written, to be handed on by `written`.

        What has been handed on is never written over if it is kept, else by the next events.
        """
        if not self._keep:
            if len(self._kept.time_s) < rows:
                self._kept = new_buffer(rows)
            return window(self._kept, 0, rows)
        begin = int(self._kept.size[0])
        if begin + rows > len(self._kept.time_s):
            self._move(begin + rows)
        return window(self._kept, begin, begin + rows)

    def written(self, rows: int) -> None:
        """Take the next events, which have been written where `room` said.

        Raises
        ------
        MemoryLimitError
            The events kept so far are more than the memory may hold.
        """
        begin = int(self._kept.size[0])
        end = begin + rows
        piece = self._journal(begin, end)
        self._meter.add(piece)
        if not self._keep or not rows:
            return
        self._kept.size[0] = end
        if self._memory_bytes is not None and PEAK * BYTES_A_ROW * end > self._memory_bytes:
            raise MemoryLimitError(self._memory_bytes, end, float(piece.time_s[-1]))

    def _move(self, least: int) -> None:
        """Move the events kept so far to where there is room for at least so many."""
        room = max(FIRST_ROOM, GROWTH * len(self._kept.time_s))
        if self._memory_bytes is not None:
            room = min(room, self._memory_bytes // BYTES_A_ROW)
        self._kept = grown_buffer(self._kept, max(room, least))

    def _journal(self, begin: int, end: int) -> Journal:
        kept = window(self._kept, begin, end)
        return Journal(kept.time_s, kept.event, kept.entity, kept.place, self._places)

    def flush(self) -> None:
        """Hand on what `record` has collected."""
        # A float64 holds every number of an entity below 2^53 exactly.
        flat = np.fromiter(chain.from_iterable(self._rows), np.float64, 4 * len(self._rows))
        self._rows.clear()
        rows = self.room(len(flat) // 4)
        rows.time_s[:], rows.event[:], rows.entity[:], rows.place[:] = flat.reshape(-1, 4).T
        self.written(len(rows.time_s))

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
        return self._journal(0, int(self._kept.size[0]))
