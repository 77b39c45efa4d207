"""A lab as data: what ``lab.yaml`` and ``scenario.yaml`` say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from labs import decision as decisions
from labs.decision import Budget, Decision, Lever
from labs.errors import DecisionError, FieldError
from labs.policy import POLICY, PolicyLimits, PolicySlot, faults, levers_of
from simulators import Scenario, Text

__all__ = ["Attempts", "Lab", "LabFile"]


class Attempts(BaseModel):
    """How often a lab may be handed in, and which attempt counts; a class may have rules of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    maximum: PositiveInt | None = Field(default=None, le=10_000, description="most submissions; null: no limit")
    counts: Literal["best", "last", "mean"] = Field(default="best", description="which attempt counts")


class LabFile(BaseModel):
    """What ``lab.yaml`` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: str = Field(pattern=r"^\d+\.\d+\.\d+$", description="raised with every change that students notice")
    title: Text
    summary: Text
    occupation: Text = Field(description="the occupation that the lab trains for")
    hours_h: PositiveFloat = Field(description="class hours that it counts for")
    tolerance_points: PositiveFloat | None = Field(
        default=None,
        description="the decision is simulated until half the 95 % interval of its points is at most this; "
        "null: as often as the rubric says",
    )
    attempts: Attempts = Attempts()
    policies: tuple[PolicySlot, ...] = Field(
        default=(), max_length=10, description="decision points for which students hand in functions of their own"
    )
    policy_required: bool = Field(
        default=True, description="whether every submission must hold a policy; else the scenario decides without one"
    )
    policy_limits: PolicyLimits = PolicyLimits()
    budget: Budget
    levers: tuple[Lever, ...] = Field(min_length=1, max_length=40)
    highlights: tuple[str, ...] = Field(
        min_length=1, description="names of the KPIs that students look at first, most important first"
    )


@dataclass(frozen=True)
class Lab:
    """A lab of the catalogue, without what only graders may see.

    Parameters
    ----------
    slug
        Name of its folder.
    file
        What ``lab.yaml`` holds.
    scenario
        The plant as the student finds it.
    digest
        SHA-256 of ``lab.yaml`` and ``scenario.yaml``, in hexadecimal.
    """

    slug: str
    file: LabFile
    scenario: Scenario
    digest: str

    @property
    def version(self) -> str:
        """Version of the lab."""
        return self.file.version

    @property
    def title(self) -> Text:
        """Title of the lab."""
        return self.file.title

    @property
    def summary(self) -> Text:
        """What it is about, in a sentence or two."""
        return self.file.summary

    @property
    def occupation(self) -> Text:
        """The occupation that the lab trains for."""
        return self.file.occupation

    @property
    def hours_h(self) -> float:
        """Class hours that it counts for."""
        return self.file.hours_h

    @property
    def tolerance_points(self) -> float | None:
        """How sure a score must be, as half the 95 % interval of the points."""
        return self.file.tolerance_points

    @property
    def attempts(self) -> Attempts:
        """How often it may be handed in."""
        return self.file.attempts

    @property
    def policies(self) -> tuple[PolicySlot, ...]:
        """Decision points for which students hand in functions."""
        return self.file.policies

    @property
    def levers(self) -> tuple[Lever, ...]:
        """What can be bought."""
        return self.file.levers

    @property
    def budget(self) -> Budget:
        """What it may cost."""
        return self.file.budget

    def check(self, decision: object) -> Decision:
        """Return the decision, complete, or raise :class:`labs.DecisionError` naming every field that is wrong."""
        return decisions.check(decision, self.levers, self.budget)

    def complete(self, decision: object) -> dict[str, Any]:
        """Return a decision with every lever named, and with its policy where there is one.

        Raises
        ------
        labs.DecisionError
            Naming every field that does not fit.
        """
        if not self.policies or not isinstance(decision, Mapping):
            return dict(self.check(decision))
        errors: list[FieldError] = []
        levers: dict[str, Any] = {}
        try:
            levers = dict(self.check(levers_of(decision)))
        except DecisionError as error:
            errors += error.errors
        handed_in = POLICY in decision
        if handed_in or self.file.policy_required:
            errors += faults(decision.get(POLICY), self.policies, self.file.policy_limits)
        if errors:
            raise DecisionError(errors)
        return {**levers, POLICY: decision[POLICY]} if handed_in else levers

    def cost(self, decision: Decision) -> float:
        """Return what a decision costs, in the budget's unit."""
        return decisions.cost(decision, self.levers)

    def scenario_for(self, decision: object) -> Scenario:
        """Return the plant as a decision changes it; raises like :meth:`check`."""
        return decisions.apply(self.check(decision), self.levers, self.scenario)
