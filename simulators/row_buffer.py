"""Where compiled engines write their events, until Python hands them on to a recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.machine_code import inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RowBuffer", "grown_buffer", "new_buffer", "window", "write"]


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
    """Return an empty buffer with room for so many events.

    Its columns are cut from one piece of memory, which the operating system serves in large pages where it is large.
    """
    memory = np.empty(22 * room, np.uint8)
    return RowBuffer(
        memory[: 8 * room].view(np.float64),
        memory[20 * room :].view(np.int16),
        memory[8 * room : 16 * room].view(np.int64),
        memory[16 * room : 20 * room].view(np.int32),
        np.zeros(1, np.int64),
    )


def grown_buffer(buffer: RowBuffer, room: int) -> RowBuffer:
    """Return a buffer of the same events with room for so many."""
    larger, end = new_buffer(room), int(buffer.size[0])
    larger.time_s[:end] = buffer.time_s[:end]
    larger.event[:end] = buffer.event[:end]
    larger.entity[:end] = buffer.entity[:end]
    larger.place[:end] = buffer.place[:end]
    larger.size[0] = end
    return larger


def window(buffer: RowBuffer, begin: int, end: int) -> RowBuffer:
    """Return an empty buffer whose memory is that of some rows of another."""
    return RowBuffer(
        buffer.time_s[begin:end],
        buffer.event[begin:end],
        buffer.entity[begin:end],
        buffer.place[begin:end],
        np.zeros(1, np.int64),
    )


@inlined
def write(buffer: RowBuffer, time_s: float, event: int, entity: int, place: int) -> None:
    """Write one event; there must be room."""
    end = buffer.size[0]
    buffer.size[0] = end + 1
    row = np.uint64(end)  # unsigned: Numba need not look whether it is negative
    buffer.time_s[row] = time_s
    buffer.event[row] = event
    buffer.entity[row] = entity
    buffer.place[row] = place
