"""What stands below a cluster: the legend of its colours and its figures, as HTML; and what is known of its parts."""

from __future__ import annotations

from html import escape
from math import isnan
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.compute_cluster import Places
from simulators.compute_cluster.events import COMMAND
from twins.cluster_colors import CONDITION_COLORS, LOAD_COLORS
from twins.cluster_motion import story
from twins.cluster_rows import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators import Run
    from simulators.compute_cluster import ComputeCluster

__all__ = ["CONDITION_NAMES", "cluster_facts", "cluster_figures", "cluster_legend"]

CONDITION_NAMES = {
    Condition.DOWN: Text(zh="故障（闪烁）", en="down (blinking)"),
    Condition.DRAINED: Text(zh="排空：不再接新作业", en="drained: takes no more jobs"),
    Condition.WAKING: Text(zh="正在唤醒", en="waking up"),
    Condition.ASLEEP: Text(zh="休眠", en="asleep"),
}
LEVELS = (
    Text(zh="用到 25%", en="up to 25 % used"),
    Text(zh="用到 50%", en="up to 50 %"),
    Text(zh="用到 75%", en="up to 75 %"),
    Text(zh="更满", en="more"),
)
NODES = Text(zh="节点上的色条（越满越长）：", en="Bar on a node (the fuller the longer):")
CUBES = Text(
    zh="方块是作业，颜色代表用户，大小代表占用的核数；节点右侧的小格是正在使用的核或 GPU，颜色同样代表用户。",
    en="Cubes are jobs: the colour tells the user, the size the cores. The chips on a node are cores or GPUs in use, "
    "in the colour of who uses them.",
)
HEADLINE = Text(
    zh="平均等待 <b>{wait}</b> 小时 · 最长等待 <b>{longest}</b> 小时 · 利用率 <b>{used}</b> · "
    "有界减速比 <b>{slowdown}</b>（整次运行）",
    en="mean wait <b>{wait}</b> h · longest <b>{longest}</b> h · utilisation <b>{used}</b> · bounded slowdown "
    "<b>{slowdown}</b> (the whole run)",
)
TYPE, CORES, GPUS = Text(zh="类型", en="type"), Text(zh="核", en="cores"), Text(zh="GPU", en="GPUs")
USED, DOWN = Text(zh="平均占用", en="mean use"), Text(zh="故障时间", en="time down")
HOLDS, PARTITION = Text(zh="节点数", en="nodes"), Text(zh="分区", en="partition")
WAIT, ENDED = Text(zh="平均等待", en="mean wait"), Text(zh="完成作业", en="jobs ended")
SECONDS_PER_HOUR = 3600.0


def cluster_legend(run: Run, language: str, *, running: bool = False) -> str:
    """Return what the colours in a cluster's scene mean; of one that is running, also those that commands may bring."""
    scenario = cast("ComputeCluster", run.scenario)
    items = [_swatch(color, text.in_language(language)) for color, text in zip(LOAD_COLORS, LEVELS, strict=True)]
    can_fail = any(kind.failures or kind.rack_failures for kind in scenario.node_types)
    can_sleep = any(kind.sleep for kind in scenario.node_types)
    commanded = running or bool((run.journal.event == COMMAND).any())
    possible = {
        Condition.DOWN: can_fail or commanded,
        Condition.DRAINED: commanded,
        Condition.WAKING: can_sleep,
        Condition.ASLEEP: can_sleep,
    }
    items += [
        _swatch(CONDITION_COLORS[state], CONDITION_NAMES[state].in_language(language))
        for state, can in possible.items()
        if can
    ]
    return (
        f'<div style="line-height:1.7"><b style="margin-right:10px">{NODES.in_language(language)}</b>{"".join(items)}'
        f"<br>{escape(CUBES.in_language(language))}</div>"
    )


def _swatch(color: str, words: str) -> str:
    return (
        f'<span style="margin-right:18px;white-space:nowrap"><span style="display:inline-block;width:16px;height:12px;'
        f'border-radius:2px;background:{color};margin-right:5px;vertical-align:-1px"></span>{escape(words)}</span>'
    )


def cluster_figures(run: Run, language: str) -> str:
    """Return the figures of a run in one line of HTML."""
    kpis = run.kpis
    words = HEADLINE.in_language(language).format(
        wait=_hours(kpis["wait_mean_s"].value),
        longest=_hours(kpis["wait_max_s"].value),
        used=_percent(kpis["utilisation"].value),
        slowdown="–" if isnan(kpis["bounded_slowdown_mean"].value) else f"{kpis['bounded_slowdown_mean'].value:.1f}",
    )
    return f'<div style="line-height:1.7">{words}</div>'


def cluster_facts(run: Run) -> Mapping[str, tuple[tuple[Text, Text], ...]]:
    """Return what is known of nodes, racks and queues, by the names of their places."""
    scenario = cast("ComputeCluster", run.scenario)
    places, spells = Places(scenario), story(scenario, run.journal).spells
    end_s = float(run.journal.time_s[-1]) if len(run.journal) else 0.0
    lasts_s = np.minimum(spells.end_s, end_s) - np.minimum(spells.start_s, end_s)
    span_s = max(end_s, 1e-9)
    used = np.bincount(spells.node, spells.cores * lasts_s, places.nodes) / span_s
    down = np.bincount(spells.node, (spells.condition == Condition.DOWN) * lasts_s, places.nodes) / span_s
    facts: dict[str, tuple[tuple[Text, Text], ...]] = {}
    node = rack = 0
    for kind in scenario.node_types:
        name = kind.label or _same(kind.name)
        for _ in range(kind.nodes):
            more = ((GPUS, _same(str(kind.gpus))),) if kind.gpus else ()
            failing = ((DOWN, _same(_percent(down[node]))),) if kind.failures or kind.rack_failures else ()
            share = _same(_percent(used[node] / kind.cores))
            facts[places.names[node]] = ((TYPE, name), (CORES, _same(str(kind.cores))), *more, (USED, share), *failing)
            node += 1
        each = kind.nodes_per_rack or kind.nodes
        for number in range(kind.racks):
            holds = min(each, kind.nodes - number * each)
            facts[places.names[places.first_rack + rack]] = ((TYPE, name), (HOLDS, _same(str(holds))))
            rack += 1
    for number, queue in enumerate(scenario.queues):
        wait = run.kpis[f"queue.{queue.name}.wait_mean_s"].value
        ended = run.kpis[f"queue.{queue.name}.jobs_ended"].value
        facts[places.names[places.first_queue + number]] = (
            (PARTITION, queue.label or _same(queue.name)),
            (WAIT, _same(f"{_hours(wait)} h")),
            (ENDED, _same(f"{ended:.0f}")),
        )
    return facts


def _same(text: str) -> Text:
    return Text(zh=text, en=text)


def _hours(time_s: float) -> str:
    return "–" if isnan(time_s) else f"{time_s / SECONDS_PER_HOUR:.1f}"


def _percent(share: float) -> str:
    return "–" if isnan(share) else f"{share:.1%}"
