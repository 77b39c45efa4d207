"""People and their hours, as data."""

from __future__ import annotations

from typing import Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from simulators.production_line.names import LineModel, Name
from simulators.scenario import Text

__all__ = ["Crew", "Period", "Shift"]


class Period(LineModel):
    """From ``start_s`` to ``end_s``, counted from the beginning of the cycle."""

    start_s: NonNegativeFloat
    end_s: PositiveFloat = Field(description="> start_s")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_s <= self.start_s:
            message = f"end_s = {self.end_s} must be > start_s = {self.start_s}"
            raise ValueError(message)
        return self


class Shift(LineModel):
    """Hours of work that repeat."""

    name: Name
    cycle_s: PositiveFloat = Field(default=86_400.0, description="after which the hours repeat: a day, or a week")
    periods: tuple[Period, ...] = Field(min_length=1, max_length=1000, description="in order, with pauses between")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        end_s = 0.0
        for position, period in enumerate(self.periods):
            if period.start_s < end_s or (position and period.start_s == end_s):
                message = f"periods.{position}.start_s = {period.start_s} must be > {end_s}, where the one before ends"
                raise ValueError(message)
            end_s = period.end_s
        if end_s > self.cycle_s:
            message = f"periods end at {end_s} s, which must be ≤ cycle_s = {self.cycle_s}"
            raise ValueError(message)
        return self

    @property
    def begins_on(self) -> bool:
        """Whether time 0 is an hour of work."""
        return self.periods[0].start_s == 0

    @property
    def toggles_s(self) -> tuple[float, ...]:
        """Times in a cycle at which work stops or begins; empty where it never stops."""
        times = [time for period in self.periods for time in (period.start_s, period.end_s)]
        return tuple(times[1:-1] if self.begins_on and times[-1] == self.cycle_s else times)

    def toggle_s(self, number: int) -> float:
        """Return the time of a toggle; the first one after time 0 is number 1 if time 0 is one itself, else 0."""
        cycle, position = divmod(number, len(self.toggles_s))
        return cycle * self.cycle_s + self.toggles_s[position]


class Crew(LineModel):
    """People of the same skills, shared by all machines: operators, setters, repairers."""

    name: Name
    label: Text | None = Field(default=None, description="what people call them")
    members: PositiveInt = Field(default=1, le=10_000)
    skills: tuple[Name, ...] = Field(min_length=1, description="what they can do; stations name the skill they need")
    shift: Name | None = Field(default=None, description="when they work; null: always")
