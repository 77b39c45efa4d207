"""A station of a line, as data."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from simulators.distributions import Distribution
from simulators.production_line.names import LineModel, Name
from simulators.scenario import Text

__all__ = [
    "Assembly",
    "Changeover",
    "Component",
    "Conveyor",
    "Dispatching",
    "Failures",
    "Inspection",
    "Maintenance",
    "Power",
    "Setup",
    "Station",
]

Probability = Annotated[float, Field(ge=0, le=1)]
Clock = Literal["calendar", "operation"]
Dispatching = Literal["fifo", "spt", "edd", "setup"]


class Failures(LineModel):
    """When machines fail, and how long their repair takes."""

    clock: Clock = Field(
        default="calendar",
        description="calendar: the machine ages whether it works or not; operation: only while it works on a part",
    )
    up_time: Distribution = Field(description="from the end of a repair to the next failure; its mean is MTBF")
    repair_time: Distribution = Field(description="work of one repair; its mean is MTTR")
    skill: Name | None = Field(default=None, description="skill of the crew that repairs; null: no crew is needed")

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.up_time.mean_s <= 0:
            message = "up_time must have a mean > 0 s, or the machine fails without end at one instant"
            raise ValueError(message)
        return self


class Maintenance(LineModel):
    """Preventive maintenance, always between two parts."""

    every_s: PositiveFloat = Field(description="from the end of one maintenance until the next is due")
    clock: Clock = Field(default="calendar", description="calendar: all time counts; operation: only time of work")
    duration: Distribution = Field(description="work of one maintenance")
    skill: Name | None = Field(default=None, description="skill of the crew that does it; null: no crew is needed")
    renews: bool = Field(default=True, description="whether the machine is as good as new, its next failure drawn anew")


class Changeover(LineModel):
    """The set-up from one part type to another."""

    before: Name = Field(description="part type that the machine is set up for")
    after: Name = Field(description="part type that it is to be set up for")
    time: Distribution = Field(description="work of the set-up")


class Setup(LineModel):
    """Set-ups between parts of different types; the first part on a machine needs none."""

    time: Distribution = Field(description="work of a set-up that is not listed in changeovers")
    changeovers: tuple[Changeover, ...] = Field(default=(), description="set-ups that depend on the sequence")
    skill: Name | None = Field(default=None, description="skill of the operator that it takes; null: none is needed")

    @model_validator(mode="after")
    def _lists_each_once(self) -> Self:
        seen = set()
        for position, change in enumerate(self.changeovers):
            pair = (change.before, change.after)
            if pair in seen:
                message = f"changeovers.{position}: {change.before!r} to {change.after!r} stands twice; keep one"
                raise ValueError(message)
            seen.add(pair)
        return self


class Conveyor(LineModel):
    """An accumulating conveyor in front of a station: parts travel, then queue up at its end."""

    transport_time_s: NonNegativeFloat = Field(description="time from its beginning to its end")
    capacity: PositiveInt = Field(le=100_000, description="most parts on it, travelling or waiting at its end")


class Component(LineModel):
    """Parts of another type that an assembly takes in."""

    count: PositiveInt = Field(default=1, le=1000, description="how many go into one assembly")
    places: PositiveInt = Field(le=100_000, description="places for them at the station, ≥ count")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.places < self.count:
            message = f"places = {self.places} must be ≥ count = {self.count}, or an assembly never begins"
            raise ValueError(message)
        return self


class Assembly(LineModel):
    """A service begins only when all components are there; they become part of the part."""

    components: dict[Name, Component] = Field(min_length=1, description="by part type")


class Inspection(LineModel):
    """Every part is inspected at the end of its service."""

    detection: Probability = Field(default=1.0, description="share of the defective parts that are rejected")
    false_alarm: Probability = Field(default=0.0, description="share of the good parts that are rejected")
    rework: Name | None = Field(
        default=None,
        description="station that mends a rejected part: an earlier one of its route, from which it goes on, or "
        "one off its route, from which it comes back to be inspected again; null: rejected parts are scrap",
    )
    most_reworks: NonNegativeInt = Field(default=1, le=100, description="after so many a rejected part is scrap")


class Power(LineModel):
    """Electric power of one machine, by state."""

    off_w: NonNegativeFloat = Field(default=0.0, description="outside its shift")
    idle_w: NonNegativeFloat = Field(default=0.0, description="starved, or waiting for an operator")
    busy_w: NonNegativeFloat = Field(default=0.0, description="working")
    blocked_w: NonNegativeFloat | None = Field(default=None, description="blocked; null: as idle")
    setup_w: NonNegativeFloat | None = Field(default=None, description="in set-up; null: as busy")
    down_w: NonNegativeFloat = Field(default=0.0, description="failed, or in maintenance")


class Station(LineModel):
    """One or more equal machines in parallel, with a buffer in front.

    A part that is finished but finds no room at the next station stays on its machine (blocking after service).
    """

    name: Name
    label: Text | None = Field(default=None, description="what people call it")
    machines: PositiveInt = Field(default=1, le=100, description="equal machines in parallel")
    service: Distribution = Field(description="time that one part needs on one machine, unless its route says else")
    service_skill: Name | None = Field(default=None, description="skill of the operator it takes; null: none is needed")
    buffer_places: NonNegativeInt | None = Field(
        default=0, le=100_000, description="places for parts in front of the station; null: without limit"
    )
    dispatching: Dispatching = Field(
        default="fifo",
        description="which waiting part is next: first come, shortest mean service, earliest due date, shortest set-up",
    )
    conveyor: Conveyor | None = Field(default=None, description="what brings parts to the buffer; null: nothing needed")
    kanban_cards: PositiveInt | None = Field(
        default=None,
        le=100_000,
        description="most parts in the station, finished ones waiting in its store included; null: no cards",
    )
    setup: Setup | None = Field(default=None, description="null: no set-ups")
    assembly: Assembly | None = Field(default=None, description="null: nothing is assembled here")
    failures: Failures | None = Field(default=None, description="null: the machines never fail")
    maintenance: Maintenance | None = Field(default=None, description="null: no preventive maintenance")
    defect_probability: Probability = Field(default=0.0, description="share of services that make a part defective")
    inspection: Inspection | None = Field(default=None, description="null: nothing is inspected here")
    shift: Name | None = Field(default=None, description="name of the shift in which it works; null: always")
    power: Power | None = Field(default=None, description="null: its energy is not counted")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.kanban_cards is not None and self.conveyor is not None:
            message = "kanban_cards and conveyor cannot both be given: the cards already bound what is on the way"
            raise ValueError(message)
        return self
