"""What a policy is asked at a line's decision points, and what it is shown.

Everything shown is frozen. A policy is a function:

- ``dispatch(waiting, machine, now_s) -> int``: which of ``waiting`` the machine takes next;
- ``release(waiting, line, now_s) -> int | None``: which of ``waiting`` enters the line next, None for none yet;
- ``maintain(machine, now_s) -> bool``: whether a machine that has become empty is maintained now;
- ``assign(requests, crew, now_s) -> int``: which of ``requests`` a free member of the crew attends to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DECISIONS", "LineState", "MachineState", "Request", "WaitingPart"]

DECISIONS = ("dispatch", "release", "maintain", "assign")


@dataclass(frozen=True, slots=True)
class WaitingPart:
    """A part that could be next.

    Parameters
    ----------
    part
        Its number; -1 for material that has none yet.
    part_type
        Name of its type.
    since_s
        When it began to wait.
    due_s
        When its order is due; infinite without an order.
    service_s
        Mean service time of its next step.
    setup_s
        Mean set-up time that the machine would need for it; 0 at a release.
    reworks
        How often it has been mended.
    """

    part: int
    part_type: str
    since_s: float
    due_s: float
    service_s: float
    setup_s: float
    reworks: int


@dataclass(frozen=True, slots=True)
class MachineState:
    """A machine that decides.

    Parameters
    ----------
    station
        Name of its station.
    number
        Which of the station's machines, from 1.
    set_up_for
        Part type that it is set up for, None before its first part.
    worked_s
        Time of work since its last maintenance.
    since_maintenance_s
        Time since its last maintenance, or since the beginning.
    maintenance_due
        Whether the scenario's own rule would maintain it now.
    queue
        Parts that wait in the station's buffer.
    """

    station: str
    number: int
    set_up_for: str | None
    worked_s: float
    since_maintenance_s: float
    maintenance_due: bool
    queue: int


@dataclass(frozen=True, slots=True)
class LineState:
    """The line as a release sees it.

    Parameters
    ----------
    wip
        Parts in the line.
    queues
        Parts in the buffer of every station, by name.
    """

    wip: int
    queues: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Request:
    """A machine that waits for somebody.

    Parameters
    ----------
    station
        Name of its station.
    number
        Which of the station's machines, from 1.
    task
        ``setup``, ``service``, ``repair`` or ``maintenance``.
    skill
        Skill that it takes.
    since_s
        When it began to wait.
    """

    station: str
    number: int
    task: str
    skill: str
    since_s: float
