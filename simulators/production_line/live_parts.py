"""What is known of the parts in the line, in memory that follows their number and not the length of the run.

A part's home is its number modulo the size of the table, so that the numbers of a line, which mostly rise together,
sit side by side; whoever finds it taken takes the next free place. The table is kept at most half full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LiveParts", "Slot", "add", "find", "full", "grown", "new_live_parts", "remove"]

FREE = -1
SLOTS = 64

NUMBER = 0
FACTS = 8
"""Whole numbers a part; the first is its own, and all fill one line of the processor's cache."""


Slot: TypeAlias = Any
"""A ``numpy.uint64``: Numba need not look whether it is negative."""


class LiveParts(NamedTuple):
    """A table of ``C`` slots, a power of two.

    Parameters
    ----------
    facts
        ``(C, FACTS)`` the part's number, -1 where the slot is free, and what its user writes behind it.
    since_s
        ``(C,)`` when the part was added.
    held
        ``(1,)`` how many parts are in it.
    """

    facts: NDArray[np.int64]
    since_s: NDArray[np.float64]
    held: NDArray[np.int64]


def new_live_parts(slots: int = SLOTS) -> LiveParts:
    """Return an empty table."""
    facts = np.zeros((slots, FACTS), np.int64)
    facts[:, NUMBER] = FREE
    return LiveParts(facts, np.zeros(slots), np.zeros(1, np.int64))


def grown(parts: LiveParts) -> LiveParts:
    """Return a table twice as large with the same parts."""
    larger = new_live_parts(2 * len(parts.facts))
    _move(parts, larger)
    return larger


@inlined
def full(parts: LiveParts) -> bool:
    """Return whether the table must grow before a part is added."""
    return bool(2 * parts.held[0] >= len(parts.facts))


@inlined
def find(parts: LiveParts, number: int) -> Slot:
    """Return the slot of a part, which must be there."""
    slot = _home(parts, number)
    while parts.facts[slot, NUMBER] != number:
        slot = _next(parts, slot)
    return slot


@inlined
def add(parts: LiveParts, number: int, now_s: float) -> Slot:
    """Add a part, all of whose facts are 0, and return its slot."""
    slot = _home(parts, number)
    while parts.facts[slot, NUMBER] != FREE:
        slot = _next(parts, slot)
    parts.facts[slot, :] = 0
    parts.facts[slot, NUMBER] = number
    parts.since_s[slot] = now_s
    parts.held[0] += 1
    return slot


@inlined
def remove(parts: LiveParts, slot: Slot) -> None:
    """Free a slot; parts behind it that it kept from their homes move up."""
    mask = np.uint64(len(parts.facts) - 1)
    parts.held[0] -= 1
    hole, after = slot, _next(parts, slot)
    while parts.facts[after, NUMBER] != FREE:
        home = _home(parts, parts.facts[after, NUMBER])
        if (after - home) & mask >= (after - hole) & mask:
            parts.facts[hole, :] = parts.facts[after, :]
            parts.since_s[hole] = parts.since_s[after]
            hole = after
        after = _next(parts, after)
    parts.facts[hole, NUMBER] = FREE


@inlined
def _home(parts: LiveParts, number: int) -> Slot:
    return np.uint64(number) & np.uint64(len(parts.facts) - 1)


@inlined
def _next(parts: LiveParts, slot: Slot) -> Slot:
    return (slot + np.uint64(1)) & np.uint64(len(parts.facts) - 1)


@compiled
def _move(parts: LiveParts, larger: LiveParts) -> None:
    for slot in range(len(parts.facts)):
        if parts.facts[slot, NUMBER] != FREE:
            there = add(larger, parts.facts[slot, NUMBER], parts.since_s[slot])
            larger.facts[there, :] = parts.facts[slot, :]
