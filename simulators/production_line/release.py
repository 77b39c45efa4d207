"""How parts are let into a line, as data."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveInt, model_validator

from simulators.distributions import Distribution
from simulators.production_line.names import LineModel, Name

__all__ = [
    "ConstantWip",
    "IntervalRelease",
    "KanbanRelease",
    "Order",
    "OrderRelease",
    "Release",
    "SaturatedRelease",
]


class SaturatedRelease(LineModel):
    """There is always material at the entrance."""

    kind: Literal["saturated"]


class IntervalRelease(LineModel):
    """Parts come one by one (push); those that find the first buffer full wait outside, in order."""

    kind: Literal["interval"]
    interval: Distribution = Field(description="time from one arrival to the next")

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.interval.mean_s <= 0:
            message = "interval must have a mean > 0 s, or arrivals never end at one instant"
            raise ValueError(message)
        return self


class ConstantWip(LineModel):
    """A new part enters only when the line holds fewer than ``parts`` of this release (CONWIP)."""

    kind: Literal["constant_wip"]
    parts: PositiveInt = Field(le=1_000_000, description="most parts of this release in the line at a time")


class KanbanRelease(LineModel):
    """A new part enters as soon as the first station has a free card; cards pass demand upstream."""

    kind: Literal["kanban"]
    cards: PositiveInt = Field(le=100_000, description="cards of every station that has no kanban_cards of its own")


class Order(LineModel):
    """So many parts of one type, wanted by a date."""

    part_type: Name = Field(default="part", description="what is ordered")
    quantity: PositiveInt = Field(le=1_000_000, description="how many parts")
    release_s: NonNegativeFloat = Field(default=0.0, description="time from which its parts may enter")
    due_s: NonNegativeFloat = Field(description="time by which all of them should have left, ≥ release_s")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.due_s < self.release_s:
            message = f"due_s = {self.due_s} must be ≥ release_s = {self.release_s}"
            raise ValueError(message)
        return self


class OrderRelease(LineModel):
    """Parts are released by a list of orders; those that find no room wait outside, in order of release."""

    kind: Literal["orders"]
    orders: tuple[Order, ...] = Field(min_length=1, max_length=10_000)


Release = Annotated[
    SaturatedRelease | IntervalRelease | ConstantWip | KanbanRelease | OrderRelease, Field(discriminator="kind")
]
