"""The winner tree gives the events of its leaves in order of time, and at equal times of scheduling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
import pytest

from simulators.winner_tree import WinnerTree, first, new_tree, replay

if TYPE_CHECKING:
    from numpy.typing import NDArray


@numba.njit  # what is inlined cannot be called from Python
def _winners(
    tree: WinnerTree, leaf: NDArray[np.uint32], time_s: NDArray[np.float64], at_once: int
) -> NDArray[np.int64]:
    """Schedule event after event at leaves, replaying them some at a time; return who came first after each time."""
    found = np.empty(len(leaf) // at_once, np.int64)
    for step in range(len(leaf)):
        tree.time_s[leaf[step]] = time_s[step]
        tree.number[leaf[step]] = step
        if step % at_once == at_once - 1:
            for done in range(step + 1 - at_once, step + 1):
                replay(tree, leaf[done])
            found[step // at_once] = first(tree)
    return found


@pytest.mark.parametrize("leaves", [1, 2, 11, 32, 100])
@pytest.mark.parametrize("at_once", [1, 3])
@pytest.mark.parametrize("clockwork", [False, True])
def test_the_first_is_that_of_a_search_through_all(leaves: int, at_once: int, clockwork: bool) -> None:
    generator = np.random.default_rng(leaves)
    steps = 600
    leaf = generator.integers(0, leaves, steps).astype(np.uint32)
    time_s = generator.integers(0, 4, steps).astype(float) if clockwork else generator.exponential(10, steps)
    time_s[generator.random(steps) < 0.2] = np.inf  # nothing is to happen there any more
    found = _winners(new_tree(leaves), leaf, time_s, at_once)
    due = dict.fromkeys(range(leaves), (np.inf, 0))
    for step in range(steps):
        due[int(leaf[step])] = (float(time_s[step]), step)
        if step % at_once == at_once - 1 and min(due.values())[0] < np.inf:
            assert due[int(found[step // at_once])] == min(due.values())
