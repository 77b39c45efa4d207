"""The plan of a line at one moment, as SVG, to scale: machines in the colours of their states, and where parts are."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.production_line import Places, State
from twins.clock import clock_text
from twins.errors import MomentError
from twins.fills import fill_of, patterns
from twins.gltf_motion import positions_m
from twins.layout import RACK_M, lay_out
from twins.line import line_scene
from twins.machines import DEPTH_M
from twins.motion import spells
from twins.parts import BOARD_COLORS
from twins.people import CREW_COLORS
from twins.picture import drawn
from twins.tables import STATE_WORDS, states_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulators import Run
    from simulators.production_line import ProductionLine
    from twins.layout import Bay, Layout
    from twins.picture import Picture
    from twins.scene import Scene

__all__ = ["line_plan"]

WIDTH_PX, MARGIN_PX, TOP_PX, NAMES_PX, LEGEND_PX = 980, 16, 34, 46, 30
LEAST_PX_A_M = 30.0
FLOOR, RACK, BELT, LANE, VEHICLE = "#eef2f4", "#c9d6e2", "#9aa7b3", "#dbe3ea", "#f2b824"
PART_M, PERSON_M = 0.3, 0.24
AROUND_S = 300.0

TITLE = Text(zh="产线平面：{time}", en="The line at {time}")
TOLD = Text(zh="{inside} 件在线上；{states}。", en="{inside} parts in the line; {states}.")
MACHINE = Text(zh="{station} {number}：{state}", en="{station} {number}: {state}")


def line_plan(run: Run, time_s: float, *, language: str = "zh") -> Picture:
    """Draw a line as it is at a moment, seen from above.

    Parameters
    ----------
    run
        With its journal.
    time_s
        The moment, simulated seconds; before the end of the run.
    language
        ``zh`` for Chinese, else English.

    Returns
    -------
    A picture that Jupyter displays; machines tell their state when they are pointed at.

    Raises
    ------
    MomentError
        The moment is not in the run.
    """
    horizon_s = run.scenario.horizon_s
    if not 0 <= time_s < horizon_s:
        raise MomentError(time_s, horizon_s)
    return _Plan(run, time_s, language).picture()


class _Plan:
    def __init__(self, run: Run, time_s: float, language: str) -> None:
        self._line = cast("ProductionLine", run.scenario)
        self._journal = run.journal
        self._time_s = time_s
        self._language = language
        self._layout: Layout = lay_out(self._line)
        # Where vehicles and people wait depends on what they do before and after.
        begin_s, end_s = max(0.0, time_s - AROUND_S), min(time_s + AROUND_S, run.scenario.horizon_s)
        self._scene: Scene = line_scene(self._line, run.journal, begin_s, end_s)
        self._since_s = time_s - begin_s
        (low_x, _, low_z), (high_x, _, high_z) = self._scene.bounds_m
        self._low = (low_x, low_z)
        self._scale = max((WIDTH_PX - 2 * MARGIN_PX) / (high_x - low_x), LEAST_PX_A_M)
        self._width = 2 * MARGIN_PX + (high_x - low_x) * self._scale
        self._height = TOP_PX + NAMES_PX + (high_z - low_z) * self._scale

    def picture(self) -> Picture:
        title = TITLE.in_language(self._language).format(time=clock_text(self._time_s))
        machines, now = self._machines()
        movers = list(self._movers())
        states = ", ".join(
            f"{STATE_WORDS[state].in_language(self._language)} {now.count(state)}"
            for state in STATE_WORDS
            if state in now
        )
        inside = sum('class="part"' in element for element in movers)
        return drawn(
            title,
            TOLD.in_language(self._language).format(inside=inside, states=states),
            (self._width, self._height + LEGEND_PX),
            [
                patterns(State),
                f'<text x="{MARGIN_PX}" y="22" font-size="14" font-weight="600">{escape(title)}</text>',
                f'<rect x="{MARGIN_PX}" y="{TOP_PX}" width="{self._width - 2 * MARGIN_PX:.1f}" '
                f'height="{self._height - TOP_PX:.1f}" fill="{FLOOR}"/>',
                *self._standing(),
                *machines,
                *movers,
                self._legend(),
            ],
        )

    def _x(self, x_m: float) -> float:
        return MARGIN_PX + (x_m - self._low[0]) * self._scale

    def _y(self, z_m: float) -> float:
        return TOP_PX + NAMES_PX + (z_m - self._low[1]) * self._scale

    def _rect(self, low: tuple[float, float], high: tuple[float, float], fill: str, inside: str = "") -> str:
        """Return a rectangle between corners ``(x, z)`` in metres."""
        x, y = self._x(low[0]), self._y(low[1])
        return (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{self._x(high[0]) - x:.1f}" height="{self._y(high[1]) - y:.1f}" '
            f'fill="{fill}">{inside}</rect>'
        )

    def _standing(self) -> Iterator[str]:
        layout = self._layout
        if layout.return_m is not None:
            yield self._rect((layout.entrance_m, layout.return_m - 0.35), (layout.exit_m, layout.return_m + 1.1), LANE)
        yield self._rect((layout.entrance_m, -0.06), (layout.exit_m, 0.06), BELT)
        for bay in layout.bays:
            if bay.has_belt:
                yield self._rect((bay.belt_m[0], -0.17), (bay.belt_m[1], 0.17), BELT)
            for rack in (bay.rack, bay.store, *bay.kits.values()):
                for x in rack.columns_m:
                    half = RACK_M / 2 - 0.02
                    yield self._rect((x - half, rack.lane_m - 0.25), (x + half, rack.lane_m + 0.25), RACK)

    def _machines(self) -> tuple[list[str], list[State]]:
        drawn_, now = [], []
        for station, bay, places in zip(
            self._line.stations, self._layout.bays, Places(self._line).machines, strict=True
        ):
            name = station.label.in_language(self._language) if station.label else station.name
            for number, (place, lane) in enumerate(zip(places, bay.lanes_m, strict=True), 1):
                track = spells(self._journal, place, self._time_s, self._time_s + 1.0)
                state = State(int(track.state[0]))
                now.append(state)
                told = MACHINE.in_language(self._language).format(
                    station=name, number=number, state=STATE_WORDS[state].in_language(self._language)
                )
                name_of = self._journal.places[place]
                drawn_.append(f'<g data-target="{name_of}">{self._machine(bay, lane, state, told)}</g>')
            x, y = self._x(bay.machine_m), self._y(min(bay.lanes_m) - DEPTH_M / 2) - 6
            drawn_.append(
                f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" transform="rotate(-20 {x:.1f} {y:.1f})">'
                f"{escape(name)}</text>"
            )
        return drawn_, now

    def _machine(self, bay: Bay, lane_m: float, state: State, told: str) -> str:
        half, deep = bay.look.length_m / 2, DEPTH_M / 2
        low, high = (bay.machine_m - half, lane_m - deep), (bay.machine_m + half, lane_m + deep)
        edge = self._rect(low, high, fill_of(state), f"<title>{escape(told)}</title>")
        return edge.replace("<rect ", '<rect stroke="#39434d" rx="3" ', 1)

    def _movers(self) -> Iterator[str]:
        crews = {
            f"crew {crew.name}": CREW_COLORS[number % len(CREW_COLORS)] for number, crew in enumerate(self._line.crews)
        }
        types = [kind.name for kind in self._line.types]
        for movers in self._scene.movers:
            shown = movers.chosen(np.flatnonzero(movers.shown_at(self._since_s)))
            at: NDArray[np.float64] = positions_m(shown, self._since_s)
            kind, _, name = movers.name.partition(" ")
            for x, _, z in at.tolist():
                if kind == "agvs":
                    yield self._rect((x - 0.31, z - 0.22), (x + 0.31, z + 0.22), VEHICLE)
                elif kind == "crew":
                    yield (
                        f'<circle cx="{self._x(x):.1f}" cy="{self._y(z):.1f}" r="{PERSON_M * self._scale:.1f}" '
                        f'fill="{crews[movers.name]}" stroke="#fff" pointer-events="none"/>'
                    )
                elif kind == "parts":
                    color = BOARD_COLORS[(types.index(name) if name else 0) % len(BOARD_COLORS)]
                    half = PART_M / 2
                    square = self._rect((x - half, z - half), (x + half, z + half), color)
                    # Whoever points at a part that is being worked on points at the machine.
                    look = 'class="part" stroke="#fff" stroke-width=".6" pointer-events="none"'
                    yield square.replace("<rect ", f"<rect {look} ", 1)

    def _legend(self) -> str:
        items, left, top = [], float(MARGIN_PX), self._height + 9
        for state in (state for state in STATE_WORDS if state in states_in(self._line)):
            word = STATE_WORDS[state].in_language(self._language)
            items.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="22" height="12" fill="{fill_of(state)}"/>'
                f'<text x="{left + 27:.1f}" y="{top + 10:.1f}" font-size="11">{escape(word)}</text>'
            )
            left += 44 + sum(11.5 if ord(letter) > 0x2E80 else 6 for letter in word)
        return "".join(items)
