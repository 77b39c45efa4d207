"""The 3-D scene of a production line: an electronics workshop, replayed from the journal of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators import Text
from simulators.production_line import Places, State
from twins.conveyors import board, crossing, magazine, rack
from twins.hall import hall, shade
from twins.layout import ROWS, lay_out
from twins.machines import BELT_M, DEPTH_M
from twins.motion import OUT, spells, stays
from twins.scene import Box, Cylinder, Label, Movers, Scene, moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line import ProductionLine
    from twins.layout import Bay, Layout
    from twins.motion import Spells, Stays
    from twins.scene import Solid

__all__ = ["STATE_COLORS", "line_scene"]

STATE_COLORS = {
    State.DOWN: "#d7263d",
    State.BLOCKED: "#f59e0b",
    State.WORKING: "#12a150",
    State.STARVED: "#5b8fd6",
}
"""Colour of each state; also its lamp's order on the tower, from the top, so that colour is not all there is."""

LABEL_M = 3.25
"""Height of the names, above the signal towers."""

MOVE_S = 5.0
"""Longest time that a part is seen to travel; the journal's events come without travel."""

WHITE = 0xFFFFFF
LAMP_PITCH_M = 0.17
BEYOND_S = 60.0


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
    Solids, labels, and as movers ``parts``, ``lamps`` and for every station ``tool NAME`` and ``strip NAME``.
    """
    layout = lay_out(scenario)
    places = Places(scenario)
    found = stays(scenario, journal, start_s, end_s)
    movers = [_parts(layout, places, found, start_s, end_s)]
    tracks = [[spells(journal, place, start_s, end_s) for place in machines] for machines in places.machines]
    movers.append(_lamps(layout, tracks, start_s, end_s))
    for station, bay, machines in zip(scenario.stations, layout.bays, tracks, strict=True):
        movers += _tools(station.name, bay, machines, start_s, end_s)
    edges = (layout.entrance_m, *(bay.before_m for bay in layout.bays[1:]), layout.exit_m)
    labels = tuple(
        Label(
            station.label or Text(zh=station.name, en=station.name),
            (bay.machine_m, LABEL_M, -0.35),
            height_m=0.44,
            width_m=2 * min(bay.machine_m - left, right - bay.machine_m) + 0.5,
            color="#17324d",
        )
        for station, bay, left, right in zip(scenario.stations, layout.bays, edges, edges[1:], strict=False)
    )
    depth = layout.lane_m + DEPTH_M / 2
    return Scene(
        solids=_standing(layout, depth),
        labels=labels,
        movers=tuple(movers),
        bounds_m=((layout.entrance_m - 0.4, 0.0, -depth), (layout.exit_m + 0.4, 2.9, depth + 0.4)),
        background="#e6eef4",
        start_s=start_s,
        end_s=end_s,
    )


def _standing(layout: Layout, depth_m: float) -> tuple[Solid, ...]:
    solids: list[Solid] = [
        *hall(layout.entrance_m - 0.5, layout.exit_m + 0.5, depth_m),
        *magazine(layout.entrance_m, "#2f6db3", ROWS - 1, "#3aa66c"),
        *magazine(layout.exit_m, "#12805c", ROWS // 2, "#1d8a4e"),
    ]
    lanes: tuple[float, ...] = (0.0,)
    for bay in layout.bays:
        if bay.rack_m:
            solids += crossing(bay.before_m, lanes, (0.0,))
            solids += crossing(bay.between_m, (0.0,), bay.lanes_m)
        else:
            solids += crossing(bay.before_m, lanes, bay.lanes_m)
        for column, x in enumerate(bay.rack_m):
            solids += rack(x, min(ROWS, bay.slots - column * ROWS))
        for lane in bay.lanes_m:
            solids.append(shade(bay.machine_m, lane, bay.look.length_m, DEPTH_M))
            solids += moved(bay.look.body, (bay.machine_m, 0.0, lane))
            solids += moved(_tower(bay), (bay.machine_m, 0.0, lane))
        lanes = bay.lanes_m
    solids += crossing(layout.after_m, lanes, (0.0,))
    return tuple(solids)


def _tower(bay: Bay) -> tuple[Solid, ...]:
    """Build the signal tower with all lamps out."""
    x, y, z = _foot(bay)
    dull = {State.DOWN: "#8d5a60", State.BLOCKED: "#97835a", State.WORKING: "#5c8a6c", State.STARVED: "#6a7f9c"}
    lamps = [
        Cylinder(0.082, LAMP_PITCH_M - 0.02, (x, _lamp_height(bay, state), z), dull[state], sides=12)
        for state in STATE_COLORS
    ]
    cap = _lamp_height(bay, State.DOWN) + LAMP_PITCH_M / 2 + 0.01
    return (
        Cylinder(0.022, 0.3, (x, y + 0.12, z), "#aab4bd", sides=8),
        *lamps,
        Cylinder(0.085, 0.03, (x, cap, z), "#39434d", sides=12),
    )


def _foot(bay: Bay) -> tuple[float, float, float]:
    return -bay.look.length_m / 2 + 0.18, bay.look.top_m - 0.02, -0.35


def _lamp_height(bay: Bay, state: State) -> float:
    order = list(STATE_COLORS)[::-1].index(state)
    return bay.look.top_m + 0.3 + order * LAMP_PITCH_M


def _number(color: str) -> int:
    return int(color.removeprefix("#"), 16)


def _parts(layout: Layout, places: Places, found: Stays, start_s: float, end_s: float) -> Movers:
    bay_of = np.full(len(places.names), 0)
    for number, machines in enumerate(places.machines):
        bay_of[[number, *machines]] = number
    racks = np.array([bool(bay.rack_m) for bay in layout.bays])
    before = np.array([bay.before_m for bay in layout.bays])
    between = np.array([bay.between_m for bay in layout.bays])
    out = found.place == OUT
    queued = ~out & (found.place < len(layout.bays))
    bay = bay_of[found.place]
    here = _places_at(layout, places, found)
    same = np.append(False, found.part[1:] == found.part[:-1])
    came = np.roll(here, 1, axis=0)
    entrance = np.array([layout.entrance_m, BELT_M, 0.0])
    new = ~same & (found.start_s >= start_s)
    came[new] = entrance
    seen_before = ~same & ~new  # it stood there when the window opened; what was before is not looked up
    came[seen_before] = here[seen_before]
    cross = np.where(out, layout.after_m, np.where(queued, before[bay], between[bay]))
    inside = same & np.roll(queued, 1) & queued  # moving up within the rack
    cross[inside] = here[inside, 0]
    until = np.minimum(found.settled_s, found.start_s + MOVE_S / 0.6)
    arrive = found.start_s + 0.6 * (until - found.start_s)
    # A part that is loaded at once passes the empty rack on its way to another lane.
    direct = ~out & ~queued & racks[bay] & ~(same & np.roll(queued, 1)) & ~seen_before
    direct &= (here[:, 2] != 0) | (came[:, 2] != 0)
    half = (found.start_s + arrive) / 2
    gate = np.stack([between[bay] - 0.25, np.full(len(found), BELT_M), np.zeros(len(found))], axis=1)
    return _movers(
        "parts",
        board(),
        from_m=np.concatenate([came[direct], np.where(direct[:, None], gate, came)]),
        to_m=np.concatenate([gate[direct], here]),
        cross_m=np.concatenate([before[bay][direct], cross]),
        time_s=(
            np.concatenate([found.start_s[direct], np.where(direct, half, found.start_s)]),
            np.concatenate([half[direct], arrive]),
            np.concatenate([half[direct], found.end_s]),
        ),
        window_s=(start_s, end_s),
    )


def _places_at(layout: Layout, places: Places, found: Stays) -> NDArray[np.float64]:
    """Return ``(N, 3)`` where each stay is."""
    at = np.empty((len(found), 3))
    at[found.place == OUT] = (layout.exit_m, BELT_M, 0.0)
    for number, (bay, machines) in enumerate(zip(layout.bays, places.machines, strict=True)):
        if bay.rack_m:
            mine = found.place == number
            at[mine] = bay.slot_at(found.slot[mine])
        for lane, place in zip(bay.lanes_m, machines, strict=True):
            at[found.place == place] = (bay.machine_m, BELT_M, lane)
    return at


def _lamps(layout: Layout, tracks: Sequence[Sequence[Spells]], start_s: float, end_s: float) -> Movers:
    at: list[NDArray[np.float64]] = []
    for bay, machines in zip(layout.bays, tracks, strict=True):
        x, _, z = _foot(bay)
        height = np.zeros(len(State))
        for state in State:
            height[state] = _lamp_height(bay, state)
        for lane, track in zip(bay.lanes_m, machines, strict=True):
            rows = np.empty((len(track.state), 3))
            rows[:] = (bay.machine_m + x, 0.0, lane + z)
            rows[:, 1] = height[track.state]
            at.append(rows)
    every = [track for machines in tracks for track in machines]
    lamp = (Cylinder(0.105, LAMP_PITCH_M - 0.015, (0, 0, 0), "#ffffff", sides=12, glow=0.9),)
    return _states("lamps", lamp, np.concatenate(at), every, start_s, end_s)


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
    tool = _movers(
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
    return _movers(
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


def _movers(
    name: str,
    shape: tuple[Solid, ...],
    *,
    from_m: NDArray[np.float64],
    to_m: NDArray[np.float64],
    cross_m: NDArray[np.float64],
    time_s: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    window_s: tuple[float, float],
    color: NDArray[np.int64] | None = None,
    swing_m: NDArray[np.float64] | None = None,
    blink: NDArray[np.bool_] | None = None,
) -> Movers:
    """Count times from the window's start; what lasts beyond its end is cut off a little after it."""
    start_s, end_s = window_s
    count = len(from_m)
    appear, arrive, vanish = (np.minimum(time, end_s + BEYOND_S) - start_s for time in time_s)
    return Movers(
        name,
        shape,
        from_m,
        to_m,
        cross_m,
        appear,
        arrive,
        vanish,
        np.full(count, WHITE) if color is None else color,
        np.zeros(count) if swing_m is None else swing_m,
        np.zeros(count, np.bool_) if blink is None else blink,
    )
