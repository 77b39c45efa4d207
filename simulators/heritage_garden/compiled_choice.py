"""Where a party goes next, compiled: the next of its tour, or a choice by multinomial logit, or home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.draw_blocks import draw
from simulators.heritage_garden.compiled_state import NOBODY, at
from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    from simulators.draw_blocks import DrawBlocks
    from simulators.heritage_garden.compiled_state import Grounds

__all__ = ["decide"]


@compiled
def _next_of_tour(g: Grounds, who: int) -> int:
    party, regime = g.party[who], g.day[0].regime
    for scene in g.tour[party.segment]:
        if scene == NOBODY:
            break
        place = len(g.gate) + scene
        reachable = g.open[regime, place] and g.onward[regime, party.wheels, party.node, place] >= 0
        present = g.scene[scene].visitors
        room = present == 0 or present + party.size <= g.scene[scene].room
        if not party.seen >> scene & 1 and reachable and room:
            return int(scene)
    return NOBODY


@inlined
def _choose(g: Grounds, blocks: DrawBlocks, who: int, used: float) -> int:
    day, party = g.day[0], g.party[at(who)]
    attraction = g.attraction[at(day.regime), at(party.wheels), at(party.node)]
    seen, novelty, total = party.seen, day.novelty, 0.0
    for number in range(len(g.scene)):
        # A factor of 1 instead of a branch, which the processor could not foresee.
        odds = attraction[at(number)] * g.crowding[at(number)] * (novelty if seen >> number & 1 else 1.0)
        if party.advised and g.scene[at(number)].visitors > g.scene[at(number)].carrying:
            odds *= day.advice_factor
        total += odds
        g.upper[at(number)] = total
    point = draw(blocks, len(g.gate) + len(g.scene)) * (total + day.leaving * used)
    chosen = 0
    for number in range(len(g.scene)):  # counting to the end is faster than a branch that leads out somewhere
        chosen += g.upper[at(number)] <= point
    return chosen if chosen < len(g.scene) else NOBODY


@inlined
def decide(g: Grounds, blocks: DrawBlocks, who: int) -> None:
    """Let a party choose its next scene, or to leave."""
    day, party = g.day[0], g.party[at(who)]
    stayed_s = day.now_s - party.entered_s
    chosen = NOBODY
    if not (day.alarmed or stayed_s >= party.stay_s or day.now_s >= day.closes_s):
        if g.segment[at(party.segment)].guided:
            chosen = _next_of_tour(g, who)
        else:
            chosen = _choose(g, blocks, who, stayed_s / party.stay_s)
    if chosen == NOBODY:
        party.leaving = True
    else:
        party.destination = len(g.gate) + chosen
