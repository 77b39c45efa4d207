"""The 3-D scene of a production line: an electronics workshop, replayed from the journal of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators import Text
from simulators.production_line import Event, Places, State, states_of
from twins.agvs import AGV_M, PARKING_M, agv_lanes, agvs_in_motion, dock
from twins.conveyors import belt, bin_for_scrap, crossing, magazine, rack
from twins.hall import hall, shade
from twins.layout import ROWS, lay_out
from twins.line_targets import line_targets
from twins.machines import BELT_M, DEPTH_M
from twins.motion import Spells, spells, stays
from twins.parts import part_look
from twins.people import WALKWAY_M, people, tasks
from twins.scene import Box, Cylinder, Label, Scene, moved
from twins.timing import timed_movers
from twins.traffic import parts_in_motion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line import ProductionLine, Station
    from twins.layout import Bay, Layout
    from twins.scene import Movers, Solid

__all__ = ["STATE_COLORS", "line_scene"]

STATE_COLORS = {
    State.DOWN: "#d7263d",
    State.MAINTENANCE: "#c2571a",
    State.BLOCKED: "#f59e0b",
    State.SETUP: "#8b5cf6",
    State.WORKING: "#12a150",
    State.AWAITING: "#e26aa8",
    State.STARVED: "#5b8fd6",
    State.OFF: "#6b7683",
}
"""Colour of each state; also its lamp's order on the tower, from the top, so that colour is not all there is.

A machine off its shift has no lamp lit. A station has lamps for those states only that its machines can be in.
"""

LABEL_M = 3.25
"""Height of the names, above the signal towers."""

LAMP_PITCH_M = 0.17


def line_scene(scenario: ProductionLine, journal: Journal, start_s: float, end_s: float) -> Scene:
    """Build the scene of a window of a run.

    Parameters
    ----------
    scenario
        The line.
    journal
        What happened in it.
    start_s, end_s
        The window, in simulated seconds.

    Returns
    -------
    Solids, labels, targets, and as movers ``parts``, or for every type ``parts TYPE``, ``agvs``, ``lamps``, for every
    station ``tool NAME`` and ``strip NAME``, and for every crew ``crew NAME``.
    """
    layout = lay_out(scenario)
    places = Places(scenario)
    found = stays(scenario, journal, start_s, end_s)
    types = scenario.types
    looks = [
        ("parts" if len(types) == 1 else f"parts {kind.name}", part_look(kind.name, number))
        for number, kind in enumerate(types)
    ]
    movers, trips = parts_in_motion(
        layout, places, found, looks, _types_of(journal, places, found.part), start_s, end_s
    )
    if layout.return_m is not None:
        movers.append(agvs_in_motion(trips, layout.return_m, start_s, end_s))
    tracks = [[spells(journal, place, start_s, end_s) for place in machines] for machines in places.machines]
    lamps = [_lamps_of(station) for station in scenario.stations]
    movers.append(_lamps(layout, lamps, tracks, start_s, end_s))
    for station, bay, machines in zip(scenario.stations, layout.bays, tracks, strict=True):
        movers += _tools(station.name, bay, machines, start_s, end_s)
    top = max(_lamp_height(bay, mine, mine[0]) for bay, mine in zip(layout.bays, lamps, strict=True))
    edges = (layout.entrance_m, *(bay.before_m for bay in layout.bays[1:]), layout.exit_m)
    labels = tuple(
        Label(
            station.label or Text(zh=station.name, en=station.name),
            (bay.machine_m, max(LABEL_M, top + 0.45), -0.35),
            height_m=0.44,
            width_m=2 * min(bay.machine_m - left, right - bay.machine_m) + 0.5,
            color="#17324d",
        )
        for station, bay, left, right in zip(scenario.stations, layout.bays, edges, edges[1:], strict=False)
    )
    depth = layout.lane_m + DEPTH_M / 2
    todo = tasks(scenario, journal, places, end_s)
    ahead = _ahead_m(layout, depth)
    movers += people(scenario, layout, todo, depth + ahead, start_s, end_s)
    front = depth + ahead + (WALKWAY_M + 0.3 if scenario.crews else 0.4)
    return Scene(
        solids=_standing(scenario, layout, lamps, depth),
        labels=labels,
        movers=tuple(one for one in movers if len(one)),
        bounds_m=((layout.entrance_m - 0.4, 0.0, -depth), (layout.exit_m + 0.4, max(2.9, top + 0.1), front)),
        background="#e6eef4",
        start_s=start_s,
        end_s=end_s,
        targets=line_targets(scenario, layout, places, max(LABEL_M, top + 0.45)),
    )


def _types_of(journal: Journal, places: Places, part: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the type of each part."""
    releases = journal.event == Event.RELEASE
    entity = journal.entity[releases]
    kinds = np.zeros(int(entity.max(initial=-1)) + 1, np.int64)
    kinds[entity] = np.searchsorted(places.types, journal.place[releases])  # types' places rise with their numbers
    found: NDArray[np.int64] = kinds[part]
    return found


