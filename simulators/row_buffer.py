"""Where compiled engines write their events, until Python hands them on to a recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.machine_code import inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.recorder import Recorder

__all__ = ["RowBuffer", "hand_on", "new_buffer", "write"]


class RowBuffer(NamedTuple):
    """Columns of events, of which the first ``size[0]`` rows are in use.

    Parameters
    ----------
    time_s, event, entity, place
        ``(N,)`` the columns of a journal.
    size
        ``(1,)`` rows in use.
    """

    time_s: NDArray[np.float64]
    event: NDArray[np.int16]
    entity: NDArray[np.int64]
    place: NDArray[np.int32]
    size: NDArray[np.int64]


def new_buffer(room: int) -> RowBuffer:
    """Return an empty buffer with room for so many events."""
    return RowBuffer(
        np.empty(room),
        np.empty(room, np.int16),
        np.empty(room, np.int64),
        np.empty(room, np.int32),
        np.zeros(1, np.int64),
    )


def hand_on(buffer: RowBuffer, recorder: Recorder) -> None:
    """Give the events to a recorder and empty the buffer."""
    end = int(buffer.size[0])
    recorder.take(buffer.time_s[:end], buffer.event[:end], buffer.entity[:end], buffer.place[:end])
    buffer.size[0] = 0


@inlined
def write(buffer: RowBuffer, time_s: float, event: int, entity: int, place: int) -> None:
    """Write one event; there must be room."""
    row = buffer.size[0]
    buffer.size[0] = row + 1
    buffer.time_s[row] = time_s
    buffer.event[row] = event
    buffer.entity[row] = entity
    buffer.place[row] = place
