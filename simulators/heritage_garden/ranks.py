"""Small heaps side by side in one array of records: who leaves a path, or a scene, first."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulators.machine_code import inlined

__all__ = ["RANK", "insert", "remove_first"]

RANK = np.dtype([("key_s", np.float64), ("order", np.int64), ("party", np.int64)])
"""One party in a heap: by ``key_s``, at equal keys by ``order``."""


@inlined
def insert(ranks: Any, base: int, count: int, key_s: float, order: int, party: int) -> None:  # noqa: ANN401 - records
    """Put a party into the heap that begins at row ``base`` and holds ``count``; its order is above all others'."""
    hole = count
    while hole > 0:
        parent = (hole - 1) >> 1
        if ranks[base + parent].key_s <= key_s:
            break
        _copy(ranks[base + parent], ranks[base + hole])
        hole = parent
    ranks[base + hole].key_s = key_s
    ranks[base + hole].order = order
    ranks[base + hole].party = party


@inlined
def remove_first(ranks: Any, base: int, count: int) -> None:  # noqa: ANN401 - records
    """Take the first party out of the heap that begins at row ``base`` and holds ``count``, at least 1."""
    # Down to a leaf by the smaller children, then up with the last: fewer branches that nobody can foresee (Wegener).
    last, hole = count - 1, 0
    while 2 * hole + 2 < last:
        child = 2 * hole + 1
        child += _before(ranks[base + child + 1], ranks[base + child])
        _copy(ranks[base + child], ranks[base + hole])
        hole = child
    if 2 * hole + 1 < last:
        _copy(ranks[base + 2 * hole + 1], ranks[base + hole])
        hole = 2 * hole + 1
    while hole > 0:
        parent = (hole - 1) >> 1
        if _before(ranks[base + parent], ranks[base + last]):
            break
        _copy(ranks[base + parent], ranks[base + hole])
        hole = parent
    _copy(ranks[base + last], ranks[base + hole])


@inlined
def _before(one: Any, other: Any) -> bool:  # noqa: ANN401 - records
    return bool((one.key_s < other.key_s) | ((one.key_s == other.key_s) & (one.order < other.order)))


@inlined
def _copy(source: Any, target: Any) -> None:  # noqa: ANN401 - records
    target.key_s = source.key_s
    target.order = source.order
    target.party = source.party
