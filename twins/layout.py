"""Where the stations of a line stand on the floor: racks, machines side by side, and the lanes between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.machines import BELT_M, DEPTH_M, Look, look_of
from twins.motion import SHOWN_SLOTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.production_line import ProductionLine

__all__ = ["BOARD_M", "ROWS", "Bay", "Layout", "lay_out"]

BOARD_M = (0.38, 0.012, 0.3)
"""Size of a part: a printed circuit board."""

ROWS = 10
"""Slots of a rack above one another."""

SLOT_M = 0.115
RACK_M = 0.42
GAP_M = 0.36
MACHINE_PITCH_M = DEPTH_M + 1.0


@dataclass(frozen=True)
class Bay:
    """One station on the floor; x in metres.

    Parameters
    ----------
    look
        How its machines look.
    before_m
        Middle of the gap in front of the rack, where parts cross to it.
    rack_m
        Middles of the rack's columns, the one next to the machine first; none where there is no buffer.
    slots
        Slots of the rack that are drawn.
    between_m
        Middle of the gap between rack and machine.
    machine_m
        Middle of the machines.
    lanes_m
        z of each machine.
    """

    look: Look
    before_m: float
    rack_m: tuple[float, ...]
    slots: int
    between_m: float
    machine_m: float
    lanes_m: tuple[float, ...]

    def slot_at(self, slot: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return ``(N, 3)`` places of slots; those beyond the rack share its last one."""
        slot = np.minimum(slot, self.slots - 1)
        x = np.asarray(self.rack_m)[slot // ROWS]
        return np.stack([x, BELT_M + slot % ROWS * SLOT_M, np.zeros(len(slot))], axis=1)


@dataclass(frozen=True)
class Layout:
    """A whole line; x in metres.

    Parameters
    ----------
    entrance_m, exit_m
        Where boards come from and go to.
    bays
        The stations in order.
    after_m
        Middle of the gap behind the last machine.
    lane_m
        Greatest distance of a machine's lane from the middle.
    """

    entrance_m: float
    bays: tuple[Bay, ...]
    after_m: float
    exit_m: float
    lane_m: float


def lay_out(scenario: ProductionLine) -> Layout:
    """Place every station of a line along x, its machines side by side along z.

    Parameters
    ----------
    scenario
        The line.
    """
    x = RACK_M / 2
    bays: list[Bay] = []
    for station in scenario.stations:
        look = look_of(station.name)
        before = x + GAP_M / 2
        x += GAP_M
        places = SHOWN_SLOTS if station.buffer_places is None else min(station.buffer_places, SHOWN_SLOTS)
        columns = -(-places // ROWS)
        rack = tuple(x + RACK_M * (columns - number - 0.5) for number in range(columns))
        between = before
        if columns:
            x += RACK_M * columns
            between = x + GAP_M / 2
            x += GAP_M
        count = station.machines
        lanes = tuple((number - (count - 1) / 2) * MACHINE_PITCH_M for number in range(count))
        bays.append(Bay(look, before, rack, places, between, x + look.length_m / 2, lanes))
        x += look.length_m
    lane = max(max(bay.lanes_m) for bay in bays)
    return Layout(0.0, tuple(bays), x + GAP_M / 2, x + GAP_M + RACK_M / 2, lane)
