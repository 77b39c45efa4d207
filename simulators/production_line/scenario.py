"""A production line, as data."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from simulators.faults import refuse
from simulators.production_line.crew import Crew, Shift
from simulators.production_line.part_type import PartType, Step
from simulators.production_line.release import Release
from simulators.production_line.soundness import faults
from simulators.production_line.station import Station
from simulators.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ProductionLine"]


class ProductionLine(Scenario):
    """Stations, what they make, who works at them, and how parts are let in.

    Without ``part_types`` there is one type, ``part``, that visits all stations in order.
    """

    kind: Literal["production_line"]
    release: Release | None = Field(default=None, description="lets in the types that have no release of their own")
    stations: tuple[Station, ...] = Field(min_length=1, max_length=500)
    part_types: tuple[PartType, ...] = Field(default=(), max_length=200, description="what is made, and by which route")
    crews: tuple[Crew, ...] = Field(default=(), max_length=200, description="people whom machines share")
    shifts: tuple[Shift, ...] = Field(default=(), max_length=200, description="hours of stations and crews")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(type(self).__name__, faults(self))
        return self

    @cached_property
    def types(self) -> Sequence[PartType]:
        """The part types, the implied one included."""
        if self.part_types:
            return self.part_types
        return (PartType(name="part", route=tuple(Step(station=station.name) for station in self.stations)),)

    def cards(self, station: Station) -> int | None:
        """Return how many Kanban cards a station has, None for no cards."""
        if station.kanban_cards is None and self.release is not None and self.release.kind == "kanban":
            return self.release.cards if station.conveyor is None else None
        return station.kanban_cards
