"""Which stations hold the line up, drawn: how much of the time each was the bottleneck, and when."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.production_line import bottlenecks as bottlenecks_of
from twins.axis import TimeAxis, window_of
from twins.clock import clock_text
from twins.errors import NoChartError
from twins.picture import drawn

if TYPE_CHECKING:
    from simulators import Run
    from simulators.production_line import ProductionLine, Shares
    from twins.picture import Picture

__all__ = ["bottlenecks"]

WIDTH_PX, LABELS_PX, BARS_PX, NUMBERS_PX, TOP_PX, ROW_PX = 980, 150, 230, 120, 62, 22
SOLE, SHIFTING, WHEN = "#b3303f", "#e3a018", "#17324d"

TITLE = Text(zh="瓶颈（活跃期法）{start}–{end}", en="Bottlenecks (active period method) {start} to {end}")
SHARE = Text(zh="占时间的比例", en="Share of the time")
MOMENT = Text(zh="何时是瓶颈", en="When it was the bottleneck")
SOLE_WORD, SHIFTING_WORD = Text(zh="唯一瓶颈", en="sole"), Text(zh="瓶颈转移中", en="shifting")
TOLD = Text(
    zh="{name}：唯一瓶颈 {sole:.0%}，转移中 {shifting:.0%}，瞬时瓶颈 {momentary:.0%}",
    en="{name}: sole {sole:.0%}, shifting {shifting:.0%}, bottleneck at the moment {momentary:.0%}",
)


def bottlenecks(
    run: Run,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    machines: bool = False,
    language: str = "zh",
) -> Picture:
    """Draw how much of the time, and when, each station was the bottleneck of its line.

    Parameters
    ----------
    run
        Of a production line.
    start_s, end_s
        The window, simulated seconds; from the end of the warm-up to the end of the run unless given.
    machines
        Whether each machine is judged by itself instead of each station.
    language
        ``zh`` for Chinese, else English.

    Returns
    -------
    A picture that Jupyter displays.

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
    begin_s, stop_s = window_of(
        start_s, end_s, warm_up_s=scenario.warm_up_s, horizon_s=scenario.horizon_s, most_s=float("inf")
    )
    found = bottlenecks_of(scenario, run.journal, start_s=begin_s, end_s=stop_s)
    labels = [station.label.in_language(language) if station.label else station.name for station in scenario.stations]
    if machines:
        labels = [
            f"{label} {number + 1}" if station.machines > 1 else label
            for label, station in zip(labels, scenario.stations, strict=True)
            for number in range(station.machines)
        ]
    return _drawn(found.machines if machines else found.stations, labels, (begin_s, stop_s), language)


def _drawn(shares: Shares, labels: list[str], window_s: tuple[float, float], language: str) -> Picture:
    left = LABELS_PX + BARS_PX + NUMBERS_PX
    axis = TimeAxis(*window_s, left, WIDTH_PX - left - 36)
    bottom = TOP_PX + ROW_PX * len(labels)
    title = TITLE.in_language(language).format(start=clock_text(window_s[0]), end=clock_text(window_s[1]))
    told = [
        TOLD.in_language(language).format(
            name=label,
            sole=shares.sole_ratio[row],
            shifting=shares.shifting_ratio[row],
            momentary=shares.momentary_ratio[row],
        )
        for row, label in enumerate(labels)
    ]
    rows = [_row(shares, row, label, told[row], axis) for row, label in enumerate(labels)]
    return drawn(
        title,
        "; ".join(told),
        (WIDTH_PX, bottom + 34),
        [
            '<defs><pattern id="{id}-shifting" width="6" height="6" patternUnits="userSpaceOnUse">'
            f'<rect width="6" height="6" fill="{SHIFTING}"/>'
            '<path d="M0 6l6 -6" stroke="#fff" stroke-width="1.4"/></pattern></defs>',
            f'<text x="8" y="18" font-size="14" font-weight="600">{escape(title)}</text>',
            _heading(LABELS_PX, SHARE.in_language(language)),
            _heading(left, MOMENT.in_language(language)),
            axis.drawn(TOP_PX, bottom),
            *rows,
            f'<path d="M{LABELS_PX} {TOP_PX}V{bottom}M{left} {TOP_PX}V{bottom}" stroke="#7b8894"/>',
            _key(LABELS_PX, bottom + 12, SOLE, SOLE_WORD.in_language(language)),
            _key(LABELS_PX + 110, bottom + 12, "url(#{id}-shifting)", SHIFTING_WORD.in_language(language)),
        ],
    )


def _heading(left_px: float, text: str) -> str:
    return f'<text x="{left_px}" y="40" font-size="12" font-weight="600">{escape(text)}</text>'


def _key(left_px: float, top_px: float, fill: str, word: str) -> str:
    return (
        f'<rect x="{left_px}" y="{top_px}" width="22" height="12" fill="{fill}"/>'
        f'<text x="{left_px + 27}" y="{top_px + 10}" font-size="11">{escape(word)}</text>'
    )


def _row(shares: Shares, row: int, label: str, told: str, axis: TimeAxis) -> str:
    top = TOP_PX + ROW_PX * row
    sole, shifting = shares.sole_ratio[row] * BARS_PX, shares.shifting_ratio[row] * BARS_PX
    whole = shares.sole_ratio[row] + shares.shifting_ratio[row]
    mine = shares.bottleneck == row
    ends_s = np.append(shares.start_s[1:], axis.end_s)[mine]
    # One path for all spells: there may be thousands.
    spells = "".join(
        f"M{axis.x(begin_s):.1f} {top + 5}H{max(axis.x(end_s), axis.x(begin_s) + 0.6):.1f}v{ROW_PX - 10}"
        f"H{axis.x(begin_s):.1f}z"
        for begin_s, end_s in zip(shares.start_s[mine], ends_s, strict=True)
    )
    strong = ' font-weight="700"' if shares.primary == shares.names[row] else ""
    return (
        f"<g><title>{escape(told)}</title>"
        f'<path d="M8 {top + ROW_PX}H{WIDTH_PX - 36}" stroke="#eef1f4"/>'
        f'<text x="{LABELS_PX - 8}" y="{top + ROW_PX / 2}" dy=".35em" text-anchor="end"{strong}>{escape(label)}</text>'
        f'<rect x="{LABELS_PX}" y="{top + 4}" width="{sole:.1f}" height="{ROW_PX - 8}" fill="{SOLE}"/>'
        f'<rect x="{LABELS_PX + sole:.1f}" y="{top + 4}" width="{shifting:.1f}" height="{ROW_PX - 8}" '
        f'fill="url(#{{id}}-shifting)"/>'
        f'<text x="{LABELS_PX + sole + shifting + 6:.1f}" y="{top + ROW_PX / 2}" dy=".35em" font-size="11"{strong}>'
        f"{whole:.0%} ({shares.sole_ratio[row]:.0%} + {shares.shifting_ratio[row]:.0%})</text>"
        f'<path d="{spells}" fill="{WHEN}"/></g>'
    )
