"""A garden's day under way, as whoever commands it sees it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from simulators.command import choice
from simulators.errors import CommandError
from simulators.heritage_garden.commands import (
    ClosePlace,
    FollowPlan,
    OpenPlace,
    RaiseAlarm,
    SetCap,
    SetCounters,
    SetDirection,
)
from simulators.heritage_garden.events import COMMAND, Places
from simulators.heritage_garden.party import CHECKING, DWELLING, MEETING
from simulators.heritage_garden.simpy_engine import Day

if TYPE_CHECKING:
    from collections.abc import Iterator

    import simpy

    from simulators.command import Command
    from simulators.heritage_garden.party import Party
    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["RunningGarden"]

NOWHERE = -1


class RunningGarden:
    """A day at its beginning, to be moved on by ``env``.

    Parameters
    ----------
    scenario
        The garden and its visitors.
    streams
        Where random numbers come from.
    recorder
        Takes the events.
    """

    def __init__(self, scenario: HeritageGarden, streams: Streams, recorder: Recorder) -> None:
        self._scenario = scenario
        self._day = Day(scenario, streams, recorder, {})
        places = Places(scenario)
        self._names = places.names
        self._places = {name: place for place, name in enumerate(places.names[: places.segments_from])}
        self._first_scene, self._first_path = places.scenes_from, places.paths_from

    @property
    def env(self) -> simpy.Environment:
        """SimPy's environment."""
        return self._day.clock.env

    def apply(self, command: Command, number: int) -> None:
        """Carry a command out; see :class:`simulators.command.Plant`."""
        day = self._day
        match command:
            case ClosePlace() | OpenPlace():
                place, opens = self._place("place", command.place), isinstance(command, OpenPlace)
                if day.by_hand.get(place) == opens:
                    state = "open" if opens else "closed"
                    raise command.refused(field="place", because=f"is kept {state} by hand already", fault="state")
                self._note(number, place)
                day.by_hand[place] = opens
                day.refresh()
            case FollowPlan():
                place = self._place("place", command.place)
                if place not in day.by_hand:
                    raise command.refused(field="place", because="follows the plan already", fault="state")
                self._note(number, place)
                del day.by_hand[place]
                day.refresh()
            case SetCap():
                self._note(number, NOWHERE)
                day.manager.cap = command.visitors
                day.refresh()
            case SetCounters():
                place = self._place("gate", command.gate, end=self._first_scene)
                self._note(number, place)
                day.gates[place].counters = command.counters
                day.refresh()
            case SetDirection():
                place = self._place("path", command.path, first=self._first_path)
                self._note(number, place)
                directions = list(day.manager.directions)
                directions[place - self._first_path] = command.direction
                day.manager.directions = tuple(directions)
                day.refresh()
            case RaiseAlarm():
                if day.alarmed:
                    raise command.refused(field="command", because="has been given already", fault="state")
                self._note(number, NOWHERE)
                day.raise_alarm()

    def snapshot(self) -> dict[str, Any]:
        """Return what is open and who is where; parties by the number of their first visitor."""
        day, view = self._day, asdict(self._day.view())
        del view["time_s"]
        for gate, counter in zip(view["gates"], day.gates, strict=True):
            gate["counters"] = counter.counters
        lists = {name: list(view.pop(name)) for name in ("gates", "scenes", "paths")}
        return {
            **view,
            "cap": day.manager.cap,
            "alarm": day.alarmed,
            **lists,
            "parties": list(self._parties()),
        }

    def _parties(self) -> Iterator[dict[str, Any]]:
        """Give everybody who is in the garden or before it."""
        day = self._day
        for place, gate in enumerate(day.gates):
            for party in gate.waiting():
                yield self._of_party(party, "queued", place)
        for party in day.present():
            if party.phase == CHECKING:
                yield self._of_party(party, "checking", party.gate)
            elif party.phase == MEETING:
                yield self._of_party(party, "meeting", party.gate)
            elif party.phase == DWELLING:
                yield self._of_party(party, "visiting", party.node)
        for path in day.paths:
            for party in path.waiting:
                yield self._of_party(party, "waiting", path.place)
            for party, way, share in path.walkers():
                walk = {"way": "backward" if way else "forward", "share": share}
                yield self._of_party(party, "walking", path.place) | walk

    def _of_party(self, party: Party, doing: str, place: int) -> dict[str, Any]:
        segment = self._scenario.visitors[party.segment].name
        return {
            "party": party.leader,
            "visitors": party.size,
            "segment": segment,
            "doing": doing,
            "place": self._names[place],
        }

    def _note(self, number: int, place: int) -> None:
        self._day.clock.write(COMMAND, number, place)

    def _place(self, field: str, name: str, *, first: int = 0, end: int | None = None) -> int:
        known = list(self._places)[first:end]
        if name not in known:
            raise CommandError(field, name, choice(known))
        return self._places[name]
