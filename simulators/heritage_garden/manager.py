"""The manager of a garden: the plan of the day, or Python policies that are asked instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.heritage_garden.events import Places
from simulators.heritage_garden.views import PartyView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from simulators.heritage_garden.party import Party
    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.heritage_garden.views import GardenView
    from simulators.policy import Policy

__all__ = ["DECISIONS", "Manager"]

DECISIONS = ("book", "admit", "close", "direct", "dispatch", "advise")
"""The decision points at which a Python policy may be asked."""

DIRECTIONS = ("both", "forward", "backward")


class Manager:
    """Decides who is let in, what is closed, which way paths lead, and what is advised against.

    Parameters
    ----------
    scenario
        The garden with its plan.
    policies
        Asked instead of the plan, by decision point.
    look
        Returns what a policy is shown.

    Attributes
    ----------
    cap
        Most visitors in the garden at a time; None: no limit.
    closed
        Places that a policy has closed, besides those of the plan.
    directions
        The direction of every path.
    advised_against
        Scenes that a policy advises against; None: those over their carrying capacity.
    """

    def __init__(
        self, scenario: HeritageGarden, policies: Mapping[str, Policy], look: Callable[[], GardenView]
    ) -> None:
        self._scenario = scenario
        self._policies = policies
        self._look = look
        self._places = {name: place for place, name in enumerate(Places(scenario).names)}
        self._paths = {path.name: number for number, path in enumerate(scenario.garden.paths)}
        self.cap: int | None = scenario.controls.cap
        self.closed: frozenset[int] = frozenset()
        self.directions = planned_directions(scenario)
        self.advised_against: frozenset[int] | None = None

    @property
    def reviews(self) -> bool:
        """Whether a policy wants to be asked again and again."""
        return any(point in self._policies for point in DECISIONS[1:])

    def admits(self, party: Party, inside: int, gate: str, now_s: float) -> bool:
        """Return whether the party at the head of a queue is let in now."""
        policy = self._policies.get("admit")
        if policy is None:
            return self.cap is None or inside + party.size <= self.cap
        return policy.yes(self._shown(party, gate, now_s), self._look())

    def guided_next(self, meeting: Sequence[Party], gates: Sequence[str], now_s: float) -> int | None:
        """Return which of the parties that wait for a guide gets the one who is free, or None to wait."""
        policy = self._policies.get("dispatch")
        if policy is None:
            return 0
        shown = tuple(self._shown(party, gates[party.gate], now_s) for party in meeting)
        return policy.optional_index(len(shown), shown, self._look())

    def review(self) -> None:
        """Ask the policies that change the garden."""
        for point in ("close", "direct", "advise"):
            policy = self._policies.get(point)
            if policy is None:
                continue
            view = self._look()
            answer = policy(view)
            if point == "close":
                self.closed = self._numbers(policy, answer, view, len(self._places) - len(self._scenario.visitors))
            elif point == "direct":
                self._direct(policy, answer, view)
            else:
                scenes = len(self._scenario.garden.gates), len(self._scenario.garden.scenes)
                chosen = self._numbers(policy, answer, view, sum(scenes), first=scenes[0])
                self.advised_against = frozenset(place - scenes[0] for place in chosen)

    def _numbers(self, policy: Policy, answer: object, view: GardenView, end: int, *, first: int = 0) -> frozenset[int]:
        wanted = f"a list of names from: {', '.join(list(self._places)[first:end])}"
        if isinstance(answer, str) or not isinstance(answer, list | tuple | set | frozenset):
            policy.refuse(answer, wanted, view)
        for name in answer:
            if not isinstance(name, str) or not first <= self._places.get(name, -1) < end:
                policy.refuse(answer, wanted, view)
        return frozenset(self._places[str(name)] for name in answer)

    def _direct(self, policy: Policy, answer: object, view: GardenView) -> None:
        wanted = f"a dict of path: direction, one of {', '.join(map(repr, DIRECTIONS))}"
        directions = list(planned_directions(self._scenario))
        if not isinstance(answer, dict):
            policy.refuse(answer, wanted, view)
        for name, direction in answer.items():
            if name not in self._paths or direction not in DIRECTIONS:
                policy.refuse(answer, wanted, view)
            directions[self._paths[name]] = direction
        self.directions = tuple(directions)

    def _shown(self, party: Party, gate: str, now_s: float) -> PartyView:
        return PartyView(self._scenario.visitors[party.segment].name, party.size, now_s - party.queued_s, gate)


def planned_directions(scenario: HeritageGarden) -> tuple[str, ...]:
    """Return the direction of every path: the garden's own, or that of the plan."""
    plan = {direction.name: direction.direction for direction in scenario.controls.directions}
    return tuple(plan.get(path.name, path.one_way) for path in scenario.garden.paths)
