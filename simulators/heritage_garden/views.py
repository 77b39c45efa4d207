"""What a Python policy is shown: read-only, of the moment in which it is asked."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GardenView", "GateView", "PartyView", "PathView", "Request", "SceneView", "SlotView"]


@dataclass(frozen=True)
class Request:
    """A party that wants a ticket.

    Parameters
    ----------
    segment
        Its kind.
    wanted_s
        Time of day at which it would like to come.
    visitors
        How many they are.
    flexibility_s
        How far from that time it would come.
    """

    segment: str
    wanted_s: float
    visitors: int
    flexibility_s: float


@dataclass(frozen=True)
class SlotView:
    """A slot of timed tickets, and how many are left."""

    name: str
    from_s: float
    to_s: float
    left: int


@dataclass(frozen=True)
class PartyView:
    """A party at a gate.

    Parameters
    ----------
    segment
        Its kind.
    visitors
        How many they are.
    waited_s
        Since when they wait.
    gate
        Where.
    """

    segment: str
    visitors: int
    waited_s: float
    gate: str


@dataclass(frozen=True)
class GateView:
    """A gate: whether it is open, visitors in its queue, counters that check."""

    name: str
    open: bool
    queued: int
    busy: int


@dataclass(frozen=True)
class SceneView:
    """A scene: whether it is open, visitors in it, and its carrying capacity."""

    name: str
    open: bool
    visitors: int
    capacity: int


@dataclass(frozen=True)
class PathView:
    """A path: the direction in which it may be walked, visitors on it each way, and waiting; density per m²."""

    name: str
    open: bool
    direction: str
    forward: int
    backward: int
    waiting: int
    density: float


@dataclass(frozen=True)
class GardenView:
    """The whole garden at a moment.

    Parameters
    ----------
    time_s
        Time of day.
    raining
        Whether it rains.
    inside
        Visitors in the garden, with those whose tickets are being checked.
    capacity
        Its instantaneous carrying capacity, C₁ of LB/T 034-2014.
    gates, scenes, paths
        In the garden's order.
    """

    time_s: float
    raining: bool
    inside: int
    capacity: float
    gates: tuple[GateView, ...]
    scenes: tuple[SceneView, ...]
    paths: tuple[PathView, ...]
