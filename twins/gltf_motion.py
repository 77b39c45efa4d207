"""Movers as keyframes: a file has no shader that could move them, so copies that follow one another share a node."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from twins.scene import Movers

__all__ = ["Track", "positions_m", "tracks"]

STEPS = np.linspace(0.0, 1.0, 5)
"""Shares of a movement's time at which a copy on lanes has a key, beside its two corners."""

SWING_STEP_S = 0.25
"""Time between the keys of what slides to and fro, in the viewer's time."""


@dataclass(frozen=True, eq=False)
class Track:
    """What one node does: ``P`` keys of place, ``T`` of direction, ``S`` of being shown; seconds of the film.

    Parameters
    ----------
    color
        Of all its copies, 0xRRGGBB.
    place_s, place_m
        ``(P,)`` and ``(P, 3)``: between two keys it goes straight.
    turn_s, turn
        ``(T,)`` and ``(T, 4)`` quaternions, each until the next; none where it never turns.
    shown_s, shown
        ``(S,)`` and ``(S,)``, each until the next; the first at 0.
    """

    color: int
    place_s: NDArray[np.float32]
    place_m: NDArray[np.float32]
    turn_s: NDArray[np.float32]
    turn: NDArray[np.float32]
    shown_s: NDArray[np.float32]
    shown: NDArray[np.bool_]


def positions_m(movers: Movers, time_s: float) -> NDArray[np.float64]:
    """Return ``(N, 3)`` where copies are at a time, in seconds from the window's start, shown or not."""
    lasts_s = movers.arrive_s - movers.appear_s
    gone = np.divide(time_s - movers.appear_s, lasts_s, out=np.ones(len(movers)), where=lasts_s > 0)
    found: NDArray[np.float64] = _along(movers, gone.clip(0.0, 1.0)[:, None])[:, 0]
    return found


def tracks(movers: Movers, span_s: float, speed: float) -> Iterator[Track]:
    """Give as many nodes as copies of one colour are shown at once, with their keys.

    Parameters
    ----------
    movers
        The copies.
    span_s
        Length of the window, simulated seconds; copies are followed in it only.
    speed
        Simulated seconds in a second of the film.
    """
    seen = np.flatnonzero((movers.vanish_s > 0) & (movers.appear_s < span_s) & (movers.vanish_s > movers.appear_s))
    order = seen[np.lexsort((movers.appear_s[seen], movers.color[seen]))]
    if not len(order):
        return
    node = _shared(movers, order)
    order, node = order[np.argsort(node, kind="stable")], np.sort(node)
    mine = movers.chosen(order)
    row, time_s, place_m = _places(mine, node, span_s, speed)
    quaternion = _turns(mine)
    first = np.flatnonzero(np.append(True, node[1:] != node[:-1]))
    last = np.append(first[1:], len(node))
    key_first, key_last = np.searchsorted(row, first), np.searchsorted(row, last)
    for begin, end, key_begin, key_end in zip(first, last, key_first, key_last, strict=True):
        rows, keys = slice(begin, end), slice(key_begin, key_end)
        place_s, places = _without_repeats(_rising(time_s[keys] / speed), place_m[keys].astype(np.float32))
        turn_s, turn = _turned(mine.appear_s[rows].clip(0.0) / speed, quaternion[rows])
        shown_s, shown = _shown(mine.appear_s[rows] / speed, mine.vanish_s[rows] / speed, span_s / speed)
        yield Track(int(mine.color[begin]), place_s, places, turn_s, turn, shown_s, shown)


