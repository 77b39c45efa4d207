"""A serial production line, as data."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, model_validator

from simulators.distributions import Distribution
from simulators.scenario import Scenario, Text

__all__ = ["ConstantWip", "Failures", "IntervalRelease", "ProductionLine", "SaturatedRelease", "Station"]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="short name, a-z, 0-9 and _")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Failures(_Part):
    """Failures by the clock: the machine ages whether it works or not."""

    up_time: Distribution = Field(description="from the end of a repair to the next failure; its mean is MTBF")
    repair_time: Distribution = Field(description="from a failure to the end of its repair; its mean is MTTR")

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.up_time.mean_s <= 0:
            message = "up_time must have a mean > 0 s, or the machine fails without end at one instant"
            raise ValueError(message)
        return self


class Station(_Part):
    """One or more equal machines in parallel, with a finite buffer in front.

    A part that is finished but finds no room at the next station stays on its machine (blocking after service).
    """

    name: Name
    label: Text | None = Field(default=None, description="what people call it")
    machines: PositiveInt = Field(default=1, le=100, description="equal machines in parallel")
    service: Distribution = Field(description="time that one part needs on one machine")
    buffer_places: NonNegativeInt | None = Field(
        default=0, le=100_000, description="places for parts in front of the station; null: without limit"
    )
    failures: Failures | None = Field(default=None, description="null: the machines never fail")


class SaturatedRelease(_Part):
    """There is always material at the entrance."""

    kind: Literal["saturated"]


class IntervalRelease(_Part):
    """Parts come one by one; those that find the first buffer full wait outside, in order."""

    kind: Literal["interval"]
    interval: Distribution = Field(description="time from one arrival to the next")

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.interval.mean_s <= 0:
            message = "interval must have a mean > 0 s, or arrivals never end at one instant"
            raise ValueError(message)
        return self


class ConstantWip(_Part):
    """A new part enters only when the line holds fewer than ``parts`` (CONWIP)."""

    kind: Literal["constant_wip"]
    parts: PositiveInt = Field(le=1_000_000, description="most parts in the line at a time")


class ProductionLine(Scenario):
    """Stations in series between release and exit."""

    kind: Literal["production_line"]
    release: Annotated[SaturatedRelease | IntervalRelease | ConstantWip, Field(discriminator="kind")]
    stations: tuple[Station, ...] = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [station.name for station in self.stations]
        for position, name in enumerate(names):
            if name in names[:position]:
                message = f"stations.{position}.name = {name!r} stands at two stations; give each its own name"
                raise ValueError(message)
        first = self.stations[0]
        if first.buffer_places is None and self.release.kind == "saturated":
            message = (
                "stations.0.buffer_places = null with release.kind = 'saturated' would draw in material "
                "without end; give a number, or another release"
            )
            raise ValueError(message)
        entrance = self.stations[:1] if self.release.kind == "saturated" else self.stations
        if self.release.kind != "interval" and not any(s.service.mean_s > 0 for s in entrance):
            message = (
                f"stations.0.service must have a mean > 0 s with release.kind = {self.release.kind!r}, "
                "or parts pass without end at one instant"
            )
            raise ValueError(message)
        return self
