"""Small heaps side by side in one array of records: who leaves a path, or a scene, first."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulators.machine_code import inlined

__all__ = ["RANK", "insert", "remove_first"]

RANK = np.dtype([("key_s", np.float64), ("order", np.int64), ("party", np.int32), ("size", np.int32)])
"""One party, of ``size`` visitors, in a heap: by ``key_s``, at equal keys by ``order``."""


@inlined
def insert(
    ranks: Any,  # noqa: ANN401 - records
    base: int,
    count: int,
    key_s: float,
    order: int,
    party: int,
    size: int,
) -> None:
    """Put a party into the heap that begins at row ``base`` and holds ``count``; its order is above all others'."""
    hole = count
    while hole > 0:
        parent = (hole - 1) >> 1
        if ranks[np.uint64(base + parent)].key_s <= key_s:
            break
        _copy(ranks[np.uint64(base + parent)], ranks[np.uint64(base + hole)])
        hole = parent
    ranks[np.uint64(base + hole)].key_s = key_s
    ranks[np.uint64(base + hole)].order = order
    ranks[np.uint64(base + hole)].party = party
    ranks[np.uint64(base + hole)].size = size


@inlined
def remove_first(ranks: Any, base: int, count: int) -> None:  # noqa: ANN401 - records
    """Take the first party out of the heap that begins at row ``base`` and holds ``count``, at least 1."""
    # Down to a leaf by the smaller children, then up with the last: fewer branches that nobody can foresee (Wegener).
    last, hole = count - 1, 0
    while 2 * hole + 2 < last:
        child = 2 * hole + 1
        child += _before(ranks[np.uint64(base + child + 1)], ranks[np.uint64(base + child)])
        _copy(ranks[np.uint64(base + child)], ranks[np.uint64(base + hole)])
        hole = child
    if 2 * hole + 1 < last:
        _copy(ranks[np.uint64(base + 2 * hole + 1)], ranks[np.uint64(base + hole)])
        hole = 2 * hole + 1
    while hole > 0:
        parent = (hole - 1) >> 1
        if _before(ranks[np.uint64(base + parent)], ranks[np.uint64(base + last)]):
            break
        _copy(ranks[np.uint64(base + parent)], ranks[np.uint64(base + hole)])
        hole = parent
    _copy(ranks[np.uint64(base + last)], ranks[np.uint64(base + hole)])


@inlined
def _before(one: Any, other: Any) -> bool:  # noqa: ANN401 - records
    return bool((one.key_s < other.key_s) | ((one.key_s == other.key_s) & (one.order < other.order)))


@inlined
def _copy(source: Any, target: Any) -> None:  # noqa: ANN401 - records
    target.key_s = source.key_s
    target.order = source.order
    target.party = source.party
    target.size = source.size
