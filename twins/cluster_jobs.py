"""The jobs of a cluster as cubes: waiting on the shelves of their queues, coming to their nodes, and going."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.cluster_colors import user_colors
from twins.scene import Box
from twins.timing import timed_movers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from twins.cluster_layout import ClusterLayout
    from twins.cluster_rows import Stays, Waits
    from twins.scene import Movers, Solid

__all__ = ["JobsInMotion"]

WAY_SHARE = 1 / 150
LEAST_WAY_S, MOST_WAY_S = 3.0, 900.0
"""A job is seen to travel for this share of the window, within these bounds; in the journal it takes no time."""

MOST_CUBES = 24
"""Of the nodes of one run so many are seen to be gone to."""

SMALL, LARGE = 0.03, 0.25
"""Share of all cores above which a job's cube is of middle size, and large."""

SIZES = {"small": 0.55, "middle": 0.75, "large": 0.95}
CUBE_M = 0.24
BEFORE_M = 0.3
"""From a node's front to the middle of the aisle, in which jobs travel."""


class JobsInMotion:
    """What is seen of jobs in a window.

    Parameters
    ----------
    layout
        Where everything stands.
    waits, stays
        Who waits, and who runs where, in the window.
    slot
        ``(N,)`` place on the shelf of each wait.
    cores
        Of the whole cluster.
    window_s
        Begin and end, simulated seconds.
    way_s
        How long a job is seen to travel; a share of the window if None.
    """

    def __init__(
        self,
        layout: ClusterLayout,
        waits: Waits,
        slot: NDArray[np.int64],
        stays: Stays,
        cores: int,
        window_s: tuple[float, float],
        way_s: float | None,
    ) -> None:
        self._layout, self._waits, self._stays, self._cores = layout, waits, stays, cores
        self._window_s = window_s
        usual_s = (window_s[1] - window_s[0]) * WAY_SHARE
        self._way_s = float(np.clip(usual_s if way_s is None else way_s, LEAST_WAY_S, MOST_WAY_S))
        self._shelved = np.empty((len(slot), 3))
        for number, shelf in enumerate(layout.shelves):
            mine = waits.queue == number
            self._shelved[mine] = shelf.at(slot[mine])

    def queued(self) -> Iterator[Movers]:
        """Yield the jobs in their shelves; who is new comes through the entrance."""
        waits, layout = self._waits, self._layout
        at = self._shelved
        begin = np.where(waits.anew[:, None], at, np.array(layout.entrance_m))
        arrive = np.minimum(waits.start_s + self._way_s, waits.end_s)
        pitch = min((shelf.pitch_m for shelf in layout.shelves), default=CUBE_M)
        size = _sizes(waits.cores / self._cores)
        for name, share in SIZES.items():
            mine = size == name
            yield timed_movers(
                f"queue {name}",
                _cube(pitch * share * 0.9),
                from_m=begin[mine],
                to_m=at[mine],
                cross_m=at[mine, 0],
                time_s=(waits.start_s[mine], arrive[mine], waits.end_s[mine]),
                window_s=self._window_s,
                color=user_colors(waits.user[mine]),
            )

    def travelling(self) -> Iterator[Movers]:
        """Yield the jobs on their ways from the queue to nodes, and from there out or back."""
        stays, layout = self._stays, self._layout
        seen = np.floor(stays.rank * MOST_CUBES / stays.nodes) != np.floor((stays.rank - 1) * MOST_CUBES / stays.nodes)
        seen |= stays.nodes <= MOST_CUBES
        stays = stays.chosen(seen)
        ends = layout.node_m[stays.node] + (0.0, 0.0, BEFORE_M)
        size = _sizes(stays.cores * stays.nodes / self._cores)
        shelved = self._shelved
        left = {key: row for row, key in enumerate(zip(self._waits.job, self._waits.end_s, strict=True))}
        anew = {key: row for row, key in enumerate(zip(self._waits.job, self._waits.start_s, strict=True))}
        origin, target = np.tile(layout.entrance_m, (len(ends), 1)), np.tile(layout.exit_m, (len(ends), 1))
        back = np.zeros(len(ends), np.bool_)
        for row, (job, start_s, end_s) in enumerate(zip(stays.job, stays.start_s, stays.end_s, strict=True)):
            if (job, start_s) in left:
                origin[row] = shelved[left[job, start_s]]
            if (job, end_s) in anew:
                target[row], back[row] = shelved[anew[job, end_s]], True
        for name, share in SIZES.items():
            mine = size == name
            yield self._flights(f"coming {name}", share, stays.chosen(mine), origin[mine], ends[mine], leaving=False)
            out = mine & np.isfinite(stays.end_s)
            cross = np.where(back, layout.left_aisle_m, layout.right_aisle_m)
            yield self._flights(
                f"going {name}", share, stays.chosen(out), ends[out], target[out], leaving=True, cross_m=cross[out]
            )

    def _flights(
        self,
        name: str,
        share: float,
        stays: Stays,
        begin_m: NDArray[np.float64],
        end_m: NDArray[np.float64],
        *,
        leaving: bool,
        cross_m: NDArray[np.float64] | None = None,
    ) -> Movers:
        sets_off = stays.end_s if leaving else stays.start_s
        arrives = sets_off + self._way_s
        return timed_movers(
            name,
            _cube(CUBE_M * share),
            from_m=begin_m,
            to_m=end_m,
            cross_m=np.full(len(begin_m), self._layout.left_aisle_m) if cross_m is None else cross_m,
            time_s=(sets_off, arrives, arrives),
            window_s=self._window_s,
            color=user_colors(stays.user),
        )


def _cube(side_m: float) -> tuple[Solid, ...]:
    return (Box((side_m, side_m, side_m), (0.0, 0.0, 0.0), "#ffffff", side_m * 0.12, glow=0.25),)


def _sizes(share: NDArray[np.float64]) -> NDArray[np.str_]:
    names = np.array(list(SIZES))
    chosen: NDArray[np.str_] = names[(share > SMALL).astype(int) + (share > LARGE)]
    return chosen
