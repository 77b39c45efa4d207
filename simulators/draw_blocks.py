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


LEAST = 64  # numbers in a block


class DrawBlocks(NamedTuple):
    """Blocks of at most ``B`` numbers from ``Q`` streams.

    Parameters
    ----------
    value
        ``(Q, B)`` what has been drawn; a shorter block stands at the end of its row.
    begin
        ``(Q,)`` where each block begins.
    used
        ``(Q,)`` up to where it has been used.
    used_up
        ``(1,)`` streams whose block is used up; unless it is 0 the loop must return for `refill`.
    """

    value: NDArray[np.float64]
    begin: NDArray[np.int64]
    used: NDArray[np.int64]
    used_up: NDArray[np.int64]


def new_blocks(
    draws: Sequence[Callable[[int], NDArray[np.float64]]], size: int, likely: Sequence[int] | None = None
) -> DrawBlocks:
    """Draw the first block from every stream.

    Parameters
    ----------
    draws
        What draws from each stream, see :meth:`simulators.streams.Streams.draws`.
    size
        Numbers in a block; at most ``size - 1`` are drawn from one stream between two calls of `refill`.
    likely
        How many numbers a run will probably take from each stream, whose block then need not be larger.
    """
    value = np.empty((len(draws), size))
    begin = np.zeros(len(draws), np.int64)
    if likely is not None:
        begin = np.maximum(size - np.array(likely, np.int64) - LEAST, 0)
    for stream, drawn in enumerate(draws):
        row = value[stream, begin[stream] :]
        row[:] = drawn(len(row))
    return DrawBlocks(value, begin, begin.copy(), np.zeros(1, np.int64))


def refill(blocks: DrawBlocks, draws: Sequence[Callable[[int], NDArray[np.float64]]]) -> None:
    """Draw anew where a block is used up, and at the same time for every stream of whose block more than half is."""
    if not blocks.used_up[0]:
        return
    size = blocks.value.shape[1]
    used = blocks.used - blocks.begin
    for stream in np.flatnonzero(2 * used > size - blocks.begin).tolist():
        count = int(used[stream])
        row = blocks.value[stream, blocks.begin[stream] :]
        row[:-count] = row[count:].copy()
        row[-count:] = draws[stream](count)
        blocks.used[stream] = blocks.begin[stream]
    blocks.used_up[0] = 0


@inlined
def draw(blocks: DrawBlocks, stream: int) -> float:
    """Return the next number of a stream."""
    row = np.uint64(stream)  # unsigned: Numba need not look whether it is negative
    position = blocks.used[row]
    blocks.used[row] = position + 1
    if position + 1 == blocks.value.shape[1]:
        blocks.used_up[0] += 1
    return float(blocks.value[row, np.uint64(position)])
