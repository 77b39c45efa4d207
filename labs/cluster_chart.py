"""A compute cluster's run as a picture: who ran where and when, and how many jobs waited."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.compute_cluster import ComputeCluster, Event, Places, series, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators import Run
    from twins.picture import Picture

__all__ = ["cluster_chart"]

WIDTH_PX, LEFT_PX, RIGHT_PX, TOP_PX = 980, 70, 20, 34
NODES_PX, QUEUE_PX, GAP_PX = 380, 90, 26
DAY_S, HOUR_S = 86400.0, 3600.0
SHADES = ("#2f6f9f", "#c8702a", "#4c8b4a", "#8a5aa3", "#b3434b", "#5b7f8f", "#a58a2b", "#3d8f86", "#c05b8f", "#66707a")
FEWEST_PX = 0.4  # narrower blocks are drawn that wide, or they would not be seen

TITLE = Text(
    zh="节点 × 时间：每个色块是一个作业（同一颜色为同一用户）", en="Nodes × time: a block is a job, a colour a user"
)
WAITING = Text(zh="排队作业数（最多 {most}）", en="jobs waiting (at most {most})")
NODES = Text(zh="节点", en="nodes")
DAY = Text(zh="第 {day} 天", en="day {day}")
HOUR = Text(zh="{hour} 时", en="{hour} h")
TOLD = Text(
    zh="{jobs} 个作业在 {nodes} 台节点上运行，最多时有 {most} 个作业排队。",
    en="{jobs} jobs on {nodes} nodes; at most {most} jobs waited at a time.",
)


def cluster_chart(run: Run, language: str = "zh") -> Picture:
    """Draw a run of a compute cluster.

    Parameters
    ----------
    run
        With its journal.
    language
        ``zh`` for Chinese, else English.

    Returns
    -------
    A picture that Jupyter displays; its blocks tell job, user, size and times when they are pointed at.
    """
    from twins.picture import drawn  # heavy, and the grading service imports labs without ever showing anything

    journal, scenario = run.journal, cast("ComputeCluster", run.scenario)
    end_s = max(float(journal.time_s[-1]) if len(journal) else 0.0, 1.0)
    scale = (WIDTH_PX - LEFT_PX - RIGHT_PX) / end_s
    found = series(scenario, journal, end_s / 400)
    most = int(found.waiting.max(initial=0))
    blocks = list(_blocks(run, scale))
    title = TITLE.in_language(language)
    bottom = TOP_PX + NODES_PX
    axis = [
        f'<path d="M{LEFT_PX + at * scale:.1f} {TOP_PX}V{bottom + GAP_PX + QUEUE_PX}" stroke="#dfe5ea"/>'
        f'<text x="{LEFT_PX + at * scale:.1f}" y="{bottom + 16}" font-size="11" fill="#45525e">{escape(text)}</text>'
        for at, text in _ticks(end_s, language)
    ]
    top = bottom + GAP_PX
    points = " ".join(
        f"{LEFT_PX + t * scale:.1f},{top + QUEUE_PX * (1 - w / max(most, 1)):.1f}"
        for t, w in zip(found.time_s.clip(max=end_s).tolist(), found.waiting.tolist(), strict=True)
    )
    floor = top + QUEUE_PX
    area = f'<polygon points="{LEFT_PX},{floor} {points} {WIDTH_PX - RIGHT_PX},{floor}" fill="#8a98a5"/>'
    waiting = WAITING.in_language(language).format(most=most)
    nodes = Places(scenario).nodes
    jobs = int((journal.event == Event.START).sum())
    return drawn(
        title,
        TOLD.in_language(language).format(jobs=jobs, nodes=nodes, most=most),
        (WIDTH_PX, floor + 16),
        [
            f'<text x="8" y="18" font-size="14" font-weight="600">{escape(title)}</text>',
            f'<text x="8" y="{TOP_PX + 14}" font-size="11" fill="#45525e">{escape(NODES.in_language(language))}</text>',
            *axis,
            *blocks,
            area,
            f'<text x="{LEFT_PX + 4}" y="{top + 12}" font-size="11">{escape(waiting)}</text>',
            f'<path d="M{LEFT_PX} {TOP_PX}V{floor}H{WIDTH_PX - RIGHT_PX}" stroke="#7b8894" fill="none"/>',
        ],
    )


def _ticks(end_s: float, language: str) -> Iterator[tuple[float, str]]:
    """Give some times, days or hours, and what to call them."""
    unit, text = (DAY_S, DAY) if end_s > 2 * DAY_S else (HOUR_S, HOUR)
    step = max(1, round(end_s / unit / 12))
    for number in range(0, int(end_s / unit) + 1, step):
        yield number * unit, text.in_language(language).format(day=number + 1, hour=number)


def _blocks(run: Run, scale: float) -> Iterator[str]:
    """Give a block for every stay of a job on neighbouring cores."""
    journal, scenario = run.journal, cast("ComputeCluster", run.scenario)
    places = Places(scenario)
    cores = [one.cores for one in scenario.node_types for _ in range(one.nodes)]
    asked = [shape.demand[0] for shape in vocabulary(scenario).shapes]
    first = np.concatenate(([0], np.cumsum(cores))).tolist()
    lane_px = NODES_PX / first[-1]
    free = [list(range(count)) for count in cores]  # lanes of each node, one a core
    shape, user, began = {}, {}, {}
    held: dict[int, list[tuple[int, int]]] = {}
    job = -1
    columns = (journal.time_s, journal.event, journal.entity, journal.place)
    for time_s, event, entity, place in zip(*(column.tolist() for column in columns), strict=True):
        if event == Event.SUBMIT:
            job = entity
        elif event == Event.OWNER:
            user[job] = place - places.first_user
        elif event == Event.SIZE:
            shape[job] = place - places.first_shape
        elif event == Event.START:
            began[entity], held[entity] = time_s, []
        elif event == Event.TASK:
            # Under time-slicing more stands on a node than it has cores: such tasks share the last lane.
            for _ in range(asked[shape[entity]]):
                held[entity].append((place, free[place].pop(0) if free[place] else cores[place] - 1))
        elif event in (Event.END, Event.KILL, Event.INTERRUPT, Event.PREEMPT) and entity in held:
            lanes = sorted({first[node] + lane for node, lane in held[entity]})
            name = journal.places[places.first_user + user[entity]].removeprefix("user.")
            told = f"{entity} · {name} · {len(held[entity])} · {began[entity]:.0f}–{time_s:.0f} s"
            x, wide = LEFT_PX + began[entity] * scale, max(FEWEST_PX, (time_s - began[entity]) * scale)
            path = "".join(
                f"M{x:.1f} {TOP_PX + begin * lane_px:.1f}h{wide:.1f}v{(end - begin) * lane_px:.1f}h-{wide:.1f}z"
                for begin, end in _runs(lanes)
            )
            shade = SHADES[user[entity] % len(SHADES)]
            yield f'<path d="{path}" fill="{shade}" fill-opacity=".85"><title>{escape(told)}</title></path>'
            for node, lane in held.pop(entity):
                if lane not in free[node]:
                    free[node].append(lane)
                    free[node].sort()


def _runs(lanes: list[int]) -> Iterator[tuple[int, int]]:
    """Give [begin, end) of neighbouring lanes."""
    begin = before = lanes[0]
    for lane in lanes[1:]:
        if lane != before + 1:
            yield begin, before + 1
            begin = lane
        before = lane
    yield begin, before + 1
