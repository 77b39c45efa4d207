"""The event list of compiled engines: a binary heap ordered like SimPy's, by time and then by order of scheduling.

An event that happens mostly schedules another. `take` therefore only leaves a hole at the top, which the next `push`
fills, and `close` fills it from the end where nothing has been scheduled; `pop` does both at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.machine_code import inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EventHeap", "close", "grown", "new_heap", "pop", "push", "take"]


LAST = np.iinfo(np.int64).max


class EventHeap(NamedTuple):
    """A heap in flat arrays, of which the first ``size[0]`` rows are in use.

    Parameters
    ----------
    time_s
        ``(H,)`` when each event is due.
    number
        ``(H,)`` how many events had been scheduled before it.
    key
        ``(H,)`` the times' memory read as whole numbers, which are in the same order; the largest there is where no
        event stands.
    code
        ``(H,)`` what it is, an engine's own affair.
    size
        ``(3,)`` rows in use, events ever scheduled, and whether row 0 is a hole.
    """

    time_s: NDArray[np.float64]
    key: NDArray[np.int64]
    number: NDArray[np.int64]
    code: NDArray[np.int64]
    size: NDArray[np.int64]


def new_heap(room: int) -> EventHeap:
    """Return an empty heap with room for so many events."""
    key = np.full(room, LAST)
    return EventHeap(
        key.view(np.float64), key, np.empty(room, np.int64), np.empty(room, np.int64), np.zeros(3, np.int64)
    )


def grown(heap: EventHeap) -> EventHeap:
    """Return the heap with twice the room."""
    room = len(heap.key)
    larger = new_heap(2 * room)
    larger.key[:room] = heap.key
    larger.number[:room] = heap.number
    larger.code[:room] = heap.code
    return larger._replace(size=heap.size)


@inlined
def push(heap: EventHeap, time_s: float, code: int) -> int:
    """Schedule an event and return its number; there must be room."""
    number = heap.size[1]
    heap.size[1] = number + 1
    if heap.size[2] != 0:
        heap.size[2] = 0
        _sink(heap, time_s, number, code)
        return int(number)
    hole = np.uint64(heap.size[0])  # unsigned: Numba need not look whether it is negative
    heap.size[0] += 1
    while hole > np.uint64(0):
        parent = (hole - np.uint64(1)) >> np.uint64(1)
        if heap.time_s[parent] <= time_s:  # at equal times the parent was scheduled before
            break
        heap.time_s[hole] = heap.time_s[parent]
        heap.number[hole] = heap.number[parent]
        heap.code[hole] = heap.code[parent]
        hole = parent
    heap.time_s[hole] = time_s
    heap.number[hole] = number
    heap.code[hole] = code
    return int(number)


@inlined
def pop(heap: EventHeap) -> None:
    """Take out the first event, which stands in row 0; the heap must not be empty."""
    heap.size[2] = 1
    close(heap)


@inlined
def take(heap: EventHeap) -> None:
    """Take out the first event and leave a hole in row 0; `close` the heap before looking there again."""
    heap.size[2] = 1


@inlined
def close(heap: EventHeap) -> None:
    """Have the first event stand in row 0 again."""
    if heap.size[2] == 0:
        return
    heap.size[2] = 0
    heap.size[0] -= 1
    last = np.uint64(heap.size[0])
    time_s, number, code = heap.time_s[last], heap.number[last], heap.code[last]
    heap.key[last] = LAST
    if last > np.uint64(0):
        _sink(heap, time_s, number, code)


@inlined
def _sink(heap: EventHeap, time_s: float, number: int, code: int) -> None:
    """Put an event in at the top."""
    one = np.uint64(1)
    size = np.uint64(heap.size[0])
    hole, child = np.uint64(0), one
    while child < size:
        other = min(child + one, np.uint64(len(heap.key) - 1))
        # No comparison of the two: which of them comes first is a toss-up, and a branch would be guessed wrong half the
        # time. The difference is negative if the other does.
        before = heap.key[other] - heap.key[child] - np.int64(heap.number[other] < heap.number[child])
        child += np.uint64(before) >> np.uint64(63)
        if time_s < heap.time_s[child] or (time_s == heap.time_s[child] and number < heap.number[child]):
            break
        heap.time_s[hole] = heap.time_s[child]
        heap.number[hole] = heap.number[child]
        heap.code[hole] = heap.code[child]
        hole = child
        child = hole + hole + one
    heap.time_s[hole] = time_s
    heap.number[hole] = number
    heap.code[hole] = code
