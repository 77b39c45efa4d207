"""A queue in which the next job that could be backfilled is found without looking at every job.

Jobs of one shape stand in the queue's order, in blocks; over the blocks stands a binary tree. For every power of two of
a job's size, each of its nodes knows the shortest plan among the jobs below. Most jobs that cannot start are thus
passed over many at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FIRST", "JOB", "WAITS", "WaitingTree", "enter", "find", "insert", "new_tree", "remove"]

BLOCK = 32
NOBODY = -1
JOB, WAITS, TASKS = range(3)
FIRST, ROOT, LEAVES = range(3)


class WaitingTree(NamedTuple):
    """``P`` positions, one for every job that is known, of which some are taken; a tree for each of ``S`` shapes.

    Parameters
    ----------
    place
        ``(P, 3)`` the JOB at each position, NOBODY between shapes; whether it WAITS; its size in TASKS.
    plan_s
        ``(P,)`` how long it is expected to run.
    shape
        ``(S + 1, 3)`` FIRST position of each shape; ROOT, where its tree begins in ``least_s``; LEAVES of its tree, a
        power of two, each of which is a block.
    least_s
        ``(T, B)`` shortest plan below, by power of two; node n has the children 2n and 2n + 1, the root is 1.
    """

    place: NDArray[np.int64]
    plan_s: NDArray[np.float64]
    shape: NDArray[np.int64]
    least_s: NDArray[np.float64]


def new_tree(
    rank: NDArray[np.int64], shape: NDArray[np.int64], tasks: NDArray[np.int64], shapes: int
) -> tuple[WaitingTree, NDArray[np.int64]]:
    """Return a tree in which nobody waits, and the position of every job."""
    counts = np.bincount(shape, minlength=shapes)
    blocks = np.maximum(1, -(-counts // BLOCK))
    leaves = 2 ** np.ceil(np.log2(blocks)).astype(np.int64)
    first = np.concatenate(([0], np.cumsum(leaves * BLOCK)))
    root = np.concatenate(([0], np.cumsum(2 * leaves)))[:-1]
    order = np.lexsort((rank, shape))
    before = np.concatenate(([0], np.cumsum(counts)))[:-1]
    positions = np.empty(len(rank), np.int64)
    positions[order] = np.arange(len(rank)) - before[shape[order]] + first[shape[order]]
    place = np.zeros((first[-1], 3), np.int64)
    place[:, JOB] = NOBODY
    place[positions, JOB] = np.arange(len(rank))
    place[positions, TASKS] = tasks
    table = np.zeros((shapes + 1, 3), np.int64)
    table[:, FIRST] = first
    table[:-1, ROOT], table[:-1, LEAVES] = root, leaves
    buckets = int(tasks.max(initial=1)).bit_length()
    least_s = np.full((int(2 * leaves.sum()), buckets), np.inf)
    return WaitingTree(place, np.zeros(first[-1]), table, least_s), positions


@inlined
def _bucket(tasks: int) -> int:
    """Return the power of two at or below a size."""
    bucket = 0
    while tasks > 1:
        tasks >>= 1
        bucket += 1
    return bucket


@compiled
def insert(tree: WaitingTree, shape: int, position: int, plan_s: float) -> None:
    """Let the job at a position wait."""
    tree.place[position, WAITS] = 1
    tree.plan_s[position] = plan_s
    bucket = _bucket(tree.place[position, TASKS])
    node = tree.shape[shape, LEAVES] + (position - tree.shape[shape, FIRST]) // BLOCK
    while node >= 1 and tree.least_s[tree.shape[shape, ROOT] + node, bucket] > plan_s:
        tree.least_s[tree.shape[shape, ROOT] + node, bucket] = plan_s
        node >>= 1


@compiled
def enter(
    tree: WaitingTree, shape: NDArray[np.int64], position: NDArray[np.int64], plan_s: NDArray[np.float64]
) -> None:
    """Let the jobs at many positions wait."""
    for number in range(len(shape)):
        insert(tree, shape[number], position[number], plan_s[number])


@compiled
def remove(tree: WaitingTree, shape: int, position: int) -> None:
    """Let the job at a position wait no longer."""
    tree.place[position, WAITS] = 0
    bucket = _bucket(tree.place[position, TASKS])
    leaf = (position - tree.shape[shape, FIRST]) // BLOCK
    begin = tree.shape[shape, FIRST] + leaf * BLOCK
    least_s = np.inf
    for other in range(begin, begin + BLOCK):
        if tree.place[other, WAITS] and tree.plan_s[other] < least_s and _bucket(tree.place[other, TASKS]) == bucket:
            least_s = tree.plan_s[other]
    root = tree.shape[shape, ROOT]
    node = tree.shape[shape, LEAVES] + leaf
    while tree.least_s[root + node, bucket] != least_s:
        tree.least_s[root + node, bucket] = least_s
        if node == 1:
            return
        least_s = min(least_s, tree.least_s[root + (node ^ 1), bucket])
        node >>= 1


@inlined
def _may_hold(tree: WaitingTree, row: int, bucket: int, room: int, extra: int, now_s: float, shadow_s: float) -> bool:
    """Return whether below a node there may be a job that fits into ``room`` and does not disturb the head."""
    for power in range(bucket + 1):
        least_s = tree.least_s[row, power]
        if now_s + least_s <= shadow_s and least_s < np.inf:
            return True
        if least_s < np.inf and (1 << power) <= extra:
            return True
    return False


@inlined
def _in_block(tree: WaitingTree, begin: int, end: int, room: int, extra: int, now_s: float, shadow_s: float) -> int:
    for position in range(begin, end):
        tasks = tree.place[position, TASKS]
        if tree.place[position, WAITS] and tasks <= room:
            harmless = tasks <= extra or now_s + tree.plan_s[position] <= shadow_s
            if harmless:
                return position
    return NOBODY


@compiled
def find(tree: WaitingTree, shape: int, begin: int, room: int, extra: int, now_s: float, shadow_s: float) -> int:
    """Return the first position from ``begin`` on whose job can be backfilled, NOBODY if there is none.

    It fits into ``room`` tasks, and is done by ``shadow_s`` or not larger than ``extra``.
    """
    first, root, leaves = tree.shape[shape, FIRST], tree.shape[shape, ROOT], tree.shape[shape, LEAVES]
    if room < 1 or begin >= tree.shape[shape + 1, FIRST]:
        return NOBODY
    bucket = min(_bucket(room), tree.least_s.shape[1] - 1)
    leaf = (begin - first) // BLOCK
    end = first + (leaf + 1) * BLOCK
    found = _in_block(tree, begin, end, room, extra, now_s, shadow_s)
    if found != NOBODY:
        return found
    node = leaves + leaf
    while True:
        # Up, to the next subtree on the right that may hold one …
        while node & 1 or not _may_hold(tree, root + node + 1, bucket, room, extra, now_s, shadow_s):
            node >>= 1
            if node <= 1:
                return NOBODY
        node += 1
        # … and down to its first block that may.
        while node < leaves:
            node <<= 1
            if not _may_hold(tree, root + node, bucket, room, extra, now_s, shadow_s):
                node += 1
        begin = first + (node - leaves) * BLOCK
        found = _in_block(tree, begin, begin + BLOCK, room, extra, now_s, shadow_s)
        if found != NOBODY:
            return found
