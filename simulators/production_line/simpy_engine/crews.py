"""People whom machines share, and the machines that wait for them."""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from simulators.production_line.decisions import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.production_line import crew as data
    from simulators.production_line.simpy_engine.plant import Plant

__all__ = ["Attended", "Call", "Crew", "Crews", "Task"]


class Task(IntEnum):
    """What a machine needs somebody for."""

    ACTIVITY = 0
    REPAIR = 1
    MAINTENANCE = 2


class Attended(Protocol):
    """A machine that somebody can attend to."""

    station_name: str
    number: int

    def attend(self, task: Task, crew: Crew) -> None:
        """Go on with the task, somebody being there."""

    def task_name(self, task: Task) -> str:
        """Return what a policy calls the task."""


class Call:
    """A machine's call for somebody; it waits until it is answered or withdrawn."""

    __slots__ = ("machine", "number", "since_s", "skill", "task")

    def __init__(self, number: int, machine: Attended, task: Task, skill: str, since_s: float) -> None:
        self.number = number
        self.machine = machine
        self.task = task
        self.skill = skill
        self.since_s = since_s


class Crew:
    """Members of the same skills."""

    def __init__(self, scenario: data.Crew) -> None:
        self.name = scenario.name
        self.members = scenario.members
        self.skills = scenario.skills
        self.on_duty = True
        self.busy = 0

    @property
    def free(self) -> bool:
        """Whether a member could take a task; who is busy when the shift ends still ends the task."""
        return self.on_duty and self.busy < self.members


class Crews:
    """All crews, and for every skill the calls that wait, first come first served."""

    def __init__(self, plant: Plant, crews: Sequence[data.Crew]) -> None:
        self._plant = plant
        self.data = crews
        self.crews = [Crew(crew) for crew in crews]
        self._waiting: dict[str, deque[Call]] = {skill: deque() for crew in crews for skill in crew.skills}
        self._calls = 0

    def take(self, skill: str) -> Crew | None:
        """Return the first crew with that skill that has a free member, who is busy from now on."""
        for crew in self.crews:
            if crew.free and skill in crew.skills:
                crew.busy += 1
                return crew
        return None

    def wait(self, machine: Attended, task: Task, skill: str) -> Call:
        """Let a machine wait for somebody."""
        self._calls += 1
        call = Call(self._calls, machine, task, skill, self._plant.env.now)
        self._waiting[skill].append(call)
        return call

    def withdraw(self, call: Call) -> None:
        """Wait no longer."""
        self._waiting[call.skill].remove(call)

    def give_back(self, crew: Crew) -> None:
        """Free a member, who takes the next call."""
        crew.busy -= 1
        self.assign(crew)

    def assign(self, crew: Crew) -> None:
        """Let free members take calls, in the order in which these were made."""
        while crew.free:
            call = self._next(crew)
            if call is None:
                return
            self.withdraw(call)
            crew.busy += 1
            call.machine.attend(call.task, crew)

    def _next(self, crew: Crew) -> Call | None:
        policy = self._plant.policies.get("assign")
        if policy is not None:
            calls = sorted(
                (call for skill in crew.skills for call in self._waiting[skill]), key=lambda call: call.number
            )
            if not calls:
                return None
            shown = tuple(_shown(call) for call in calls)
            return calls[policy.index(len(calls), shown, crew.name, self._plant.env.now)]
        heads = [self._waiting[skill][0] for skill in crew.skills if self._waiting[skill]]
        return min(heads, key=lambda call: call.number, default=None)


def _shown(call: Call) -> Request:
    machine = call.machine
    return Request(machine.station_name, machine.number, machine.task_name(call.task), call.skill, call.since_s)
