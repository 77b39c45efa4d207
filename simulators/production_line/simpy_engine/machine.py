"""One machine: it is empty, is set up for a part, works on it, or holds it finished (blocked).

Besides, it may be down, off its shift, or in maintenance; whatever it did is then interrupted and goes on afterwards.
"""

from __future__ import annotations

from enum import IntEnum
from math import inf
from typing import TYPE_CHECKING, Protocol

from simulators.distributions import UNIT
from simulators.production_line.decisions import MachineState
from simulators.production_line.events import (
    AWAIT,
    DEFECT,
    FAIL,
    FINISH,
    LEAVE,
    MAINTAIN,
    MAINTAINED,
    MEND,
    OFF,
    ON,
    REPAIR,
    SETUP,
    START,
)
from simulators.production_line.simpy_engine.crews import Task
from simulators.production_line.states import State

if TYPE_CHECKING:
    import simpy

    from simulators.production_line.simpy_engine.crews import Call, Crew, Crews
    from simulators.production_line.simpy_engine.plant import Part, Plant
    from simulators.production_line.simpy_engine.times import Times
    from simulators.production_line.station import Station

__all__ = ["Home", "Machine"]


class Activity(IntEnum):
    """What a machine that holds an unfinished part has to do with it."""

    SETUP = 0
    SERVICE = 1


class Home(Protocol):
    """What a machine needs of its station."""

    data: Station
    times: Times
    marked: bool

    def finish(self, machine: Machine, part: Part) -> None:
        """Send a part on whose service has ended."""

    def settle(self) -> None:
        """Do everything that can be done at once."""

    def type_name(self, kind: int) -> str:
        """Return the name of a part type."""

    def queue(self) -> int:
        """Return the number of parts in the buffer."""


