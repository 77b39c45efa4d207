"""Follows every part and every machine through a journal, and refuses what cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import TYPE_CHECKING

from simulators.production_line import Event, Places

if TYPE_CHECKING:
    from simulators import Journal
    from simulators.production_line import ProductionLine, Station

IN_TRANSIT = -1
GONE = (Event.EXIT, Event.SCRAP, Event.ASSEMBLE)
BEGUN = (Event.AWAIT, Event.SETUP, Event.START)


@dataclass
class _Machine:
    station: Station
    place: int
    part: int | None = None
    task: Event | None = None
    """AWAIT, SETUP or START: what it does with its part, unless it is stopped; FINISH: the part is finished."""
    down: bool = False
    off: bool = False
    in_maintenance: bool = False
    mended: bool = False

    @property
    def stopped(self) -> bool:
        return self.down or self.off or self.in_maintenance

    def skill(self) -> str | None:
        """Return the skill of whoever works here now."""
        if self.down:
            failures = self.station.failures
            return failures.skill if failures and self.mended else None
        if self.stopped or self.task not in (Event.SETUP, Event.START):
            return None
        setup = self.station.setup
        return setup.skill if self.task is Event.SETUP and setup else self.station.service_skill


@dataclass
class Ledger:
    """The state of a line after some of its events.

    Parameters
    ----------
    scenario
        The line.

    Attributes
    ----------
    released, left
        Parts that have come in, and those that have gone again.
    """

    scenario: ProductionLine
    released: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.places = Places(self.scenario)
        self.at: dict[int, int] = {}  # place of every part in the line
        self.inside: dict[int, set[int]] = {}  # parts at every place
        self.machines = {
            place: _Machine(station, place)
            for station, places in zip(self.scenario.stations, self.places.machines, strict=True)
            for place in places
        }
        self.components = {place: kind for kits in self.places.components for kind, place in kits.items()}

    def follow(self, journal: Journal) -> None:
        """Go through a journal to its end."""
        rows = zip(
            *(column.tolist() for column in (journal.time_s, journal.event, journal.entity, journal.place)), strict=True
        )
        before_s = 0.0
        for time_s, event, part, place in rows:
            assert time_s >= before_s
            if time_s > before_s:
                self._settled()
            before_s = time_s
            self._happen(Event(event), part, place)
        self._settled()
        assert self.released == self.left | self.at.keys()
        assert not self.left & self.at.keys()

    def _happen(self, event: Event, part: int, place: int) -> None:
        if event is Event.RELEASE:
            assert part not in self.released
            self.released.add(part)
            self._move(part, IN_TRANSIT)
        elif event in GONE:
            self._go(event, part, place)
        elif place in self.machines:
            self._machine_event(event, part, self.machines[place])
        else:
            assert event in (Event.QUEUE, Event.CONVEY, Event.STORE)
            self._move(part, place)

    def _move(self, part: int, place: int) -> None:
        self.inside.get(self.at.get(part, IN_TRANSIT), set()).discard(part)
        self.at[part] = place
        self.inside.setdefault(place, set()).add(part)

    def _go(self, event: Event, part: int, place: int) -> None:
        where = self.at.pop(part)
        self.inside[where].discard(part)
        self.left.add(part)
        if event is Event.ASSEMBLE:
            machine = self.machines[place]
            assert where in self.components, "a component comes from its buffer"
            assert not machine.stopped
            assert machine.part is None
        else:
            assert where == IN_TRANSIT

    def _machine_event(self, event: Event, part: int, machine: _Machine) -> None:
        match event:
            case Event.AWAIT | Event.SETUP | Event.START:
                assert not machine.stopped, f"{event.name} of a machine that is stopped"
                if machine.part is None:
                    self._move(part, machine.place)
                    machine.part = part
                assert machine.part == part, "a machine holds one part"
                machine.task = event
            case Event.FINISH:
                assert not machine.stopped
                assert (machine.part, machine.task) == (part, Event.START)
                machine.task = Event.FINISH
            case Event.DEFECT | Event.REJECT:
                assert (machine.part, machine.task) == (part, Event.FINISH)
            case Event.LEAVE:
                assert (machine.part, machine.task) == (part, Event.FINISH)
                machine.part = machine.task = None
                self._move(part, IN_TRANSIT)
            case Event.FAIL:
                assert not machine.down
                machine.down, machine.mended = True, False
            case Event.MEND:
                assert machine.down
                assert not machine.mended
                machine.mended = True
            case Event.REPAIR:
                assert machine.down
                machine.down = False
            case Event.MAINTAIN:
                assert not machine.stopped
                assert machine.part is None, "maintenance is between two parts"
                machine.in_maintenance = True
            case Event.MAINTAINED:
                assert machine.in_maintenance
                machine.in_maintenance = False
            case _:
                assert event in (Event.OFF, Event.ON)
                assert machine.off == (event is Event.ON)
                machine.off = event is Event.OFF

    def _settled(self) -> None:
        """Check what holds whenever nothing more happens at an instant."""
        assert not self.inside.get(IN_TRANSIT), "every part is somewhere"
        for position, station in enumerate(self.scenario.stations):
            cards = self.scenario.cards(station)
            queued = len(self.inside.get(position, ()))
            if cards is not None:
                on_machines = sum(self.machines[place].part is not None for place in self.places.machines[position])
                stored = len(self.inside.get(self.places.stores[position], ()))
                assert queued + on_machines + stored <= cards
            elif station.buffer_places is not None:
                assert queued <= station.buffer_places
            if station.conveyor is not None:
                assert len(self.inside.get(self.places.conveyors[position], ())) <= station.conveyor.capacity
            for kind, place in self.places.components[position].items():
                assert station.assembly is not None
                name = self.scenario.types[kind].name
                assert len(self.inside.get(place, ())) <= station.assembly.components[name].places
        self._enough_people()

    def _enough_people(self) -> None:
        """Hall's condition: of any skills, no more are needed now than there are people who have one of them."""
        tasks = [skill for machine in self.machines.values() if (skill := machine.skill()) is not None]
        skills = sorted(set(tasks))
        for some in chain.from_iterable(combinations(skills, count) for count in range(1, len(skills) + 1)):
            able = sum(crew.members for crew in self.scenario.crews if set(some) & set(crew.skills))
            assert sum(skill in some for skill in tasks) <= able
