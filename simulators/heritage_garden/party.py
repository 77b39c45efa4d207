"""A party of visitors who stay together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import simpy

    from simulators.heritage_garden.demand import Demand

__all__ = ["CHECKING", "DWELLING", "GONE", "MEETING", "OUTSIDE", "QUEUED", "UNDER_WAY", "Party", "party_of"]

OUTSIDE, QUEUED, CHECKING, MEETING, UNDER_WAY, DWELLING, GONE = range(7)


@dataclass(slots=True, eq=False)
class Party:
    """One or more visitors; the first stands for all in the journal.

    Attributes
    ----------
    slowness_s_m
        Time that they take for a metre on the level when nobody is in their way.
    node
        Where they are, or which node they left last.
    destination
        The scene that they want to see.
    leaving
        Whether they are on their way out.
    seen
        The scenes that they have seen, a bit each.
    phase
        What they do.
    timer
        The event that ends their visit to a scene.
    """

    number: int
    leader: int
    segment: int
    size: int
    gate: int
    slowness_s_m: float
    wheels: int
    stay_s: float
    patience_s: float
    advised: bool
    queued_s: float = 0.0
    entered_s: float = 0.0
    node: int = -1
    destination: int = -1
    leaving: bool = False
    seen: int = 0
    phase: int = OUTSIDE
    timer: simpy.Event | None = None


def party_of(demand: Demand, number: int) -> Party:
    """Return the party of that number."""
    return Party(
        number=number,
        leader=int(demand.leader[number]),
        segment=int(demand.segment[number]),
        size=int(demand.size[number]),
        gate=int(demand.gate[number]),
        slowness_s_m=1 / float(demand.speed_m_s[number]),
        wheels=int(demand.step_free[number]),
        stay_s=float(demand.stay_s[number]),
        patience_s=float(demand.patience_s[number]),
        advised=bool(demand.advised[number]),
    )
