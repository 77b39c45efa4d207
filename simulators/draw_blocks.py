"""Random numbers for compiled engines: a block from every stream, drawn ahead by NumPy itself.

The numbers are those that the SimPy engine meets, because they come from the same generators. Where a block is used
up, the compiled loop returns, Python draws the next block, and the loop goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.machine_code import inlined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["DrawBlocks", "draw", "new_blocks", "refill"]


class DrawBlocks(NamedTuple):
    """Blocks of ``B`` numbers from ``Q`` streams.

    Parameters
    ----------
    value
        ``(Q, B)`` what has been drawn.
    used
        ``(Q,)`` how many of them have been used.
    used_up
        ``(1,)`` streams whose block is used up; unless it is 0 the loop must return for `refill`.
    """

    value: NDArray[np.float64]
    used: NDArray[np.int64]
    used_up: NDArray[np.int64]


def new_blocks(draws: Sequence[Callable[[int], NDArray[np.float64]]], size: int) -> DrawBlocks:
    """Draw the first block from every stream.

    Parameters
    ----------
    draws
        What draws from each stream, see :meth:`simulators.streams.Streams.draws`.
    size
        Numbers in a block; at most ``size - 1`` are drawn from one stream between two calls of `refill`.
    """
    value = np.empty((len(draws), size))
    for stream, drawn in enumerate(draws):
        value[stream] = drawn(size)
    return DrawBlocks(value, np.zeros(len(draws), np.int64), np.zeros(1, np.int64))


def refill(blocks: DrawBlocks, draws: Sequence[Callable[[int], NDArray[np.float64]]]) -> None:
    """Draw anew where a block is used up, and at the same time for every stream of whose block more than half is."""
    if not blocks.used_up[0]:
        return
    size = blocks.value.shape[1]
    for stream in np.flatnonzero(2 * blocks.used > size):
        used = int(blocks.used[stream])
        row = blocks.value[stream]
        row[: size - used] = row[used:].copy()
        row[size - used :] = draws[int(stream)](used)
        blocks.used[stream] = 0
    blocks.used_up[0] = 0


@inlined
def draw(blocks: DrawBlocks, stream: int) -> float:
    """Return the next number of a stream."""
    position = blocks.used[stream]
    blocks.used[stream] = position + 1
    if position + 1 == blocks.value.shape[1]:
        blocks.used_up[0] += 1
    return float(blocks.value[stream, position])
