"""The Gantt chart of a run, drawn: a row for every machine, its states told apart by colour and pattern."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.production_line import Places, State
from simulators.production_line import gantt as gantt_of
from twins.axis import TimeAxis, window_of
from twins.clock import clock_text
from twins.errors import NoChartError
from twins.fills import fill_of, patterns
from twins.picture import drawn
from twins.tables import STATE_WORDS, states_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators import Run
    from simulators.production_line import Gantt, ProductionLine
    from twins.picture import Picture

__all__ = ["gantt"]

DEFAULT_WINDOW_S = 1800.0
WIDTH_PX, LABELS_PX, RIGHT_PX, TOP_PX = 980, 150, 30, 46
ROOMY, ROOMY_PX, TIGHT_PX = 16, 24, 15
"""Up to so many machines a row is that high; with more it is lower."""

SHORTEST_PX = 3.0
"""Bars that are shorter on average are not drawn one by one: a machine then shows what it mostly did."""

BIN_PX = 2.0
LETTER_PX = 6.2

TITLE = Text(zh="甘特图 {start}–{end}", en="Gantt chart {start} to {end}")
COARSE = Text(
    zh="（时间太长，每格显示占时最多的状态）", en=" (long window: each step shows what took most of its time)"
)


def gantt(run: Run, *, start_s: float | None = None, end_s: float | None = None, language: str = "zh") -> Picture:
    """Draw what every machine of a line did.

    Parameters
    ----------
    run
        Of a production line.
    start_s
        Begin of the window, simulated seconds; the end of the warm-up unless given.
    end_s
        Its end; half an hour later, or the end of the run, unless given.
    language
        ``zh`` for Chinese, else English.

    Returns
    -------
    A picture that Jupyter displays; its bars tell machine, state, part and times when they are pointed at.

    Raises
    ------
    NoChartError
        The run is not of a production line.
    WindowError
        The window is empty or reaches beyond the run.
    """
    if run.scenario.kind != "production_line":
        raise NoChartError(run.scenario.kind, ["production_line"])
    scenario = cast("ProductionLine", run.scenario)
    window = window_of(
        start_s, end_s, warm_up_s=scenario.warm_up_s, horizon_s=scenario.horizon_s, most_s=DEFAULT_WINDOW_S
    )
    return _Chart(scenario, gantt_of(scenario, run.journal).within(*window), window, language).drawn()


class _Chart:
    """The chart while it is drawn."""

    def __init__(self, scenario: ProductionLine, bars: Gantt, window_s: tuple[float, float], language: str) -> None:
        self._scenario = scenario
        self._bars = bars
        self._language = language
        self._axis = TimeAxis(*window_s, LABELS_PX, WIDTH_PX - LABELS_PX - RIGHT_PX)
        self._words = {state: word.in_language(language) for state, word in STATE_WORDS.items()}
        self._types = [
            kind.label.in_language(language) if kind.label else kind.name if len(scenario.types) > 1 else ""
            for kind in scenario.types
        ]
        self._coarse = False

    def drawn(self) -> Picture:
        """Return the picture."""
        machines = [
            (place, self._machine_name(station, number))
            for station, places in enumerate(Places(self._scenario).machines)
            for number, place in enumerate(places, 1)
        ]
        row_px = ROOMY_PX if len(machines) <= ROOMY else TIGHT_PX
        bottom = TOP_PX + row_px * len(machines)
        states = [state for state in STATE_WORDS if state in states_in(self._scenario)]
        rows = [
            self._row(place, name, TOP_PX + row_px * position, row_px)
            for position, (place, name) in enumerate(machines)
        ]
        start, end = clock_text(self._axis.start_s), clock_text(self._axis.end_s)
        title = TITLE.in_language(self._language).format(start=start, end=end)
        note = COARSE.in_language(self._language) if self._coarse else ""
        return drawn(
            title,
            self._told(machines, states),
            (WIDTH_PX, bottom + 34),
            [
                patterns(states),
                f'<text x="8" y="18" font-size="14" font-weight="600">{escape(title)}'
                f'<tspan font-size="11" font-weight="400" fill="#45525e">{escape(note)}</tspan></text>',
                self._axis.drawn(TOP_PX, bottom),
                *rows,
                f'<path d="M{LABELS_PX} {TOP_PX}V{bottom}" stroke="#7b8894"/>',
                self._legend(states, bottom + 12),
            ],
        )

    def _machine_name(self, position: int, number: int) -> str:
        station = self._scenario.stations[position]
        name = station.label.in_language(self._language) if station.label else station.name
        return f"{name} {number}" if station.machines > 1 else name

    def _row(self, place: int, name: str, top_px: float, high_px: float) -> str:
        mine = self._bars.machine == place
        start_s, end_s = self._bars.start_s[mine], self._bars.end_s[mine]
        state, part, kind = self._bars.state[mine], self._bars.part[mine], self._bars.part_type[mine]
        middle = top_px + high_px / 2
        size = 12 if high_px > TIGHT_PX else 10.5
        label = (
            f'<path d="M8 {top_px + high_px:.1f}H{WIDTH_PX - RIGHT_PX}" stroke="#eef1f4"/>'
            f'<text x="{LABELS_PX - 8}" y="{middle:.1f}" dy=".35em" text-anchor="end" font-size="{size}">'
            f"{escape(_shortened(name, (LABELS_PX - 12) / size))}</text>"
        )
        if len(state) * SHORTEST_PX > self._axis.width_px:
            self._coarse = True
            edges_s, mostly = _binned(start_s, end_s, state, round(self._axis.width_px / BIN_PX))
            changes = np.append(True, mostly[1:] != mostly[:-1])
            begins = edges_s[:-1][changes]
            told = zip(mostly[changes], begins, np.append(begins[1:], edges_s[-1]), strict=True)
            return label + "".join(self._bar(State(code), begin, stop, top_px, high_px) for code, begin, stop in told)
        bars = []
        for code, begin, stop, number, of in zip(state, start_s, end_s, part, kind, strict=True):
            what = f"{self._types[of]} {number}".strip() if number >= 0 else ""
            words = (name, self._words[State(code)], what and f"# {what}", _span(begin, stop))
            tip = " · ".join(word for word in words if word)
            bars.append(self._bar(State(code), begin, stop, top_px, high_px, tip, what))
        return label + "".join(bars)

    def _bar(
        self, state: State, start_s: float, end_s: float, top_px: float, high_px: float, tip: str = "", what: str = ""
    ) -> str:
        left, right = self._axis.x(start_s), self._axis.x(end_s)
        high = {State.STARVED: 2.0, State.OFF: high_px * 0.45}.get(state, high_px - 4)
        told = f"<title>{escape(tip)}</title>" if tip else ""
        bar = (
            f'<rect x="{left:.1f}" y="{top_px + (high_px - high) / 2:.1f}" width="{right - left:.1f}" '
            f'height="{high:.1f}" fill="{fill_of(state)}">{told}</rect>'
        )
        if state is State.WORKING and right - left > 1:
            bar += f'<path d="M{right:.1f} {top_px + 2:.1f}v{high_px - 4:.1f}" stroke="#fff" stroke-width=".7"/>'
        if state is State.WORKING and right - left > LETTER_PX * len(what) + 4:
            bar += (
                f'<text x="{(left + right) / 2:.1f}" y="{top_px + high_px / 2:.1f}" dy=".35em" text-anchor="middle" '
                f'font-size="10" fill="#04210f" pointer-events="none">{escape(what)}</text>'
            )
        return bar

    def _legend(self, states: list[State], top_px: float) -> str:
        items, left = [], float(LABELS_PX)
        for state in states:
            high = 2 if state is State.STARVED else 12
            items.append(
                f'<rect x="{left:.1f}" y="{top_px + (12 - high) / 2:.1f}" width="22" height="{high}" '
                f'fill="{fill_of(state)}"/><text x="{left + 27:.1f}" y="{top_px + 10:.1f}" font-size="11">'
                f"{escape(self._words[state])}</text>"
            )
            left += 44 + sum(11.5 if ord(letter) > 0x2E80 else 6 for letter in self._words[state])
        return "".join(items)

    def _told(self, machines: list[tuple[int, str]], states: list[State]) -> str:
        """Tell in words how every machine spent the window."""
        span_s = self._axis.end_s - self._axis.start_s
        lines = []
        for place, name in machines:
            mine = self._bars.machine == place
            spent_s = np.bincount(
                self._bars.state[mine], (self._bars.end_s - self._bars.start_s)[mine], minlength=len(State)
            )
            shares = {self._words[state]: spent_s[state] / span_s for state in states if spent_s[state]}
            lines.append(f"{name}: " + ", ".join(f"{word} {share:.0%}" for word, share in shares.items()))
        return "; ".join(lines)


def _span(start_s: float, end_s: float) -> str:
    return f"{clock_text(start_s)}–{clock_text(end_s)} ({end_s - start_s:.0f} s)"


def _shortened(name: str, room: float) -> str:
    """Cut a name that is longer than ``room`` Chinese letters."""
    wide = 0.0
    for position, letter in enumerate(name):
        wide += 1.0 if ord(letter) > 0x2E80 else 0.55
        if wide > room:
            return name[: position - 1] + "…"
    return name


def _binned(
    start_s: NDArray[np.float64], end_s: NDArray[np.float64], state: NDArray[np.int64], bins: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the edges of equal steps of time, and the state that took the most of each."""
    edges_s = np.linspace(start_s[0], end_s[-1], bins + 1)
    spent_s = np.zeros((len(State), bins))
    for code in np.unique(state):
        mine = state == code
        times = np.stack([start_s[mine], end_s[mine]], axis=1).ravel()
        passed = np.stack([np.zeros(mine.sum()), (end_s - start_s)[mine]], axis=1).ravel().cumsum()
        spent_s[code] = np.diff(np.interp(edges_s, times, passed))
    return edges_s, spent_s.argmax(axis=0)
