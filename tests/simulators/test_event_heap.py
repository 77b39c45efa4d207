"""The event heap gives events in order of time, and at equal times of scheduling, whatever is done with its hole."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numba
import numpy as np
import pytest

from simulators.event_heap import EventHeap, close, grown, new_heap, pop, push, take

if TYPE_CHECKING:
    from numpy.typing import NDArray

POP, TAKE_AND_CLOSE, TAKE_AND_PUSH = range(3)


@numba.njit  # what is inlined cannot be called from Python
def _schedule(heap: EventHeap, time_s: NDArray[np.float64], code: NDArray[np.int64]) -> None:
    for row in range(len(time_s)):
        push(heap, time_s[row], code[row])


@numba.njit
def _first(heap: EventHeap, how: int, time_s: float, code: int) -> int:
    """Take out the first event, one way or another, and return what it is."""
    found = heap.code[0]
    if how == POP:
        pop(heap)
    else:
        take(heap)
        if how == TAKE_AND_PUSH:
            push(heap, time_s, code)
        close(heap)
    return int(found)


@pytest.mark.parametrize("clockwork", [False, True])
def test_events_come_in_order(clockwork: bool) -> None:
    generator = np.random.default_rng(1)

    def times(count: int) -> NDArray[np.float64]:
        return generator.integers(0, 5, count).astype(float) if clockwork else generator.exponential(10, count)

    heap, expected = new_heap(8), []
    number = 0
    for _ in range(40):
        later = times(int(generator.integers(0, 30)))
        while heap.size[0] + len(later) + 1 > len(heap.time_s):
            heap = grown(heap)
        codes = np.arange(number, number + len(later))
        _schedule(heap, later, codes)
        for time_s, code in zip(later.tolist(), codes.tolist(), strict=True):
            heapq.heappush(expected, (time_s, code))
        number += len(later)
        for how in generator.integers(0, 3, min(12, len(expected))).tolist():
            again_s = float(times(1)[0])
            found = _first(heap, how, again_s, number)
            assert found == heapq.heappop(expected)[1]
            if how == TAKE_AND_PUSH:
                heapq.heappush(expected, (again_s, number))
                number += 1
            assert heap.size[0] == len(expected)
    while expected:
        assert _first(heap, POP, 0.0, 0) == heapq.heappop(expected)[1]
    assert heap.size[0] == 0
