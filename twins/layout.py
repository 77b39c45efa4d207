"""Where the stations of a line stand on the floor: racks, machines side by side, and the lanes between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.machines import BELT_M, DEPTH_M, Look, look_of
from twins.motion import SHOWN_SLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from simulators.production_line import ProductionLine, Station

__all__ = ["BOARD_M", "ROWS", "Bay", "Layout", "Rack", "lay_out"]

BOARD_M = (0.38, 0.012, 0.3)
"""Size of a part: a printed circuit board."""

ROWS = 10
"""Slots of a rack above one another."""

SLOT_M = 0.115
RACK_M = 0.42
GAP_M = 0.36
MACHINE_PITCH_M = DEPTH_M + 1.0
BELT_PITCH_M = 0.42
BELT_SLOTS = 5
KIT_PITCH_M = 0.66
BEFORE_MACHINES_M = 1.3
"""From the machines to the lane of the vehicles; people work between them."""


@dataclass(frozen=True)
class Rack:
    """Slots for parts, above one another and in columns; x and z in metres.

    Parameters
    ----------
    columns_m
        Middles of the columns along x, the first one to be filled first.
    slots
        Slots that are drawn; none where there is no rack.
    lane_m
        Its z.
    """

    columns_m: tuple[float, ...] = ()
    slots: int = 0
    lane_m: float = 0.0

    def slot_at(self, slot: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return ``(N, 3)`` places of slots; those beyond the rack share its last one."""
        slot = np.minimum(slot, self.slots - 1)
        x = np.asarray(self.columns_m)[slot // ROWS]
        return np.stack([x, BELT_M + slot % ROWS * SLOT_M, np.full(len(slot), self.lane_m)], axis=1)


@dataclass(frozen=True)
class Bay:
    """One station on the floor; x in metres.

    Parameters
    ----------
    look
        How its machines look.
    before_m
        Middle of the gap in front of it, where parts cross to it.
    belt_m
        Beginning and end of its conveyor; equal where it has none.
    rack
        Its buffer; the column next to the machine is filled first.
    kits
        Its buffers of components by number of part type, in front of the rack.
    between_m
        Middle of the gap between rack and machine.
    machine_m
        Middle of the machines.
    lanes_m
        z of each machine.
    store
        Where its finished parts wait for a Kanban card.
    between_store_m
        Middle of the gap between machine and store.
    after_m
        Middle of the gap behind it.
    """

    look: Look
    before_m: float
    belt_m: tuple[float, float]
    rack: Rack
    kits: Mapping[int, Rack]
    between_m: float
    machine_m: float
    lanes_m: tuple[float, ...]
    store: Rack
    between_store_m: float
    after_m: float

    @property
    def has_belt(self) -> bool:
        """Whether it has a conveyor."""
        return self.belt_m[1] > self.belt_m[0]

    def belt_at(self, slot: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return ``(N, 3)`` places at the end of the conveyor; those beyond it share its last one."""
        slots = round((self.belt_m[1] - self.belt_m[0]) / BELT_PITCH_M)
        x = self.belt_m[1] - BELT_PITCH_M * (np.minimum(slot, slots - 1) + 0.5)
        return np.stack([x, np.full(len(slot), BELT_M), np.zeros(len(slot))], axis=1)


@dataclass(frozen=True)
class Layout:
    """A whole line; x in metres.

    Parameters
    ----------
    entrance_m, exit_m
        Where boards come from and go to.
    bays
        The stations in order.
    lane_m
        Greatest distance of a machine's lane from the middle.
    return_m
        z of the lane before the machines for every other way than on to the next station; None where there is no such
        way.
    scrap_m
        z of the bin for scrap, beside the exit; None where nothing is scrapped.
    """

    entrance_m: float
    bays: tuple[Bay, ...]
    exit_m: float
    lane_m: float
    return_m: float | None
    scrap_m: float | None

    @property
    def after_m(self) -> float:
        """Middle of the gap behind the last station."""
        return self.bays[-1].after_m


def lay_out(scenario: ProductionLine) -> Layout:
    """Place every station of a line along x, its machines side by side along z.

    Parameters
    ----------
    scenario
        The line.
    """
    numbers = {kind.name: number for number, kind in enumerate(scenario.types)}
    x = RACK_M / 2
    bays: list[Bay] = []
    for station in scenario.stations:
        names = station.assembly.components if station.assembly else {}
        bays.append(
            _bay(station, {numbers[name]: kit.places for name, kit in names.items()}, scenario.cards(station), x)
        )
        x = bays[-1].after_m - GAP_M / 2
    lane = max(max(bay.lanes_m) for bay in bays)
    lane = max([lane, *(rack.lane_m - DEPTH_M / 2 + KIT_PITCH_M / 2 for bay in bays for rack in bay.kits.values())])
    ahead = lane + DEPTH_M / 2 + BEFORE_MACHINES_M
    inspected = any(station.inspection for station in scenario.stations)
    return Layout(
        0.0,
        tuple(bays),
        x + GAP_M + RACK_M / 2,
        lane,
        None if _is_serial(scenario) else ahead,
        0.8 if inspected else None,
    )


def _is_serial(scenario: ProductionLine) -> bool:
    """Return whether every part goes from each station to the next, first to last, and nothing else happens to it."""
    names = [station.name for station in scenario.stations]
    through = all([step.station for step in kind.route] == names and kind.feeds is None for kind in scenario.types)
    return through and not any(station.inspection for station in scenario.stations)


def _bay(station: Station, kits: Mapping[int, int], cards: int | None, x: float) -> Bay:
    """Place a station behind ``x``."""
    look = look_of(station.name)
    before = x + GAP_M / 2
    x += GAP_M
    belt = 0 if station.conveyor is None else min(station.conveyor.capacity, BELT_SLOTS)
    begin, x = x, x + belt * BELT_PITCH_M
    end = x
    room = station.buffer_places if cards is None else cards  # cards bound a station, whatever its buffer
    places = SHOWN_SLOTS if room is None else min(room, SHOWN_SLOTS)
    columns = max(-(-places // ROWS), *(-(-min(count, SHOWN_SLOTS) // ROWS) for count in kits.values()), 0)
    middles = tuple(x + RACK_M * (columns - number - 0.5) for number in range(columns))
    x += RACK_M * columns
    between = before
    if columns or belt:
        between = x + GAP_M / 2
        x += GAP_M
    count = station.machines
    lanes = tuple((number - (count - 1) / 2) * MACHINE_PITCH_M for number in range(count))
    machine = x + look.length_m / 2
    x += look.length_m
    between_store, store = x + GAP_M / 2, Rack()
    if cards is not None:
        slots = min(cards, SHOWN_SLOTS)
        x += GAP_M
        wide = -(-slots // ROWS)
        store = Rack(tuple(x + RACK_M * (wide - number - 0.5) for number in range(wide)), slots)
        x += RACK_M * wide
    return Bay(
        look,
        before,
        (begin, end),
        Rack(middles[: -(-places // ROWS)], places),
        {
            kind: Rack(middles[: -(-min(most, SHOWN_SLOTS) // ROWS)], min(most, SHOWN_SLOTS), KIT_PITCH_M * number)
            for number, (kind, most) in enumerate(kits.items(), 1)
        },
        between,
        machine,
        lanes,
        store,
        between_store,
        x + GAP_M / 2,
    )
