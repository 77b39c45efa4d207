"""A day in a heritage garden, as data."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveFloat, model_validator

from simulators.heritage_garden.controls import Controls, Weather
from simulators.heritage_garden.garden import Garden
from simulators.heritage_garden.layout import Fault, refuse
from simulators.heritage_garden.shipped import load_garden
from simulators.heritage_garden.visitors import Season, Seasons, Segment, Taste
from simulators.scenario import Scenario

__all__ = ["HeritageGarden"]

DAY_S = 86_400.0


def _shipped(value: Any) -> Any:  # noqa: ANN401 - whatever stands in the document
    return load_garden(value) if isinstance(value, str) else value


class HeritageGarden(Scenario):
    """Visitors of one day; times count from midnight."""

    kind: Literal["heritage_garden"]
    garden: Annotated[
        Garden, BeforeValidator(_shipped), Field(description="a garden, or the name of one that is shipped")
    ]
    opens_s: NonNegativeFloat = Field(default=27_000.0, description="time of day at which the gates open")
    last_entry_s: PositiveFloat = Field(default=61_200.0, description="time of day after which nobody is let in")
    closes_s: PositiveFloat = Field(default=63_000.0, description="time of day from which everybody leaves")
    visitors: tuple[Segment, ...] = Field(min_length=1, max_length=20)
    season: Season = "spring"
    seasons: Seasons = Seasons()
    taste: Taste = Taste()
    weather: Weather = Weather()
    controls: Controls = Controls()
    alarm_s: PositiveFloat | None = Field(default=None, description="time of day at which everybody must get out")
    mean_stay_s: PositiveFloat = Field(default=7_200.0, description="t of LB/T 034-2014, for the daily capacity")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.horizon_s > DAY_S:
            message = f"horizon_s = {self.horizon_s} must be ≤ {DAY_S:g}: a run is one day"
            raise ValueError(message)
        if not self.opens_s < self.last_entry_s <= self.closes_s:
            message = (
                f"opens_s = {self.opens_s} < last_entry_s = {self.last_entry_s} ≤ closes_s = {self.closes_s} must hold"
            )
            raise ValueError(message)
        refuse("HeritageGarden", [*self._segment_faults(), *self._control_faults()])
        return self

    def _segment_faults(self) -> list[Fault]:
        scenes = {scene.name for scene in self.garden.scenes}
        entrances = {gate.name for gate in self.garden.gates if gate.entrance}
        faults: list[Fault] = []
        for position, segment in enumerate(self.visitors):
            where = ("visitors", position)
            if segment.name in [other.name for other in self.visitors[:position]]:
                faults.append(((*where, "name"), segment.name, "stands at two segments; give each its own name"))
            faults += [
                ((*where, "gates", gate), gate, f"is not an entrance; choose from: {', '.join(sorted(entrances))}")
                for gate in segment.gates
                if gate not in entrances
            ]
            faults += [
                ((*where, "tour", number), scene, f"is not a scene of garden {self.garden.name!r}")
                for number, scene in enumerate(segment.tour)
                if scene not in scenes
            ]
        return faults

    def _control_faults(self) -> list[Fault]:
        garden, controls = self.garden, self.controls
        paths = {path.name for path in garden.paths}
        known = paths | {part.name for part in (*garden.scenes, *garden.gates)}
        faults: list[Fault] = [
            (("controls", "directions", position, "name"), direction.name, f"is not a path of garden {garden.name!r}")
            for position, direction in enumerate(controls.directions)
            if direction.name not in paths
        ]
        faults += [
            (("controls", "closures", position, "place"), closure.place, "is not a gate, scene or path of the garden")
            for position, closure in enumerate(controls.closures)
            if closure.place not in known
        ]
        largest = max(segment.largest_party for segment in self.visitors)
        if controls.cap is not None and controls.cap < largest:
            what = f"must be ≥ {largest}, the visitors in the largest party, or that party never gets in"
            faults.append((("controls", "cap"), controls.cap, what))
        return faults

    @property
    def daily_capacity(self) -> float:
        """Visitors a day, C₂ = C₁ · T/t (LB/T 034-2014), with T the opening time and t the mean stay."""
        return self.garden.instantaneous_capacity * (self.closes_s - self.opens_s) / self.mean_stay_s
