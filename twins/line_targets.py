"""What can be pointed at in a line: stations by their name plates, machines, and everything in which parts wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators import Text
from twins.layout import BOARD_M, RACK_M, ROWS, SLOT_M
from twins.machines import BELT_M, DEPTH_M
from twins.scene import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.production_line import Places, ProductionLine
    from twins.layout import Bay, Layout, Rack

__all__ = ["line_targets"]

MACHINE, BUFFER, CONVEYOR, STORE, COMPONENTS = (
    Text(zh="设备 {number}", en="machine {number}"),
    Text(zh="缓存区", en="buffer"),
    Text(zh="输送带", en="conveyor"),
    Text(zh="看板库", en="Kanban store"),
    Text(zh="部件区：{part}", en="components: {part}"),
)
PLATE_M = (1.0, 0.34, 0.1)
"""Half of the width, height and depth of the box in which a click hits a name plate."""


def line_targets(scenario: ProductionLine, layout: Layout, places: Places, plate_m: float) -> tuple[Target, ...]:
    """Return the targets of a line.

    Parameters
    ----------
    scenario
        The line.
    layout
        Where everything stands.
    places
        The line's places, which give the targets their names; a station's is its own.
    plate_m
        Height of the name plates.
    """
    return tuple(
        target
        for number, bay in enumerate(layout.bays)
        for target in _of_station(scenario, places, number, bay, plate_m)
    )


def _of_station(scenario: ProductionLine, places: Places, number: int, bay: Bay, plate_m: float) -> Iterator[Target]:
    station = scenario.stations[number]
    name = station.label or Text(zh=station.name, en=station.name)
    wide, high, deep = PLATE_M
    low = (bay.machine_m - wide, plate_m - high, -0.35 - deep)
    yield Target(station.name, name, low, (bay.machine_m + wide, plate_m + high, -0.35 + deep))
    half = bay.look.length_m / 2
    for machine, (place, lane) in enumerate(zip(places.machines[number], bay.lanes_m, strict=True), 1):
        text = _with(name, MACHINE, number=machine)
        low = (bay.machine_m - half, 0.0, lane - DEPTH_M / 2)
        high_m = (bay.machine_m + half, bay.look.top_m, lane + DEPTH_M / 2)
        yield Target(places.names[place], text, low, high_m)
    if bay.rack.slots:
        yield _rack(places.names[number], _with(name, BUFFER), bay.rack)
    if bay.has_belt:
        low = (bay.belt_m[0], BELT_M - 0.2, -0.25)
        yield Target(
            places.names[places.conveyors[number]], _with(name, CONVEYOR), low, (bay.belt_m[1], BELT_M + 0.1, 0.25)
        )
    if bay.store.slots:
        yield _rack(places.names[places.stores[number]], _with(name, STORE), bay.store)
    for kind, place in places.components[number].items():
        of = scenario.types[kind]
        text = of.label or Text(zh=of.name, en=of.name)
        yield _rack(places.names[place], _with(name, COMPONENTS, part=text), bay.kits[kind])


def _rack(place: str, text: Text, rack: Rack) -> Target:
    half, wide = RACK_M / 2, BOARD_M[2] / 2 + 0.1
    high = BELT_M + min(rack.slots, ROWS) * SLOT_M + 0.05
    low = (min(rack.columns_m) - half, 0.0, rack.lane_m - wide)
    return Target(place, text, low, (max(rack.columns_m) + half, high, rack.lane_m + wide))


def _with(name: Text, what: Text, **values: Text | int) -> Text:
    """Return the name of a part of a station."""
    zh, en = (
        what.in_language(language).format(
            **{key: value.in_language(language) if isinstance(value, Text) else value for key, value in values.items()}
        )
        for language in ("zh", "en")
    )
    return Text(zh=f"{name.zh} {zh}", en=f"{name.en} {en}")
