"""The plan of a cluster at one moment, as SVG: every cabinet with its nodes, and how many jobs wait."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.compute_cluster import Places
from twins.clock import clock_text
from twins.cluster_colors import CONDITION_COLORS, LOAD_COLORS
from twins.cluster_layout import lay_out_cluster
from twins.cluster_motion import story
from twins.cluster_notes import CONDITION_NAMES
from twins.cluster_power import node_power_w
from twins.cluster_rows import Condition
from twins.errors import MomentError
from twins.picture import drawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators import Run
    from simulators.compute_cluster import ComputeCluster
    from twins.cluster_rows import NodeSpells
    from twins.picture import Picture

__all__ = ["cluster_plan"]

WIDTH_PX, MARGIN_PX, TOP_PX = 940, 14, 60
GAP_PX, ROW_GAP_PX, NAME_PX = 5, 30, 16
HIGHEST_NODE_PX, ROW_PX = 16, 210
WIDEST_PX = 140
IDLE, FRAME = "#d7dee4", "#39434d"

TITLE = Text(zh="机房平面：{time}", en="The machine room at {time}")
WAITING = Text(zh="排队：{waits}", en="waiting: {waits}")
TOLD = Text(
    zh="{up} 台节点在用，{idle} 台空闲，{other} 台不接作业；{waiting} 个作业排队。",
    en="{up} nodes in use, {idle} idle, {other} take no jobs; {waiting} jobs wait.",
)
NODE = Text(zh="{name}：{cores}/{all} 核", en="{name}: {cores} of {all} cores")
POWER = Text(zh="，{watts:.0f} W", en=", {watts:.0f} W")
GPUS = Text(zh="，{gpus}/{all} GPU", en=", {gpus} of {all} GPUs")


def cluster_plan(run: Run, time_s: float, *, language: str = "zh") -> Picture:
    """Draw a cluster as it is at a moment.

    Parameters
    ----------
    run
        With its journal.
    time_s
        The moment, simulated seconds.
    language
        ``zh`` for Chinese, else English.

    Returns
    -------
    A picture that Jupyter displays; nodes tell what they do when they are pointed at.

    Raises
    ------
    MomentError
        The moment is not in the run.
    """
    if not 0 <= time_s < run.scenario.horizon_s:
        raise MomentError(time_s, run.scenario.horizon_s)
    scenario = cast("ComputeCluster", run.scenario)
    told, places = story(scenario, run.journal), Places(scenario)
    spells = told.spells.chosen((told.spells.start_s <= time_s) & (time_s < told.spells.end_s))  # one a node, in order
    present = (told.waits.start_s <= time_s) & (time_s < told.waits.end_s)
    waiting = np.bincount(told.waits.queue[present], minlength=len(scenario.queues))
    speak = language
    queues = [queue.label.in_language(speak) if queue.label else queue.name for queue in scenario.queues]
    counts = ", ".join(f"{name} {count}" for name, count in zip(queues, waiting.tolist(), strict=True))
    if len(queues) == 1:
        counts = str(waiting[0])
    title = TITLE.in_language(speak).format(time=clock_text(time_s))
    cells = list(_cabinets(scenario, places, spells, speak))
    height = max((bottom for _, bottom in cells), default=TOP_PX)
    fit = spells.condition == Condition.UP
    words = TOLD.in_language(speak).format(
        up=int((fit & (spells.cores + spells.gpus > 0)).sum()),
        idle=int((fit & (spells.cores + spells.gpus == 0)).sum()),
        other=int((~fit).sum()),
        waiting=int(waiting.sum()),
    )
    heading = (
        f'<text x="{MARGIN_PX}" y="22" font-size="14" font-weight="600">{escape(title)}</text>'
        f'<text x="{MARGIN_PX}" y="42">{escape(WAITING.in_language(speak).format(waits=counts))}</text>'
    )
    return drawn(title, words, (WIDTH_PX, height + MARGIN_PX), [heading, *(cell for cell, _ in cells)])


def _cabinets(
    scenario: ComputeCluster, places: Places, spells: NodeSpells, language: str
) -> Iterator[tuple[str, float]]:
    """Yield every cabinet, and where it ends below."""
    layout, power_w = lay_out_cluster(scenario), node_power_w(scenario, spells)
    columns = max(sum(cabinet.z_m == z for cabinet in layout.cabinets) for z in layout.rows_m)
    wide = min((WIDTH_PX - 2 * MARGIN_PX) / columns, WIDEST_PX) - GAP_PX
    rows = {z: number for number, z in enumerate(layout.rows_m)}
    column = dict.fromkeys(layout.rows_m, 0)
    for number, cabinet in enumerate(layout.cabinets):
        left = MARGIN_PX + column[cabinet.z_m] * (wide + GAP_PX)
        column[cabinet.z_m] += 1
        top = TOP_PX + NAME_PX + rows[cabinet.z_m] * (ROW_PX + ROW_GAP_PX)
        kind = scenario.node_types[cabinet.node_type]
        high = min((ROW_PX - 6) / cabinet.nodes, HIGHEST_NODE_PX)
        bottom = top + high * cabinet.nodes + 6
        name = places.names[places.first_rack + cabinet.rack].removeprefix("rack.")
        shown = name if wide > 7 * len(name) else str(number + 1)
        pieces = [
            f'<text x="{left + wide / 2:.1f}" y="{top - 4:.1f}" text-anchor="middle" font-size="11">'
            f"{escape(shown)}</text>"
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{bottom - top:.1f}" rx="2" fill="{FRAME}"/>'
        ]
        for node in range(cabinet.first, cabinet.first + cabinet.nodes):
            y = bottom - 3 - high * (node - cabinet.first + 1)
            cores, gpus = int(spells.cores[node]), int(spells.gpus[node])
            tip = NODE.in_language(language).format(name=places.names[node], cores=cores, all=kind.cores)
            share = cores / kind.cores
            if kind.gpus:
                tip += GPUS.in_language(language).format(gpus=gpus, all=kind.gpus)
                share = max(share, gpus / kind.gpus)
            if kind.busy_w:
                tip += POWER.in_language(language).format(watts=power_w[node])
            state = Condition(int(spells.condition[node]))
            if state in CONDITION_NAMES:
                tip += f" · {CONDITION_NAMES[state].in_language(language)}"
            marks = _node(left + 3, y, wide - 6, high - 1, share, state)
            pieces.append(f'<g data-target="{places.names[node]}"><title>{escape(tip)}</title>{marks}</g>')
        yield "".join(pieces), bottom


def _node(x: float, y: float, wide: float, high: float, share: float, state: Condition) -> str:
    """Return a node: a bar as long and of the colour as its load, or a crossed plate where it takes no jobs."""
    fit = state in (Condition.UP, Condition.DRAINED)
    level = min(int(np.ceil(share * len(LOAD_COLORS) - 1e-9)), len(LOAD_COLORS))
    marks = [_bar(x, y, wide, high, IDLE if fit else CONDITION_COLORS[state])]
    if fit and level:
        marks.append(_bar(x, y, wide * share, high, LOAD_COLORS[level - 1]))
    if state is Condition.DRAINED:
        marks.append(_bar(x + wide - 4, y, 4, high, CONDITION_COLORS[state]))
    elif not fit:
        cross = f"M{x:.1f} {y:.1f}l{wide:.1f} {high:.1f}m0 {-high:.1f}l{-wide:.1f} {high:.1f}"
        marks.append(f'<path d="{cross}" stroke="#fff" stroke-width=".8"/>')
    return "".join(marks)


def _bar(x: float, y: float, wide: float, high: float, color: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{color}"/>'
