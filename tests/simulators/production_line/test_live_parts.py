from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from simulators.production_line import live_parts
from simulators.production_line.live_parts import LiveParts, grown, new_live_parts


@njit
def full(parts: LiveParts) -> bool:
    return live_parts.full(parts)


@njit
def find(parts: LiveParts, number: int) -> int:
    return live_parts.find(parts, number)


@njit
def add(parts: LiveParts, number: int, now_s: float) -> int:
    return live_parts.add(parts, number, now_s)


@njit
def remove(parts: LiveParts, slot: int) -> None:
    live_parts.remove(parts, slot)


def added(parts: LiveParts, number: int, since_s: float) -> LiveParts:
    if full(parts):
        parts = grown(parts)
    slot = add(parts, number, since_s)
    parts.facts[slot, 1] = 7 * number
    return parts


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=200))
def test_a_table_holds_what_was_added_and_not_removed(numbers: list[int]) -> None:
    """A number that is there is removed, one that is not is added; many share a home."""
    parts, there = new_live_parts(8), set[int]()
    for number in numbers:
        if number in there:
            remove(parts, find(parts, number))
            there.discard(number)
        else:
            parts = added(parts, number, number / 4)
            there.add(number)
        assert parts.held[0] == len(there)
        for other in there:
            slot = find(parts, other)
            assert parts.facts[slot, :2].tolist() == [other, 7 * other]
            assert parts.since_s[slot] == other / 4


def test_a_part_that_stays_for_ever_does_not_make_the_table_grow() -> None:
    parts = added(new_live_parts(8), 3, 0.0)
    for number in range(4, 20_000):
        parts = added(parts, number, 1.0)
        remove(parts, find(parts, number))
    assert len(parts.facts) == 8
    assert parts.facts[find(parts, 3), 1] == 21
    assert np.sum(parts.facts[:, 0] >= 0) == 1
