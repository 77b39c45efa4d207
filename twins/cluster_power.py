"""The electrical power that nodes take, all of which becomes heat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.cluster_rows import Condition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster import ComputeCluster
    from twins.cluster_rows import NodeSpells

__all__ = ["node_power_w"]


def node_power_w(scenario: ComputeCluster, spells: NodeSpells) -> NDArray[np.float64]:
    """Return ``(N,)`` watts that the node of each spell takes: with its load, asleep, and nothing where it is down.

    As the simulator reckons energy, without what cooling takes besides (PUE).
    """
    types = scenario.node_types
    kind = np.repeat(np.arange(len(types)), [one.nodes for one in types])[spells.node]
    cores, gpus, idle_w, busy_w, asleep_w = np.array(
        [(one.cores, max(one.gpus, 1), one.idle_w, one.busy_w, one.sleep.power_w if one.sleep else 0.0)
         for one in types]
    )[kind].T  # fmt: skip
    load = np.maximum(spells.cores / cores, spells.gpus / gpus)
    power_w: NDArray[np.float64] = idle_w + (busy_w - idle_w) * load
    power_w = np.where(spells.condition == Condition.ASLEEP, asleep_w, power_w)
    return np.where(spells.condition == Condition.DOWN, 0.0, power_w)
