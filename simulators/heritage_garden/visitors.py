"""Who comes, when, and what they like."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from simulators.distributions import Distribution
from simulators.heritage_garden.parts import Name, Part
from simulators.heritage_garden.walking import FREE_SPEED_M_S
from simulators.scenario import Text

__all__ = ["Arrivals", "Seasons", "Segment", "Taste"]

LARGEST_PARTY = 100


class Arrivals(Part):
    """How many visitors a stretch of the day brings, evenly over it."""

    from_s: NonNegativeFloat = Field(description="time of day at which it begins")
    to_s: PositiveFloat = Field(description="time of day at which it ends")
    visitors: NonNegativeFloat = Field(le=1_000_000, description="expected in it")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_s <= self.from_s:
            message = f"to_s = {self.to_s} must be > from_s = {self.from_s}"
            raise ValueError(message)
        return self


class Segment(Part):
    """Visitors of one kind, who come in parties."""

    name: Name
    label: Text | None = None
    arrivals: tuple[Arrivals, ...] = Field(min_length=1, max_length=100, description="in order of time")
    pattern: Literal["poisson", "regular"] = Field(default="poisson", description="regular: at even distances")
    smallest_party: PositiveInt = Field(default=1, le=LARGEST_PARTY, description="visitors in the smallest party")
    party_sizes: tuple[NonNegativeFloat, ...] = Field(
        default=(1.0,), min_length=1, max_length=LARGEST_PARTY, description="weight of each size from the smallest on"
    )
    gates: dict[Name, PositiveFloat] = Field(default={}, description="weights of gates; empty: all alike")
    one_check: bool = Field(default=False, description="one ticket check for the whole party")
    stay: Distribution = Field(description="how long a party wants to stay, or until it is tired")
    patience: Distribution | None = Field(default=None, description="longest wait at a gate; null: without end")
    free_speed_m_s: PositiveFloat = Field(default=FREE_SPEED_M_S, le=3, description="mean of a visitor's free speed")
    free_speed_sd_m_s: NonNegativeFloat = Field(default=0.26, description="its standard deviation")
    step_free_share: float = Field(default=0.0, ge=0, le=1, description="share of parties that cannot take stairs")
    tour: tuple[Name, ...] = Field(default=(), max_length=60, description="scenes a guide shows, in order; empty: none")
    price_cny: NonNegativeFloat = Field(default=0.0, description="ticket of one visitor")
    flexibility_s: NonNegativeFloat = Field(default=7200.0, description="most that a party shifts for a ticket")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for before, after in pairwise(self.arrivals):
            if after.from_s < before.to_s:
                message = f"arrivals must be in order of time: {after.from_s:g} s lies before {before.to_s:g} s"
                raise ValueError(message)
        if not sum(self.party_sizes) > 0:
            message = "party_sizes must hold a weight > 0"
            raise ValueError(message)
        return self

    @property
    def largest_party(self) -> int:
        """Visitors in the largest party."""
        return self.smallest_party + len(self.party_sizes) - 1

    @property
    def mean_party(self) -> float:
        """Mean visitors in a party."""
        sizes = range(self.smallest_party, self.largest_party + 1)
        weights = self.party_sizes
        return sum(size * weight for size, weight in zip(sizes, weights, strict=True)) / sum(weights)


class Taste(Part):
    """How visitors choose where to go next: a multinomial logit over the open scenes, and leaving.

    The utility of a scene is ``attractiveness · a - distance · d - crowding · c - novelty`` (the last only where it has
    been seen), with a its attractiveness, d the walk in units of 100 m, and c its visitors over its carrying capacity.
    Source: D. McFadden, "Conditional logit analysis of qualitative choice behavior" (1974).
    """

    attractiveness: NonNegativeFloat = 1.0
    distance: NonNegativeFloat = Field(default=1.0, description="for each 100 m on the level")
    crowding: NonNegativeFloat = Field(default=1.0, description="for being at the carrying capacity")
    novelty: NonNegativeFloat = Field(default=4.0, description="lost by a scene that has been seen")
    leaving: float = Field(
        default=0.0,
        le=20,
        description="utility of leaving when the time to stay is over; before, ln(share used) is added",
    )
    content: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="share of all that there is to enjoy in the garden that makes a visit perfect",
    )
    views: NonNegativeFloat = Field(
        default=0.05,
        le=1,
        description="what a scene that is seen from another adds to a visit there, over its own visit",
    )
    tolerance_s: PositiveFloat = Field(default=7200.0, description="waiting that spoils a visit altogether")


class Seasons(Part):
    """How many visitors each season brings, over those that the arrivals tell."""

    spring: NonNegativeFloat = 1.0
    summer: NonNegativeFloat = 1.0
    autumn: NonNegativeFloat = 1.0
    winter: NonNegativeFloat = 1.0


Season = Annotated[Literal["spring", "summer", "autumn", "winter"], Field(description="which factor counts")]
