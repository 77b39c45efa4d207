"""Follows parts along their routes, through rework and to their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.machine_code import compiled, inlined
from simulators.production_line.columns import (
    DEFECTIVE,
    DETOUR,
    ENDED,
    FIRST_PASS,
    KIND,
    OUT_DEFECTIVE,
    REJECTED,
    REJECTIONS,
    REWORKED,
    SCRAPPED,
    STEP,
)
from simulators.production_line.events import EXIT, SCRAP
from simulators.production_line.live_parts import Slot, find
from simulators.production_line.states import NOBODY

if TYPE_CHECKING:
    from simulators.production_line.live_parts import LiveParts
    from simulators.production_line.measured_line import MeasuredLine
    from simulators.production_line.tally import Tally

__all__ = ["count_end", "count_order", "planned_s", "reject", "step_on"]


@inlined
def planned_s(line: MeasuredLine, live: LiveParts, part: int, station: int) -> float:
    """Return the mean time of the service that a part has just had."""
    if not line.follows_steps:
        return float(line.station_mean_s[station])
    facts = live.facts[find(live, part)]
    if facts[DETOUR] != NOBODY:
        return float(line.station_mean_s[station])
    return float(line.step_mean_s[line.route_first[facts[KIND]] + facts[STEP]])


@compiled
def step_on(live: LiveParts, slot: Slot) -> None:
    """Take the next step of the route, unless the part was rejected or only mended."""
    facts = live.facts[slot]
    if facts[REJECTED]:
        facts[REJECTED] = 0
        return
    if facts[DETOUR] == NOBODY:
        facts[STEP] += 1
    facts[DETOUR] = NOBODY


@compiled
def reject(line: MeasuredLine, live: LiveParts, slot: Slot, station: int) -> None:
    """Send a rejected part where inspection says; it is scrapped at once if that is nowhere."""
    facts = live.facts[slot]
    facts[REJECTIONS] += 1
    rework = line.rework_station[station]
    if rework == NOBODY or facts[REJECTIONS] > line.most_reworks[station]:
        return
    facts[DEFECTIVE] = 0
    if not line.follows_steps:
        return
    facts[REJECTED] = 1
    facts[DETOUR] = rework
    for step in range(facts[STEP], -1, -1):
        if line.step_station[line.route_first[facts[KIND]] + step] == rework:
            facts[STEP] = step
            facts[DETOUR] = NOBODY
            return


@compiled
def count_end(tally: Tally, slot: Slot, kind: int) -> None:
    """Count a part that leaves the line, is scrapped or built in."""
    facts = tally.live.facts[slot]
    tally.parts[ENDED] += 1
    scrapped = kind == SCRAP
    tally.parts[SCRAPPED] += scrapped
    tally.parts[REWORKED] += facts[REJECTIONS] > scrapped
    tally.parts[FIRST_PASS] += facts[REJECTIONS] == 0 and not facts[DEFECTIVE]
    tally.parts[OUT_DEFECTIVE] += kind == EXIT and facts[DEFECTIVE]


@compiled
def count_order(line: MeasuredLine, tally: Tally, part: int, time: float) -> None:
    """Count a part off its order, if it has one."""
    if len(line.order_end) == 0 or part >= line.order_end[-1]:
        return
    order = np.searchsorted(line.order_end, part, side="right")
    tally.order_left[order] -= 1
    if tally.order_left[order] == 0:
        tally.order_end_s[order] = time
