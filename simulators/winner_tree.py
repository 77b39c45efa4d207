"""The event list of compiled engines in which every thing has at most one event at a time: a winner tree.

Every leaf is a thing's next event; every node above knows which of its leaves comes first, by time and then by order of
scheduling, as SimPy orders events. To change a leaf costs one comparison a level, none of which the processor has to
guess; nothing is ever moved, and an event that is put off leaves nothing behind.

Source: D. E. Knuth, "The Art of Computer Programming", vol. 3, 2nd ed. (1998), section 5.4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from simulators.machine_code import inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Leaf", "WinnerTree", "first", "new_tree", "replay"]

Leaf: TypeAlias = Any
"""A ``numpy.uint32``: Numba need not look whether it is negative."""


class WinnerTree(NamedTuple):
    """A tree of ``L`` leaves, a power of two.

    Parameters
    ----------
    time_s
        ``(L,)`` when each leaf's event is due; infinite where there is none.
    key
        ``(L,)`` the same memory, read as whole numbers, which are in the same order and sooner compared.
    number
        ``(L,)`` how many events had been scheduled before it.
    winner
        ``(2 L,)`` the leaf that comes first below each node; node 1 is the root, nodes ``L`` and on are the leaves.
    """

    time_s: NDArray[np.float64]
    key: NDArray[np.int64]
    number: NDArray[np.int64]
    winner: NDArray[np.uint32]


def new_tree(leaves: int) -> WinnerTree:
    """Return a tree of at least so many leaves, in which nothing is to happen."""
    room = 1 << max(leaves - 1, 1).bit_length()
    winner = np.arange(-room, room).astype(np.uint32)
    for node in range(room - 1, 0, -1):
        winner[node] = winner[2 * node]
    time_s = np.full(room, np.inf)
    return WinnerTree(time_s, time_s.view(np.int64), np.zeros(room, np.int64), winner)


@inlined
def first(tree: WinnerTree) -> Leaf:
    """Return the leaf whose event comes first."""
    return tree.winner[1]


@inlined
def replay(tree: WinnerTree, leaf: Leaf) -> None:
    """Have the nodes above a leaf know that it has changed.

    Where several leaves have changed, replay each after it has, in any order: the last one puts all right.
    """
    best, key, number = leaf, tree.key[leaf], tree.number[leaf]
    node = np.uint32(leaf + len(tree.key))
    while node > 1:
        other = tree.winner[np.uint32(node ^ 1)]
        other_key, other_number = tree.key[other], tree.number[other]
        # No comparisons: the compiler would make branches of them, each of which is a toss-up every time. All bits of
        # the mask are set if the other comes before.
        mask = (other_key - key - np.int64(other_number < number)) >> 63
        best = np.uint32(best ^ ((best ^ other) & np.uint32(mask)))
        key ^= (key ^ other_key) & mask
        number ^= (number ^ other_number) & mask
        node = np.uint32(node >> 1)
        tree.winner[node] = best
