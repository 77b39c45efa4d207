"""What a garden's manager decides, and the weather, that nobody does."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from simulators.distributions import Distribution
from simulators.heritage_garden.layout import Fault, refuse
from simulators.heritage_garden.parts import Name, Part

__all__ = ["Advice", "Closure", "Controls", "Direction", "Showers", "Slot", "Span", "Weather"]


class Span(Part):
    """A stretch of the day."""

    from_s: NonNegativeFloat = Field(description="time of day at which it begins")
    to_s: PositiveFloat = Field(description="time of day at which it ends")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_s <= self.from_s:
            message = f"to_s = {self.to_s} must be > from_s = {self.from_s}"
            raise ValueError(message)
        return self


class Slot(Span):
    """Tickets for a stretch of the day."""

    name: Name
    visitors: NonNegativeInt = Field(description="tickets to be had")


class Closure(Span):
    """A scene, path or gate that is closed for a while; who is inside may finish."""

    place: Name


class Direction(Part):
    """The direction in which a path may be walked."""

    name: Name = Field(description="the path")
    direction: Literal["both", "forward", "backward"] = Field(description="forward: from its start to its end")


class Advice(Part):
    """Live advice about crowded scenes, on phones and boards."""

    share: float = Field(ge=0, le=1, description="share of the parties that follow it")
    factor: float = Field(default=0.2, ge=0, le=1, description="what is left of the odds of a scene advised against")


class Controls(Part):
    """The manager's plan of the day."""

    cap: PositiveInt | None = Field(default=None, description="most visitors in the garden at a time; null: no limit")
    slots: tuple[Slot, ...] = Field(
        default=(), max_length=50, description="timed tickets; empty: everybody comes when they like"
    )
    directions: tuple[Direction, ...] = Field(default=(), max_length=300, description="one-way routes")
    closures: tuple[Closure, ...] = Field(default=(), max_length=300)
    guides: PositiveInt | None = Field(default=None, description="guides for parties with a tour; null: enough")
    advice: Advice | None = None
    review_s: PositiveFloat = Field(default=300.0, ge=1, description="time between two questions to a Python policy")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        faults: list[Fault] = []
        for position, slot in enumerate(self.slots):
            for other in self.slots[:position]:
                if slot.name == other.name:
                    faults.append((("slots", position, "name"), slot.name, "stands at two slots"))
                if slot.from_s < other.to_s and other.from_s < slot.to_s:
                    what = (
                        f"slot {slot.name!r} overlaps slot {other.name!r}, {other.from_s:g} to {other.to_s:g} s; "
                        "let one end before the other begins"
                    )
                    faults.append((("slots", position, "from_s"), slot.from_s, what))
        names = [direction.name for direction in self.directions]
        faults += [
            (("directions", position, "name"), name, f"path {name!r} stands at two directions")
            for position, name in enumerate(names)
            if name in names[:position]
        ]
        refuse("Controls", faults)
        return self


class Showers(Part):
    """Rain that comes by chance."""

    interval: Distribution = Field(description="from the end of a shower to the next")
    duration: Distribution = Field(description="how long one lasts")

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.interval.mean_s <= 0:
            message = "interval must have a mean > 0 s, or showers follow one another without end at one instant"
            raise ValueError(message)
        return self


class Weather(Part):
    """Rain: it closes what the garden says, and spoils scenes without a roof."""

    rain: tuple[Span, ...] = Field(default=(), max_length=50, description="when it rains, known beforehand")
    showers: Showers | None = None
    spoils: NonNegativeFloat = Field(default=1.0, description="utility that a scene without shelter loses in rain")
