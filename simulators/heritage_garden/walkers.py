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

WALKER = np.dtype([("key_s", np.float64), ("party", np.int64)])
"""One party: it arrives when the path's own clock shows ``key_s``."""


@inlined
def join(walkers: Any, path: Any, key_s: float, party: int) -> None:  # noqa: ANN401 - records
    """Put a party behind all that arrive no later; a path has SPARE rows more than parties find room on it."""
    base = path.walkers_from
    if path.first >= SPARE:  # the rows given up are taken again, before they push others out of the processor's cache
        for row in range(path.last - path.first):
            _copy(walkers[base + path.first + row], walkers[base + row])
        path.last -= path.first
        path.first = 0
    row = base + path.last
    path.last += 1
    while row > base + path.first and walkers[row - 1].key_s > key_s:
        _copy(walkers[row - 1], walkers[row])
        row -= 1
    walkers[row].key_s = key_s
    walkers[row].party = party


@inlined
def leave(path: Any) -> None:  # noqa: ANN401 - a record
    """Give up the row of the first party."""
    path.first += 1


@inlined
def _copy(source: Any, target: Any) -> None:  # noqa: ANN401 - records
    target.key_s = source.key_s
    target.party = source.party
