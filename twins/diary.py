"""What happened where, in words: for whoever inspects a thing in a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.journal import Journal

__all__ = ["EVENT_WORDS", "Diary", "diary"]

EVENT_WORDS: dict[str, tuple[Text, ...]] = {
    "production_line": (
        Text(zh="投料", en="released"),
        Text(zh="排队", en="queues"),
        Text(zh="开始加工", en="service starts"),
        Text(zh="加工完毕", en="service ends"),
        Text(zh="离开设备", en="leaves the machine"),
        Text(zh="完工下线", en="leaves the line"),
        Text(zh="故障", en="fails"),
        Text(zh="修复", en="repaired"),
        Text(zh="上输送带", en="on the conveyor"),
        Text(zh="入看板库", en="into the store"),
        Text(zh="换型", en="set-up"),
        Text(zh="等人", en="waits for an operator"),
        Text(zh="装入部件", en="component fitted"),
        Text(zh="产生缺陷", en="made defective"),
        Text(zh="检出不良", en="rejected"),
        Text(zh="报废", en="scrapped"),
        Text(zh="开始维修", en="repair begins"),
        Text(zh="保养", en="maintenance"),
        Text(zh="保养结束", en="maintenance ends"),
        Text(zh="下班", en="shift ends"),
        Text(zh="上班", en="shift begins"),
        Text(zh="人工指令", en="command"),
    ),
    "compute_cluster": (
        Text(zh="提交作业", en="job submitted"),
        Text(zh="作业类", en="job class"),
        Text(zh="用户", en="user"),
        Text(zh="任务形状", en="shape of its tasks"),
        Text(zh="计算量", en="work"),
        Text(zh="截止时间", en="deadline"),
        Text(zh="最长等待", en="longest wait"),
        Text(zh="拒绝：超过分区", en="refused: larger than the partition"),
        Text(zh="可以开始", en="eligible"),
        Text(zh="取消", en="cancelled"),
        Text(zh="开始运行", en="starts"),
        Text(zh="任务上机", en="task starts"),
        Text(zh="运行结束", en="ends"),
        Text(zh="超时被终止", en="killed: estimate used up"),
        Text(zh="因故障中断", en="interrupted by a failure"),
        Text(zh="被抢占", en="preempted"),
        Text(zh="挂起", en="suspended"),
        Text(zh="恢复", en="resumed"),
        Text(zh="故障", en="fails"),
        Text(zh="修复", en="repaired"),
        Text(zh="休眠", en="goes to sleep"),
        Text(zh="唤醒", en="called to wake up"),
        Text(zh="重新接收作业", en="takes jobs again"),
        Text(zh="人工指令", en="command"),
    ),
    "heritage_garden": (
        Text(zh="到达", en="arrives"),
        Text(zh="同行者到达", en="another of the party"),
        Text(zh="无票离开", en="finds no ticket"),
        Text(zh="门前排队", en="queues at the gate"),
        Text(zh="放弃排队", en="gives up queueing"),
        Text(zh="验票", en="tickets checked"),
        Text(zh="入园", en="enters"),
        Text(zh="等讲解员", en="waits for a guide"),
        Text(zh="在路口等候", en="waits at the path"),
        Text(zh="走上园路", en="walks on"),
        Text(zh="折返走上园路", en="walks on, the other way"),
        Text(zh="景点已满", en="finds it full"),
        Text(zh="到达景点", en="comes to see it"),
        Text(zh="出园", en="leaves"),
        Text(zh="关闭", en="closes"),
        Text(zh="开放", en="opens"),
        Text(zh="下雨", en="rain begins"),
        Text(zh="雨停", en="rain stops"),
        Text(zh="紧急疏散", en="alarm"),
        Text(zh="人工指令", en="command"),
    ),
}
"""Words for the events of each kind, by their numbers."""


MOST_ROWS = 50_000
"""So far back it is looked for what happened last."""


@dataclass(frozen=True, eq=False)
class Diary:
    """The ``N`` events of a window that happened at some place.

    Parameters
    ----------
    time_s
        ``(N,)`` seconds from the window's start, never decreasing.
    place, event, entity
        ``(N,)`` numbers.
    places
        Names of the places.
    words
        What each event is called.
    """

    time_s: NDArray[np.float64]
    place: NDArray[np.int32]
    event: NDArray[np.int16]
    entity: NDArray[np.int64]
    places: tuple[str, ...]
    words: tuple[Text, ...]


def diary(kind: str, journal: Journal, start_s: float, end_s: float, *, latest: int | None = None) -> Diary:
    """Return what happened in a window, or until its end what happened last.

    Parameters
    ----------
    kind
        Of the scenario.
    journal
        Of its run.
    start_s, end_s
        The window, simulated seconds.
    latest
        So many events of each place and no others, even if they were before the window.
    """
    first, last = (int(row) for row in np.searchsorted(journal.time_s, [start_s, end_s], side="left"))
    if latest is not None:
        first = max(0, last - MOST_ROWS)
    rows = np.arange(first, last)[journal.place[first:last] >= 0]
    if latest is not None:
        rows = _last_of_each(journal.place[rows], rows, latest)
    return Diary(
        journal.time_s[rows] - start_s,
        journal.place[rows],
        journal.event[rows],
        journal.entity[rows],
        journal.places,
        EVENT_WORDS.get(kind, ()),
    )


def _last_of_each(place: NDArray[np.int32], rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the last rows of each place, in order."""
    order = np.argsort(-place, kind="stable")[::-1]  # by place, the last of each first
    grouped = place[order]
    first = np.flatnonzero(np.append(True, grouped[1:] != grouped[:-1]))
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    return np.sort(rows[order[rank < count]])
