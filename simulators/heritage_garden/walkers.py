"""Those who walk on a path in the order in which they will arrive: sorted rows, of which the first are given up.

Hardly anybody overtakes many on a path, so that a newcomer finds its row from the end in a few steps, and the first to
arrive is simply left behind; a heap would take more of both.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulators.machine_code import inlined

__all__ = ["SPARE", "WALKER", "join", "leave"]

SPARE = 32

WALKER = np.dtype([("key_s", np.float64), ("party", np.int32), ("size", np.int16), ("forward", np.bool_)], align=True)
"""One party: it arrives when the path's own clock shows ``key_s``.

What its arrival changes on the path stands here, so that nothing there waits until its own record has been fetched.
"""


@inlined
def join(
    walkers: Any,  # noqa: ANN401 - records
    path: Any,  # noqa: ANN401 - a record
    key_s: float,
    party: int,
    size: int,
    forward: bool,
) -> None:
    """Put a party behind all that arrive no later; a path has SPARE rows more than parties find room on it."""
    base = path.walkers_from
    if path.first >= SPARE:  # the rows given up are taken again, before they push others out of the processor's cache
        for row in range(path.last - path.first):
            _copy(walkers[np.uint64(base + path.first + row)], walkers[np.uint64(base + row)])
        path.last -= path.first
        path.first = 0
    row = base + path.last
    path.last += 1
    while row > base + path.first and walkers[np.uint64(row - 1)].key_s > key_s:
        _copy(walkers[np.uint64(row - 1)], walkers[np.uint64(row)])
        row -= 1
    walker = walkers[np.uint64(row)]
    walker.key_s = key_s
    walker.party = party
    walker.size = size
    walker.forward = forward


@inlined
def leave(path: Any) -> None:  # noqa: ANN401 - a record
    """Give up the row of the first party."""
    path.first += 1


@inlined
def _copy(source: Any, target: Any) -> None:  # noqa: ANN401 - records
    target.key_s = source.key_s
    target.party = source.party
    target.size = source.size
    target.forward = source.forward
