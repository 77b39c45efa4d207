"""Time passes over a cluster's power, and nodes change it: the part of the meter that knows energy, price and GPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.compute_cluster.ledger import (
    BEGIN_S,
    BUSY_CORES,
    BUSY_GPUS,
    BUSY_W,
    CARBON_G,
    CLUSTER_W,
    CORE_S,
    COST,
    DOWN,
    ENERGY_J,
    FREE,
    FREE_GPU_S,
    FREE_GPUS,
    GPU_S,
    HAS_CORES,
    HAS_GPUS,
    IDLE_W,
    LIMIT_W,
    NOW_S,
    OVER_S,
    PEAK_W,
    POWER_W,
    RACK,
    RACK_W,
    SLEEP_W,
    SLEEPING,
    STATE,
    STRANDED,
    STRANDED_GPU_S,
    STRANDED_GPUS,
    USED_CORES,
    USED_GPUS,
    WAITING,
    WAITING_AREA,
)
from simulators.compute_cluster.pointing import pointed
from simulators.machine_code import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from simulators.compute_cluster.ledger import Ledger

__all__ = ["advance", "reckon", "reckon_all"]

HOUR_S = 3600.0


@compiled
def advance(ledger: Ledger, now_s: float) -> None:
    """Let time pass: add to the integrals."""
    total = ledger.total
    since_s = max(total[NOW_S], total[BEGIN_S])
    total[NOW_S] = now_s
    gone_s = now_s - since_s
    if gone_s <= 0.0:
        return
    total[WAITING_AREA] += gone_s * total[WAITING]
    total[CORE_S] += gone_s * total[BUSY_CORES]
    total[GPU_S] += gone_s * total[BUSY_GPUS]
    total[FREE_GPU_S] += gone_s * total[FREE_GPUS]
    total[STRANDED_GPU_S] += gone_s * total[STRANDED_GPUS]
    for rack in range(len(ledger.rack)):
        if ledger.rack[rack, RACK_W] > ledger.rack[rack, LIMIT_W]:
            ledger.rack[rack, OVER_S] += gone_s
    power_w = total[CLUSTER_W]
    if power_w <= 0.0:
        return
    total[ENERGY_J] += gone_s * power_w
    while since_s < now_s:
        hour = int(since_s // HOUR_S)
        until_s = min(now_s, (hour + 1) * HOUR_S)
        total[COST] += (until_s - since_s) * power_w * ledger.price[hour % 24, 0]
        total[CARBON_G] += (until_s - since_s) * power_w * ledger.price[hour % 24, 1]
        since_s = until_s


@compiled
def reckon(ledger: Ledger, here: int) -> None:
    """Reckon again a node's power, its free GPUs, and those of them whose neighbours are in use."""
    node, total = ledger.node[here], ledger.total
    rack = ledger.rack[int(node[RACK])]
    power_w = _power_w(node)
    gain_w = power_w - node[POWER_W]
    if gain_w != 0.0:
        node[POWER_W] = power_w
        total[CLUSTER_W] += gain_w
        rack[RACK_W] += gain_w
        rack[PEAK_W] = max(rack[PEAK_W], rack[RACK_W])
    if node[HAS_GPUS] > 0.0:
        free = 0.0 if node[STATE] == DOWN else node[HAS_GPUS] - node[USED_GPUS]
        stranded = free if node[USED_GPUS] > 0.0 else 0.0
        total[FREE_GPUS] += free - node[FREE]
        total[STRANDED_GPUS] += stranded - node[STRANDED]
        node[FREE], node[STRANDED] = free, stranded


@compiled
def _power_w(node: NDArray[np.float64]) -> float:
    if node[STATE] == DOWN:
        return 0.0
    if node[STATE] == SLEEPING:
        return float(node[SLEEP_W])
    load = node[USED_CORES] / node[HAS_CORES]
    if node[HAS_GPUS] > 0.0:
        load = max(load, node[USED_GPUS] / node[HAS_GPUS])
    return float(node[IDLE_W] + (node[BUSY_W] - node[IDLE_W]) * load)


@compiled
def reckon_all(ledger: Ledger) -> None:
    """Reckon every node's power, before anything has happened."""
    there = pointed(ledger)
    for node in range(len(there.node)):
        reckon(there, node)
