"""The events of a garden's journal."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.heritage_garden.scenario import HeritageGarden

__all__ = ["Event", "Places", "places"]


class Event(IntEnum):
    """What can happen in a garden.

    The entity is a visitor: the first of the party, who stands for all of it in everything after JOIN.
    """

    ARRIVE = 0
    """A party sets out for the garden or stands before it; the place is its segment."""
    JOIN = 1
    """Another visitor of the party that arrived last; the place is the segment."""
    REFUSE = 2
    """The party finds no ticket and stays away; the place is the segment."""
    QUEUE = 3
    """It queues at a gate."""
    GIVE_UP = 4
    """It leaves the queue and goes home."""
    CHECK = 5
    """The check of its tickets begins, at a gate."""
    ENTER = 6
    """It passes the gate."""
    MEET = 7
    """It waits inside the gate for a guide."""
    WAIT = 8
    """It waits at the mouth of a path."""
    WALK = 9
    """It walks on to a path, from the path's start."""
    WALK_BACK = 10
    """It walks on to a path, from the path's end."""
    FULL = 11
    """It stands before a scene that has no room for it."""
    VISIT = 12
    """It comes to a scene."""
    EXIT = 13
    """It goes out at a gate."""
    CLOSE = 14
    """A gate, scene or path closes."""
    OPEN = 15
    """It opens again."""
    RAIN = 16
    """It begins to rain."""
    DRY = 17
    """It stops raining."""
    ALARM = 18
    """Everybody must get out."""
    COMMAND = 19
    """Somebody does something to the garden; the entity is the command's number, the place where, or -1."""


# The same as plain numbers: inner loops, of Python and of Numba, are much faster with those.
(
    ARRIVE, JOIN, REFUSE, QUEUE, GIVE_UP, CHECK, ENTER, MEET, WAIT, WALK, WALK_BACK, FULL, VISIT, EXIT, CLOSE, OPEN,
    RAIN, DRY, ALARM, COMMAND,
) = (int(event) for event in Event)  # fmt: skip


class Places:
    """Numbers the places of a garden: gates, scenes, paths, and where visitors come from, a segment each.

    Parameters
    ----------
    scenario
        The garden and its visitors.
    """

    def __init__(self, scenario: HeritageGarden) -> None:
        garden = scenario.garden
        self.scenes_from = len(garden.gates)
        self.paths_from = self.scenes_from + len(garden.scenes)
        self.segments_from = self.paths_from + len(garden.paths)
        self.names: tuple[str, ...] = (
            *(gate.name for gate in garden.gates),
            *(scene.name for scene in garden.scenes),
            *(path.name for path in garden.paths),
            *(f"segment.{segment.name}" for segment in scenario.visitors),
        )


def places(scenario: HeritageGarden) -> tuple[str, ...]:
    """Return the names of a garden's places."""
    return Places(scenario).names
