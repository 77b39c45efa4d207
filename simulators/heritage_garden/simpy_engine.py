"""A garden's day as people read it: SimPy keeps the clock, gates, paths and scenes are objects, events are methods.

``docs/heritage_garden.md`` tells the rules, and the order of what happens at one instant.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from simulators.distributions import UNIT
from simulators.heritage_garden.clock import Clock
from simulators.heritage_garden.crowd import SceneCrowd
from simulators.heritage_garden.demand import day_of
from simulators.heritage_garden.events import (
    ALARM,
    ARRIVE,
    CLOSE,
    DRY,
    ENTER,
    EXIT,
    JOIN,
    MEET,
    OPEN,
    RAIN,
    REFUSE,
    Places,
)
from simulators.heritage_garden.manager import Manager
from simulators.heritage_garden.network import Network
from simulators.heritage_garden.party import DWELLING, GONE, MEETING, Party, party_of
from simulators.heritage_garden.regimes import Change, Routes, calendar, rain_of
from simulators.heritage_garden.traffic import PathTraffic
from simulators.heritage_garden.turnstile import Turnstile
from simulators.heritage_garden.views import GardenView, GateView, PathView, SceneView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import simpy

    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.policy import Policy
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["Day", "run"]


def run(scenario: HeritageGarden, streams: Streams, recorder: Recorder, policies: Mapping[str, Policy]) -> None:
    """Run a day from midnight to its horizon.

    Parameters
    ----------
    scenario
        The garden and its visitors.
    streams
        Where random numbers come from.
    recorder
        Takes the events.
    policies
        Asked instead of the scenario's plan, see :class:`Manager`.
    """
    day = Day(scenario, streams, recorder, policies)
    recorder.run(day.clock.env, scenario.horizon_s)


class Day:
    """A day that can be run, paused and looked at.

    Parameters
    ----------
    scenario
        The garden and its visitors.
    streams
        Where random numbers come from.
    recorder
        Takes the events.
    policies
        Asked instead of the scenario's plan.

    Attributes
    ----------
    clock
        ``clock.env`` is SimPy's environment; ``clock.env.run(until=...)`` goes on.
    inside
        Visitors in the garden, with those whose tickets are being checked.
    alarmed
        Whether everybody must get out.
    by_hand
        Places that somebody keeps open (True) or closed, whatever the plan says.
    """

    def __init__(
        self, scenario: HeritageGarden, streams: Streams, recorder: Recorder, policies: Mapping[str, Policy]
    ) -> None:
        garden = scenario.garden
        self.scenario = scenario
        self.clock = Clock(recorder)
        self.inside = 0
        self.manager = Manager(scenario, policies, self.view)
        self._network = Network(scenario)
        self._routes = Routes(self._network)
        self._segments_from = Places(scenario).segments_from
        scene_number = {scene.name: number for number, scene in enumerate(garden.scenes)}
        self._tours = [[scene_number[name] for name in segment.tour] for segment in scenario.visitors]
        self._unit = streams.sampler("visitors.choice", UNIT)
        self._guides = scenario.controls.guides
        self._meeting: list[Party] = []
        self._dispatching = False
        self.alarmed = False
        self.by_hand: dict[int, bool] = {}
        self._admitting = True
        self.gates = [
            Turnstile(
                self.clock, number, gate.counters, streams.sampler(f"gate.{gate.name}.check", gate.check),
                self._checks_of, self._admits, self._started, self._passed,
            )
            for number, gate in enumerate(garden.gates)
        ]  # fmt: skip
        self.scenes = [
            SceneCrowd(
                self.clock, self._network, number, streams.sampler(f"scene.{scene.name}.dwell", scene.dwell),
                self.decide,
            )
            for number, scene in enumerate(garden.scenes)
        ]  # fmt: skip
        first = self._network.gates + self._network.scenes
        self.paths = [
            PathTraffic(self.clock, self._network, number, first + number, self.go_on)
            for number in range(self._network.paths)
        ]
        self._demand = day_of(scenario, streams, policies.get("book"))
        self._parties: list[Party] = []
        self._planned = Change(0.0, frozenset(), raining=False)
        self._regime = self._routes.regime(frozenset(), self.manager.directions, raining=False)
        for change in calendar(scenario, rain_of(scenario, streams)):
            self.clock.after(change.time_s, partial(self._change, change))
        self.clock.after(scenario.last_entry_s, self._last_entry)
        if scenario.alarm_s is not None:
            self.clock.after(scenario.alarm_s, self._alarm)
        if self.manager.reviews:
            self.clock.after(scenario.opens_s, self._review)
        self._await_next()

    # ---- at the gates

    def _await_next(self) -> None:
        number = len(self._parties)
        if number < len(self._demand):
            delay_s = max(0.0, float(self._demand.arrive_s[number]) - self.clock.env.now)
            self.clock.after(delay_s, self._arrive)

    def _arrive(self, _: simpy.Event) -> None:
        party = party_of(self._demand, len(self._parties))
        self._parties.append(party)
        place = self._segments_from + party.segment
        self.clock.write(ARRIVE, party.leader, place)
        for companion in range(party.leader + 1, party.leader + party.size):
            self.clock.write(JOIN, companion, place)
        if self._demand.refused[party.number]:
            party.phase = GONE
            self.clock.write(REFUSE, party.leader, place)
        elif self._admitting:
            self.gates[party.gate].join(party)
        else:
            self.gates[party.gate].give_up(party)
        self._await_next()

    def _checks_of(self, party: Party) -> int:
        return 1 if self.scenario.visitors[party.segment].one_check else party.size

    def _admits(self, party: Party) -> bool:
        name = self.scenario.garden.gates[party.gate].name
        return self.manager.admits(party, self.inside, name, self.clock.env.now)

    def _started(self, party: Party) -> None:
        self.inside += party.size

    def _passed(self, party: Party) -> None:
        if self.alarmed:
            self.inside -= party.size
            self.gates[party.gate].give_up(party)
            return
        self.clock.write(ENTER, party.leader, party.gate)
        party.entered_s = self.clock.env.now
        party.node = party.gate
        if self.scenario.visitors[party.segment].tour and self._guides is not None:
            party.phase = MEETING
            self._meeting.append(party)
            self._dispatch()
            if party.phase == MEETING:
                self.clock.write(MEET, party.leader, party.gate)
        else:
            self.decide(party)

    def _dispatch(self) -> None:
        """Give guides who are free to parties that wait for one."""
        if self._dispatching:  # a party goes home at once: the loop below goes on with its guide
            return
        self._dispatching = True
        names = [gate.name for gate in self.scenario.garden.gates]
        while self._meeting and self._guides:
            chosen = self.manager.guided_next(self._meeting, names, self.clock.env.now)
            if chosen is None:
                break
            self._guides -= 1
            self.decide(self._meeting.pop(chosen))
        self._dispatching = False

    def exit(self, party: Party) -> None:
        """Let a party out, and others in."""
        self.clock.write(EXIT, party.leader, party.node)
        party.phase = GONE
        self.inside -= party.size
        if self.scenario.visitors[party.segment].tour and self._guides is not None:
            self._guides += 1
            self._dispatch()
        for gate in self.gates:
            gate.serve()

    # ---- inside

    def decide(self, party: Party) -> None:
        """Let a party choose where to go next, and go."""
        stayed_s = self.clock.env.now - party.entered_s
        if self.alarmed or stayed_s >= party.stay_s or self.clock.env.now >= self.scenario.closes_s:
            chosen = None
        elif self.scenario.visitors[party.segment].tour:
            chosen = self._next_of_tour(party)
        else:
            chosen = self._choose(party, stayed_s / party.stay_s)
        if chosen is None:
            party.leaving = True
        else:
            party.destination = self._network.gates + chosen
        self.go_on(party)

    def _next_of_tour(self, party: Party) -> int | None:
        onward = self._regime.onward[party.wheels, party.node]
        for scene in self._tours[party.segment]:
            place = self._network.gates + scene
            reachable = self._regime.open[place] and onward[place] >= 0
            if not party.seen >> scene & 1 and reachable and self.scenes[scene].has_room(party):
                return scene
        return None

    def _choose(self, party: Party, used: float) -> int | None:
        """Draw a scene, or None for leaving, by the multinomial logit."""
        network = self._network
        against = self.manager.advised_against
        factor = self.scenario.controls.advice.factor if self.scenario.controls.advice else 1.0
        upper: list[float] = []
        total = 0.0
        for number, odds in enumerate(self._regime.attraction[party.wheels, party.node].tolist()):
            scene = self.scenes[number]
            odds *= scene.odds()
            if party.seen >> number & 1:
                odds *= network.novelty
            crowded = scene.visitors > scene.carrying if against is None else number in against
            if party.advised and crowded:
                odds *= factor
            total += odds
            upper.append(total)
        point = self._unit() * (total + network.leaving * used)
        for number, bound in enumerate(upper):
            if point < bound:
                return number
        return None

    def go_on(self, party: Party) -> None:
        """Let a party at a node take the next path, visit the scene it wanted, or go out."""
        node = party.node
        if party.leaving:
            if self._network.is_exit[node]:
                self.exit(party)
                return
            out = self._routes.escape if self.alarmed else self._regime.out
            self.paths[out[party.wheels, node]].enter(party)
            return
        path = self._regime.onward[party.wheels, node, party.destination]
        if not self._regime.open[party.destination] or (path < 0 and node != party.destination):
            self.decide(party)
        elif node == party.destination:
            self.scenes[node - self._network.gates].receive(party)
        else:
            self.paths[path].enter(party)

    # ---- the day

    def _change(self, change: Change, _: simpy.Event) -> None:
        self._planned = change
        self.refresh()

    def refresh(self) -> None:
        """Open and close what is to be, let visitors find their ways anew, and let in whom the gates may."""
        before = self._regime
        kept_open = frozenset(place for place, opens in self.by_hand.items() if opens)
        closed = (self._planned.closed | self.manager.closed | frozenset(self.by_hand)) - kept_open
        raining = self._planned.raining
        self._regime = now = self._routes.regime(closed, self.manager.directions, raining=raining)
        if now.raining != before.raining:
            self.clock.write(RAIN if now.raining else DRY, -1, -1)
        for place in (now.open != before.open).nonzero()[0].tolist():
            self.clock.write(OPEN if now.open[place] else CLOSE, -1, place)
        for gate in self.gates:
            gate.open = bool(now.open[gate.place])
        for gate in self.gates:
            gate.serve()

    def _last_entry(self, _: simpy.Event) -> None:
        self._admitting = False
        for gate in self.gates:
            gate.send_home()

    def _alarm(self, _: simpy.Event) -> None:
        if not self.alarmed:  # else somebody has been earlier
            self.raise_alarm()

    def raise_alarm(self) -> None:
        """Get everybody out."""
        self.alarmed = True
        self._admitting = False
        self.clock.write(ALARM, -1, -1)
        for gate in self.gates:
            gate.send_home()
        self._meeting.clear()
        for party in self._parties:
            if party.phase == DWELLING:
                self.scenes[party.node - self._network.gates].interrupt(party)
                self.decide(party)
            elif party.phase == MEETING:
                self.decide(party)
            else:
                party.leaving = True

    def _review(self, _: simpy.Event) -> None:
        self.manager.review()
        self.refresh()
        self._dispatch()
        self.clock.after(self.scenario.controls.review_s, self._review)

    def present(self) -> Iterator[Party]:
        """Give the parties that have come and not gone home."""
        return (party for party in self._parties if party.phase != GONE)

    def view(self) -> GardenView:
        """Return what a policy is shown of this moment."""
        garden, regime, places = self.scenario.garden, self._regime, self._network
        return GardenView(
            time_s=self.clock.env.now,
            raining=regime.raining,
            inside=self.inside,
            capacity=garden.instantaneous_capacity,
            gates=tuple(
                GateView(data.name, gate.open, gate.queued, gate.busy)
                for data, gate in zip(garden.gates, self.gates, strict=True)
            ),
            scenes=tuple(
                SceneView(data.name, bool(regime.open[scene.place]), scene.visitors, scene.carrying)
                for data, scene in zip(garden.scenes, self.scenes, strict=True)
            ),
            paths=tuple(self._path_view(number) for number in range(places.paths)),
        )

    def _path_view(self, number: int) -> PathView:
        path, data = self.paths[number], self.scenario.garden.paths[number]
        return PathView(
            name=data.name,
            open=bool(self._regime.open[path.place]),
            direction=self.manager.directions[number],
            forward=path.visitors[0],
            backward=path.visitors[1],
            waiting=sum(party.size for party in path.waiting),
            density=sum(path.visitors) / float(self._network.area_m2[number]),
        )