class Machine:
    """A machine of a station.

    Parameters
    ----------
    plant
        The clock and the record.
    home
        Its station.
    crews
        Who may be needed.
    place
        Its number in the journal.
    number
        Which of the station's machines, from 1.
    on
        Whether time 0 lies in its shift.
    """

    def __init__(self, plant: Plant, home: Home, crews: Crews, place: int, number: int, *, on: bool) -> None:
        data = home.data
        name = f"station.{data.name}.{number}"
        self.plant = plant
        self.home = home
        self._env = plant.env
        self.place = place
        self.number = number
        self.station_name = data.name
        self.part: Part | None = None
        self.set_up_for: int | None = None
        self.down = False
        self.off = not on
        self.in_maintenance = False
        self.finished = 0  # services so far
        self.worked_s = 0.0  # since the last maintenance
        self._crews = crews
        self._activity: Activity | None = None  # None: empty, or finished
        self._shown = False  # whether the record says what it does now
        self._left_s = 0.0  # still to do of the activity
        self._began_s = 0.0  # when it last went on with it
        self._ends_s = 0.0  # when it ends if nothing stops it
        self._alone = data.service_skill is None and (data.setup is None or data.setup.skill is None)
        self._timer: simpy.Event | None = None  # ends the activity, or breaks it by a failure of operation
        self._attendants: dict[Task, Crew] = {}
        self._calls: dict[Task, Call] = {}
        self._failures = failures = data.failures
        self._mending: simpy.Event | None = None  # ends the repair
        self._life_s = inf  # work until the next failure of operation
        self._next_failure: simpy.Event | None = None  # of the calendar
        if failures is not None:
            self._up_time = plant.streams.sampler(f"{name}.up_time", failures.up_time)
            self._repair_time = plant.streams.sampler(f"{name}.repair_time", failures.repair_time)
        self._maintenance = maintenance = data.maintenance
        self._due = False
        self._next_maintenance: simpy.Event | None = None  # when it is due by the calendar
        self._maintained_s = 0.0
        if maintenance is not None:
            self._maintenance_time = plant.streams.sampler(f"{name}.maintenance", maintenance.duration)
        if data.defect_probability > 0:
            self._defect = plant.streams.sampler(f"{name}.defect", UNIT)

    # ---- as its station sees it

    @property
    def ready(self) -> bool:
        """Whether it can take a part."""
        return self.part is None and not (self.down or self.off or self.in_maintenance)

    def switch_on(self) -> None:
        """Begin at time 0."""
        if self.off:
            self._record(OFF)
        self._age_anew()
        self._schedule_maintenance()

    def load(self, part: Part) -> None:
        """Take a part and begin its set-up, if it needs one, or its service."""
        self.part = part
        self._shown = False
        before, self.set_up_for = self.set_up_for, part.kind
        if self.home.data.setup is not None and before is not None and before != part.kind:
            self._activity = Activity.SETUP
            self._left_s = self.home.times.setup(self.number, before, part.kind)()
        else:
            self._activity = Activity.SERVICE
            self._left_s = self.home.times.service(self.number, part)()
        self._go_on()

    def unload(self) -> Part:
        """Give the finished part away."""
        part, self.part = self.part, None
        assert part is not None  # noqa: S101 - only finished machines are unloaded
        self._record(LEAVE, part.number)
        self.plant.mark(self.home)
        if self.plant.starving:
            self.plant.blocked_anew = True
        self._rest()
        return part

    # ---- work

    def _go_on(self) -> None:
        """Begin, or go on with, what is to be done with the part, unless it is stopped or somebody is missing."""
        if self.down or self.off or self.in_maintenance:
            return
        assert self.part is not None  # noqa: S101 - an activity has a part
        skill = None if self._alone else self._skill(Task.ACTIVITY)
        if skill is not None and Task.ACTIVITY not in self._attendants and not self._called(Task.ACTIVITY, skill):
            self._record(AWAIT, self.part.number)
            self._shown = False
            return
        if not self._shown:
            self._record(SETUP if self._activity is Activity.SETUP else START, self.part.number)
            self._shown = True
        self._began_s = now_s = self.plant.env.now
        self._ends_s = now_s + self._left_s
        if self._activity is Activity.SERVICE and self._life_s < self._left_s:
            self._timer = self.plant.after(self._life_s, self._wear_out)
        else:
            self._timer = self.plant.after(self._left_s, self._end)

    def _end(self, event: simpy.Event) -> None:
        if event is not self._timer:  # an interruption has put this end off
            return
        self._timer = None
        part = self.part
        assert part is not None  # noqa: S101 - an activity has a part
        if self._activity is Activity.SETUP:
            self._end_setup(part)
        else:
            self._count_work()
            self._activity = None
            self.finished += 1
            self._record(FINISH, part.number)
            if self.home.data.defect_probability > 0 and self._defect() < self.home.data.defect_probability:
                part.defective = True
                self._record(DEFECT, part.number)
            crew = None if self._alone else self._attendants.pop(Task.ACTIVITY, None)
            self.home.finish(self, part)
            if crew is not None:
                self._crews.give_back(crew)
        self.plant.settle()

    def _end_setup(self, part: Part) -> None:
        setup = self._skill(Task.ACTIVITY)
        self._activity = Activity.SERVICE
        self._shown = False
        self._left_s = self.home.times.service(self.number, part)()
        if self._skill(Task.ACTIVITY) != setup:
            self._dismiss(Task.ACTIVITY)
        self._go_on()

    def _count_work(self) -> None:
        worked_s = self.plant.env.now - self._began_s
        self.worked_s += worked_s
        self._life_s = max(0.0, self._life_s - worked_s)

    def _interrupt(self) -> None:
        """Stop what is done with the part; it is to go on later, from here."""
        if self._timer is not None:
            self._timer = None
            self._left_s = self._ends_s - self.plant.env.now
            if self._activity is Activity.SERVICE:
                self._count_work()
        self._dismiss(Task.ACTIVITY)

    def _resume(self) -> None:
        """Go on after a stop, unless there is another reason to stop."""
        if self.down or self.off or self.in_maintenance:
            return
        if self.part is None:
            self.plant.mark(self.home)
            self._rest()
        elif self._activity is not None:
            self._go_on()

    # ---- people

    def _skill(self, task: Task) -> str | None:
        data = self.home.data
        if task is Task.ACTIVITY:
            needs = data.setup if self._activity is Activity.SETUP else None
            return needs.skill if needs else data.service_skill
        cause = data.failures if task is Task.REPAIR else data.maintenance
        return cause.skill if cause else None

    def task_name(self, task: Task) -> str:
        """Return what a policy calls the task."""
        if task is Task.ACTIVITY:
            return "setup" if self._activity is Activity.SETUP else "service"
        return "repair" if task is Task.REPAIR else "maintenance"

    def _called(self, task: Task, skill: str) -> bool:
        """Return whether somebody comes at once; else a call waits."""
        crew = self._crews.take(skill)
        if crew is None:
            self._calls[task] = self._crews.wait(self, task, skill)
            return False
        self._attendants[task] = crew
        return True

    def attend(self, task: Task, crew: Crew) -> None:
        """Go on with the task, somebody being there."""
        del self._calls[task]
        self._attendants[task] = crew
        if task is Task.ACTIVITY:
            self._go_on()
        elif task is Task.REPAIR:
            self._mend()
        else:
            self._maintain()

    def _dismiss(self, task: Task) -> None:
        """Need nobody any more."""
        call = self._calls.pop(task, None)
        if call is not None:
            self._crews.withdraw(call)
        crew = self._attendants.pop(task, None)
        if crew is not None:
            self._crews.give_back(crew)

    # ---- failures

    def _age_anew(self) -> None:
        """Draw the next failure."""
        if self._failures is None:
            return
        if self._failures.clock == "operation":
            self._life_s = self._up_time()
        else:
            self._next_failure = self.plant.after(self._up_time(), self._fail)

    def _wear_out(self, event: simpy.Event) -> None:
        if event is self._timer:
            self._break()

    def _fail(self, event: simpy.Event) -> None:
        # Else a maintenance has renewed the machine; while it is down it has been broken by hand.
        if event is self._next_failure and not self.down:
            self._break()

    def break_down(self, repair_time_s: float | None) -> None:
        """Let it fail by hand: nobody is needed for the repair, which comes after a time or, with None, when asked."""
        self._go_down()
        if repair_time_s is not None:
            self._mending = self.plant.after(repair_time_s, self._mended)
        self.plant.settle()

    def repair(self) -> None:
        """Be repaired now, whatever was under way for it."""
        self._mending = None
        self.down = False
        self._record(REPAIR)
        self._age_anew()
        self._dismiss(Task.REPAIR)
        self._resume()
        self.plant.settle()

    def _go_down(self) -> None:
        self.down = True
        self._record(FAIL)
        self._interrupt()

    def _break(self) -> None:
        self._go_down()
        skill = self._skill(Task.REPAIR)
        if skill is None or self._called(Task.REPAIR, skill):
            self._mend()
        self.plant.settle()

    def _mend(self) -> None:
        if self._skill(Task.REPAIR) is not None:
            self._record(MEND)
        self._mending = self.plant.after(self._repair_time(), self._mended)

    def _mended(self, event: simpy.Event) -> None:
        if event is self._mending:  # else somebody has been earlier
            self.repair()

    # ---- maintenance

    def _schedule_maintenance(self) -> None:
        if self._maintenance is not None and self._maintenance.clock == "calendar":
            self._next_maintenance = self.plant.after(self._maintenance.every_s, self._maintenance_due)

    def _maintenance_due(self, event: simpy.Event) -> None:
        if event is not self._next_maintenance:  # a policy has been earlier
            return
        self._due = True
        if self.ready:
            self._rest()
            self.plant.settle()

    def _rest(self) -> None:
        """Begin a maintenance if it is time for one, the machine being empty."""
        maintenance = self._maintenance
        if maintenance is None or not self.ready:
            return
        policy = self.plant.policies.get("maintain")
        due = self._due if maintenance.clock == "calendar" else self.worked_s >= maintenance.every_s
        if policy is not None:
            state = self.state(due=due)  # nobody is asked at the end of a maintenance, or it might never end
            due = state.since_maintenance_s > 0 and policy.yes(state, self.plant.env.now)
        if not due:
            return
        self.in_maintenance = True
        self._record(MAINTAIN)
        if maintenance.renews:
            self._next_failure = None
        if maintenance.skill is None or self._called(Task.MAINTENANCE, maintenance.skill):
            self._maintain()

    def _maintain(self) -> None:
        self.plant.after(self._maintenance_time(), self._maintained)

    def _maintained(self, _: simpy.Event) -> None:
        maintenance = self._maintenance
        assert maintenance is not None  # noqa: S101 - it has just ended
        self.in_maintenance = False
        self._record(MAINTAINED)
        self._due = False
        self.worked_s = 0.0
        self._maintained_s = self.plant.env.now
        if maintenance.renews:
            self._age_anew()
        self._schedule_maintenance()
        self._dismiss(Task.MAINTENANCE)
        self._resume()
        self.plant.settle()

    # ---- shifts

    def switch(self, *, on: bool) -> None:
        """Begin or end its shift."""
        self.off = not on
        self._record(ON if on else OFF)
        if on:
            self._resume()
        else:
            self._interrupt()

    # ---- for people

    def condition(self) -> State:
        """Return what it does now, as the meter counts it."""
        if self.off:
            return State.OFF
        if self.down:
            return State.DOWN
        if self.in_maintenance:
            return State.MAINTENANCE
        if self.part is None:
            return State.STARVED
        if self._activity is None:
            return State.BLOCKED
        if not self._shown:
            return State.AWAITING
        return State.SETUP if self._activity is Activity.SETUP else State.WORKING

    def state(self, *, due: bool = False) -> MachineState:
        """Return what a policy is shown."""
        kind = self.set_up_for
        return MachineState(
            self.station_name,
            self.number,
            None if kind is None else self.home.type_name(kind),
            self.worked_s,
            self.plant.env.now - self._maintained_s,
            due,
            self.home.queue(),
        )

    def _record(self, event: int, entity: int = -1) -> None:
        self.plant.record((self._env.now, event, entity, self.place))
