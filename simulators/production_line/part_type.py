"""What a line makes, as data."""

from __future__ import annotations

from typing import Any

from pydantic import Field, PositiveFloat, field_validator

from simulators.distributions import Distribution
from simulators.production_line.names import LineModel, Name
from simulators.production_line.release import Release
from simulators.scenario import Text

__all__ = ["PartType", "Step"]


class Step(LineModel):
    """One visit of a route."""

    station: Name
    service: Distribution | None = Field(default=None, description="time it needs there; null: the station's own")


class PartType(LineModel):
    """Parts that take the same route."""

    name: Name
    label: Text | None = Field(default=None, description="what people call it")
    route: tuple[Step, ...] = Field(
        min_length=1, max_length=500, description="stations in order: names, or {station, service}; may come back"
    )
    share: PositiveFloat = Field(default=1.0, description="weight of the type in what the line's release lets in")
    release: Release | None = Field(default=None, description="a release of its own; null: the line's")
    feeds: Name | None = Field(
        default=None, description="assembly station that its parts go to as components; null: they leave the line"
    )

    @field_validator("route", mode="before")
    @classmethod
    def _names_are_steps(cls, route: Any) -> Any:  # noqa: ANN401 - not validated yet
        if isinstance(route, list | tuple):
            return [{"station": step} if isinstance(step, str) else step for step in route]
        return route
