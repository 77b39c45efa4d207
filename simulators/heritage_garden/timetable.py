"""The next event of each of a few places, in a tree of winners: changed in place, so that none goes stale.

Paths change their next arrival whenever somebody steps on or off. In the common event list every change would leave a
stale event behind; here a place has one row. Numbers come from that list, so that events of both are in one order: each
row has the number that its event got when it was scheduled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.machine_code import inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Timetable", "new_timetable", "put", "take_out"]


class Timetable(NamedTuple):
    """A row a place, and the tree over ``W`` rows, a power of two.

    Parameters
    ----------
    due_s
        ``(W,)`` when the event is due, infinite where there is none.
    number
        ``(W,)`` how many events had been scheduled before it.
    winner
        ``(2 W,)`` the first row below each node of the tree; that of the root, node 1, is the first of all.
    """

    due_s: NDArray[np.float64]
    number: NDArray[np.int64]
    winner: NDArray[np.int64]


def new_timetable(rows: int) -> Timetable:
    """Return a timetable without events for at least so many places."""
    width = 1
    while width < rows:
        width *= 2
    winner = np.zeros(2 * width, np.int64)
    winner[width:] = np.arange(width)
    for node in range(width - 1, 0, -1):
        winner[node] = winner[2 * node]
    return Timetable(np.full(width, np.inf), np.zeros(width, np.int64), winner)


@inlined
def put(table: Timetable, row: int, due_s: float, number: int) -> None:
    """Let a row have an event, instead of the one that it had."""
    table.number[row] = number
    table.due_s[row] = due_s
    _play(table, row)


@inlined
def take_out(table: Timetable, row: int) -> None:
    """Leave a row without an event."""
    table.due_s[row] = np.inf
    _play(table, row)


@inlined
def _play(table: Timetable, row: int) -> None:
    """Find the winners anew on the way from a row to the root."""
    # The winner so far is carried along: what a level waits for is one comparison, not what the level below has stored.
    # All the way, also where nothing changes any more: a branch that nobody can foresee costs more than seven levels.
    node, best, best_s, best_number = row + len(table.due_s), row, table.due_s[row], table.number[row]
    while node > 1:
        other = table.winner[node ^ 1]
        other_s, other_number = table.due_s[other], table.number[other]
        other_wins = (other_s < best_s) | ((other_s == best_s) & (other_number < best_number))
        best = other if other_wins else best
        best_s = other_s if other_wins else best_s
        best_number = other_number if other_wins else best_number
        node >>= 1
        table.winner[node] = best