def _standing(
    scenario: ProductionLine, layout: Layout, lamps: Sequence[Sequence[State]], depth_m: float
) -> tuple[Solid, ...]:
    solids: list[Solid] = [
        *hall(layout.entrance_m - 0.5, layout.exit_m + 0.5, depth_m, _ahead_m(layout, depth_m)),
        *magazine(layout.entrance_m, "#2f6db3", ROWS - 1, "#3aa66c"),
        *magazine(layout.exit_m, "#12805c", ROWS // 2, "#1d8a4e"),
    ]
    if layout.return_m is not None:
        solids += agv_lanes(layout.bays[0].before_m, layout.after_m, layout.return_m)
        for x, lane in _docks(layout):
            solids += dock(x, layout.return_m - AGV_M[1] / 2, lane)
    if layout.scrap_m is not None:
        solids += bin_for_scrap(layout.exit_m, layout.scrap_m)
    lanes: tuple[float, ...] = (0.0,)
    for bay, mine in zip(layout.bays, lamps, strict=True):
        if bay.rack.slots or bay.has_belt:
            solids += crossing(bay.before_m, lanes, (0.0,))
            solids += crossing(bay.between_m, (0.0,), bay.lanes_m)
        else:
            solids += crossing(bay.before_m, lanes, bay.lanes_m)
        if bay.has_belt:
            solids += belt(*bay.belt_m)
        for kit in bay.kits.values():
            for column, x in enumerate(kit.columns_m):
                solids += moved(rack(x, min(ROWS, kit.slots - column * ROWS), "#9a6b2f"), (0.0, 0.0, kit.lane_m))
        for column, x in enumerate(bay.rack.columns_m):
            solids += rack(x, min(ROWS, bay.rack.slots - column * ROWS))
        for lane in bay.lanes_m:
            solids.append(shade(bay.machine_m, lane, bay.look.length_m, DEPTH_M))
            solids += moved(bay.look.body, (bay.machine_m, 0.0, lane))
            solids += moved(_tower(bay, mine), (bay.machine_m, 0.0, lane))
        lanes = bay.lanes_m
        if bay.store.slots:
            solids += crossing(bay.between_store_m, lanes, (0.0,))
            for column, x in enumerate(bay.store.columns_m):
                solids += rack(x, min(ROWS, bay.store.slots - column * ROWS), "#12805c")
            lanes = (0.0,)
    solids += crossing(layout.after_m, lanes, (0.0,))
    return tuple(solids)


def _ahead_m(layout: Layout, depth_m: float) -> float:
    """Return how much room the lanes of vehicles take before the line."""
    return 0.0 if layout.return_m is None else layout.return_m + PARKING_M + AGV_M[1] / 2 + 0.3 - depth_m


def _docks(layout: Layout) -> list[tuple[float, float]]:
    """Return x of the gaps between stations, and the lane furthest ahead there."""
    lanes = [max(bay.lanes_m) for bay in layout.bays]
    gaps = [layout.bays[0].before_m, *(bay.after_m for bay in layout.bays)]
    return [(x, max(0.0, *both)) for x, *both in zip(gaps, [lanes[0], *lanes], [*lanes, lanes[-1]], strict=True)]


def _lamps_of(station: Station) -> tuple[State, ...]:
    """Return the lamps of a station's towers, from the top."""
    possible = states_of(station)
    return tuple(state for state in STATE_COLORS if state in possible and state != State.OFF)


def _tower(bay: Bay, states: Sequence[State]) -> tuple[Solid, ...]:
    """Build the signal tower with all lamps out."""
    x, y, z = _foot(bay)
    lamps = [
        Cylinder(0.082, LAMP_PITCH_M - 0.02, (x, _lamp_height(bay, states, state), z), DULL[state], sides=12)
        for state in states
    ]
    cap = _lamp_height(bay, states, states[0]) + LAMP_PITCH_M / 2 + 0.01
    return (
        Cylinder(0.022, 0.3, (x, y + 0.12, z), "#aab4bd", sides=8),
        *lamps,
        Cylinder(0.085, 0.03, (x, cap, z), "#39434d", sides=12),
    )


DULL = {
    State.DOWN: "#8d5a60",
    State.MAINTENANCE: "#8a6650",
    State.BLOCKED: "#97835a",
    State.SETUP: "#776a94",
    State.WORKING: "#5c8a6c",
    State.AWAITING: "#94687f",
    State.STARVED: "#6a7f9c",
}
"""Colour of the lamps that are out."""


def _foot(bay: Bay) -> tuple[float, float, float]:
    return -bay.look.length_m / 2 + 0.18, bay.look.top_m - 0.02, -0.35


def _lamp_height(bay: Bay, states: Sequence[State], state: State) -> float:
    order = list(states)[::-1].index(state)
    return bay.look.top_m + 0.3 + order * LAMP_PITCH_M


def _number(color: str) -> int:
    return int(color.removeprefix("#"), 16)


def _lamps(
    layout: Layout,
    lamps: Sequence[Sequence[State]],
    tracks: Sequence[Sequence[Spells]],
    start_s: float,
    end_s: float,
) -> Movers:
    at: list[NDArray[np.float64]] = []
    lit: list[Spells] = []
    for bay, mine, machines in zip(layout.bays, lamps, tracks, strict=True):
        x, _, z = _foot(bay)
        height = np.zeros(len(State))
        for state in mine:
            height[state] = _lamp_height(bay, mine, state)
        for lane, track in zip(bay.lanes_m, machines, strict=True):
            on = track.state != State.OFF
            lit.append(Spells(track.state[on], track.start_s[on], track.end_s[on]))
            rows = np.empty((on.sum(), 3))
            rows[:] = (bay.machine_m + x, 0.0, lane + z)
            rows[:, 1] = height[track.state[on]]
            at.append(rows)
    lamp = (Cylinder(0.105, LAMP_PITCH_M - 0.015, (0, 0, 0), "#ffffff", sides=12, glow=0.9),)
    return _states("lamps", lamp, np.concatenate(at), lit, start_s, end_s)


def _tools(name: str, bay: Bay, machines: Sequence[Spells], start_s: float, end_s: float) -> list[Movers]:
    """Build the tool that moves while a machine works, and the strip of light along its front."""
    long = bay.look.length_m
    strip = (
        Box((long - 0.1, 0.07, 0.03), (0, 0.765, DEPTH_M / 2 + 0.01), "#ffffff", glow=0.9),
        Box((long - 0.1, 0.008, 0.16), (0, 0.004, DEPTH_M / 2 + 0.45), "#ffffff", glow=0.6),
    )
    where = [
        np.tile([bay.machine_m, 0.0, lane], (len(track.state), 1))
        for lane, track in zip(bay.lanes_m, machines, strict=True)
    ]
    at = np.concatenate(where)
    tool_at = at + np.array([0.0, BELT_M, 0.0])
    state = np.concatenate([track.state for track in machines])
    tool = timed_movers(
        f"tool {name}",
        bay.look.tool,
        from_m=tool_at,
        to_m=tool_at,
        cross_m=at[:, 0],
        time_s=_times(machines),
        window_s=(start_s, end_s),
        swing_m=np.where(state == State.WORKING, bay.look.swing_m, 0.0),
    )
    return [tool, _states(f"strip {name}", strip, at, machines, start_s, end_s)]


def _states(
    name: str,
    shape: tuple[Solid, ...],
    at_m: NDArray[np.float64],
    tracks: Sequence[Spells],
    start_s: float,
    end_s: float,
) -> Movers:
    state = np.concatenate([track.state for track in tracks])
    colors = np.zeros(len(State), np.int64)
    for code, color in STATE_COLORS.items():
        colors[code] = _number(color)
    return timed_movers(
        name,
        shape,
        from_m=at_m,
        to_m=at_m,
        cross_m=at_m[:, 0],
        time_s=_times(tracks),
        window_s=(start_s, end_s),
        color=colors[state],
        blink=state == State.DOWN,
    )


def _times(tracks: Sequence[Spells]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    begin = np.concatenate([track.start_s for track in tracks])
    return begin, begin, np.concatenate([track.end_s for track in tracks])