def _shared(movers: Movers, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``(N,)`` the node of each copy, in that order: that of the one which it goes on from, or a free one."""
    node = np.empty(len(order), np.int64)
    made = 0
    begins = [tuple(place) for place in movers.from_m[order].round(4).tolist()]
    ends = [tuple(place) for place in movers.to_m[order].round(4).tolist()]
    appear, vanish, color = (column[order].tolist() for column in (movers.appear_s, movers.vanish_s, movers.color))
    standing: defaultdict[tuple[float, ...], list[int]] = defaultdict(list)
    free: list[tuple[float, int, int]] = []
    owner: dict[int, int] = {}
    for number, place in enumerate(begins):
        if number and color[number] != color[number - 1]:
            standing.clear()
            free.clear()
        goes_on = next((other for other in standing[place] if owner[int(node[other])] == other
                        and vanish[other] == appear[number]), None)  # fmt: skip
        if goes_on is not None:
            standing[place].remove(goes_on)
            taken = int(node[goes_on])
        else:
            taken = -1
            while free and free[0][0] <= appear[number]:
                _, candidate, other = heappop(free)
                if owner[candidate] == other:
                    taken = candidate
                    break
            if taken < 0:
                taken, made = made, made + 1
        node[number] = taken
        owner[taken] = number
        standing[ends[number]].append(number)
        heappush(free, (vanish[number], taken, number))
    return node


def _places(
    movers: Movers, node: NDArray[np.int64], span_s: float, speed: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the keys of all copies: number of the copy, time in simulated seconds, place in metres."""
    share = _shares(movers)
    lasts_s = movers.arrive_s - movers.appear_s
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = [np.where(lasts_s > 0, (edge_s - movers.appear_s) / lasts_s, 1.0) for edge_s in (0.0, span_s)]
    share = share.clip(*(edge[:, None].clip(0.0, 1.0) for edge in seen))
    time_s = (movers.appear_s[:, None] + share * lasts_s[:, None]).clip(0.0, span_s)
    place_m = _along(movers, share)
    row = np.repeat(np.arange(len(movers)), share.shape[1])
    needed = np.ones(share.shape, np.bool_)
    needed[:, 1:] = (share[:, 1:] > share[:, :-1]) & (movers.from_m != movers.to_m).any(axis=1, keepdims=True)
    needed[(movers.swing_m > 0), 1:] = False
    kept = needed.ravel()
    pieces = [(row[kept], time_s.ravel()[kept], place_m.reshape(-1, 3)[kept])]
    pieces += [_swinging(movers, number, span_s, speed) for number in np.flatnonzero(movers.swing_m > 0).tolist()]
    # What is followed by a copy in another place stays where it is until then.
    follows = np.flatnonzero((node[1:] == node[:-1]) & (movers.to_m[:-1] != movers.from_m[1:]).any(axis=1))
    pieces.append((follows, movers.vanish_s[follows].clip(0.0, span_s), movers.to_m[follows]))
    rows, times, places = (np.concatenate(column) for column in zip(*pieces, strict=True))
    order = np.lexsort((times, rows))
    return rows[order], times[order], places[order]


def _shares(movers: Movers) -> NDArray[np.float64]:
    """Return ``(N, K)`` shares of each movement's time at which it needs a key, rising."""
    if movers.path == "straight":
        return np.tile([0.0, 1.0], (len(movers), 1))
    first, middle, last = _lanes(movers)
    whole = np.maximum(first + middle + last, 1e-9)
    corners = np.stack([first / whole, (first + middle) / whole], axis=1).clip(0.0, 1.0)
    at = 0.5 - np.sin(np.arcsin(1.0 - 2.0 * corners) / 3.0)  # when a gentle start and stop has got there
    return np.sort(np.concatenate([np.tile(STEPS, (len(movers), 1)), at], axis=1), axis=1)


def _lanes(movers: Movers) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    first = abs(movers.cross_m - movers.from_m[:, 0])
    middle = np.hypot(*(movers.to_m - movers.from_m)[:, 1:].T)
    return first, middle, abs(movers.to_m[:, 0] - movers.cross_m)


def _along(movers: Movers, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``(N, K, 3)`` where copies are after shares of their movements' times, as the renderers have it."""
    begin, end = movers.from_m[:, None], movers.to_m[:, None]
    if movers.path == "straight":
        straight: NDArray[np.float64] = begin + (end - begin) * share[..., None]
        return straight
    first, middle, last = (length[:, None] for length in _lanes(movers))
    way = share**2 * (3.0 - 2.0 * share) * (first + middle + last)
    cross = movers.cross_m[:, None]
    done = [(part / np.maximum(length, 1e-9)).clip(0.0, 1.0)
            for part, length in ((way, first), (way - first, middle), (way - first - middle, last))]  # fmt: skip
    x = begin[..., 0] + (cross - begin[..., 0]) * done[0] + (end[..., 0] - cross) * done[2]
    across = begin[..., 1:] + (end - begin)[..., 1:] * done[1][..., None]
    return np.concatenate([x[..., None], across], axis=2)


def _swinging(
    movers: Movers, number: int, span_s: float, speed: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the keys of one copy that slides about its place."""
    begin_s, end_s = max(0.0, movers.appear_s[number]), min(span_s, movers.vanish_s[number])
    time_s = np.arange(begin_s, end_s, SWING_STEP_S * speed)[1:]
    viewer_s, swing = time_s / speed, movers.swing_m[number]
    place_m = np.tile(movers.to_m[number], (len(time_s), 1))
    place_m[:, 0] += swing * np.sin(3.1 * viewer_s)
    place_m[:, 2] += 0.35 * swing * np.sin(4.3 * viewer_s)
    return np.full(len(time_s), number), time_s, place_m


def _turns(movers: Movers) -> NDArray[np.float32]:
    """Return ``(N, 4)`` quaternions that turn the shape's x along the way, about y."""
    way = movers.to_m - movers.from_m
    angle = np.where(np.hypot(way[:, 0], way[:, 2]) > 1e-5, np.arctan2(-way[:, 2], way[:, 0]), 0.0)
    if movers.path == "lanes":
        angle[:] = 0.0
    nought = np.zeros(len(movers))
    return np.stack([nought, np.sin(angle / 2), nought, np.cos(angle / 2)], axis=1).astype(np.float32)


def _turned(time_s: NDArray[np.float64], turn: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the keys at which a direction changes; none where it always looks along x."""
    changes = np.append(True, (turn[1:] != turn[:-1]).any(axis=1))
    if changes.sum() == 1 and turn[0, 3] == 1.0:
        return np.empty(0, np.float32), np.empty((0, 4), np.float32)
    return _rising(time_s[changes]), turn[changes]


def _shown(
    appear_s: NDArray[np.float64], vanish_s: NDArray[np.float64], end_s: float
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return when a node is shown and hidden again."""
    apart = appear_s[1:] > vanish_s[:-1]
    on, off = appear_s[np.append(True, apart)], vanish_s[np.append(apart, True)]
    time_s = np.stack([on, off], axis=1).ravel()
    shown = np.tile([True, False], len(on))
    past = time_s <= 0
    kept = (time_s < end_s) & ~past
    now = bool(shown[past][-1]) if past.any() else False
    return _rising(np.append(0.0, time_s[kept])), np.append(now, shown[kept])


def _rising(time_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return times as a file holds them, each later than the one before by at least the least that can be told."""
    number = time_s.astype(np.float32).view(np.int32).astype(np.int64)  # rises with the time
    position = np.arange(len(number))
    risen: NDArray[np.float32] = (np.maximum.accumulate(number - position) + position).astype(np.int32).view(np.float32)
    return risen


def _without_repeats(
    time_s: NDArray[np.float32], place_m: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Leave out keys between two others of the same place."""
    same = (place_m[1:] == place_m[:-1]).all(axis=1)
    kept = np.ones(len(time_s), np.bool_)
    kept[1:-1] = ~(same[:-1] & same[1:])
    return time_s[kept], place_m[kept]
