"""What a garden is made of: scenes, paths and gates, and everything that stands between them, in metres."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from simulators.distributions import Distribution
from simulators.heritage_garden.geometry import Point, length_m
from simulators.scenario import Text

__all__ = [
    "Gate",
    "Indoors",
    "Junction",
    "Line",
    "Name",
    "Named",
    "Opening",
    "Part",
    "Path",
    "Polygon",
    "Pond",
    "Roof",
    "Scene",
    "Tree",
    "Wall",
]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="short name, a-z, 0-9 and _")]
Polygon = Annotated[tuple[Point, ...], Field(min_length=3, max_length=400)]
Line = Annotated[tuple[Point, ...], Field(min_length=2, max_length=400)]


class Part(BaseModel):
    """Frozen, and strict about its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Named(Part):
    """A part with a name."""

    name: Name


class Indoors(Part):
    """The air and the sound of a hall."""

    height_m: PositiveFloat = Field(description="clear height, for the volume of air over the usable area")
    air_changes_per_h: PositiveFloat = Field(default=2.0, description="volumes of outdoor air an hour")
    reverberation_s: PositiveFloat = Field(default=1.0, description="reverberation time T₆₀, empty")


class Scene(Named):
    """A place that visitors come to see."""

    label: Text
    kind: Literal["hall", "pavilion", "courtyard", "rockery", "waterside", "viewpoint"]
    polygon_m: Polygon = Field(description="its outline")
    usable_area_m2: float = Field(description="area that visitors may stand on, Xᵢ of LB/T 034-2014")
    area_per_visitor_m2: PositiveFloat = Field(default=3.0, description="area that one visitor needs, Yᵢ")
    attractiveness: NonNegativeFloat = Field(le=10, description="utility of a visit; 0: passed by")
    fragility: float = Field(default=0.0, ge=0, le=1, description="how much a footstep wears its ground; 1: most")
    dwell: Distribution = Field(description="how long a visit lasts")
    sheltered: bool = Field(default=False, description="under a roof: rain does not spoil it")
    closes_in_rain: bool = Field(default=False, description="closed while it rains, such as slippery rocks")
    opens_s: NonNegativeFloat | None = Field(default=None, description="time of day; null: with the garden")
    closes_s: NonNegativeFloat | None = Field(default=None, description="time of day; null: with the garden")
    limit: PositiveInt | None = Field(default=None, description="most visitors let in at a time; null: as many as fit")
    indoors: Indoors | None = Field(default=None, description="air and sound, of a hall")

    @property
    def carrying_capacity(self) -> int:
        """Visitors at a time, usable area over the area that each needs (LB/T 034-2014)."""
        return math.floor(self.usable_area_m2 / self.area_per_visitor_m2)


class Gate(Named):
    """Where visitors come in, out or both; tickets are checked at its counters."""

    label: Text
    at_m: Point
    counters: PositiveInt = Field(le=100, description="ticket checks side by side")
    check: Distribution = Field(description="time of one check")
    entrance: bool = True
    exit: bool = True


class Junction(Named):
    """Where paths meet and there is nothing to see."""

    label: Text | None = None
    at_m: Point


class Path(Named):
    """A way between two places."""

    label: Text | None = None
    start: Name = Field(description="gate, scene or junction at the first point of the line")
    end: Name = Field(description="gate, scene or junction at its last point")
    line_m: Line = Field(description="its middle, from start to end")
    kind: Literal["path", "covered_corridor", "bridge", "zigzag_bridge", "stairs"] = "path"
    width_m: PositiveFloat = Field(description="clear width")
    narrowest_m: PositiveFloat | None = Field(default=None, description="width of its narrowest place; null: as wide")
    most_density: float = Field(
        default=3.0, gt=0, le=5.3, description="visitors/m² from which others wait at its mouth rather than walk on"
    )
    rise_m: float = Field(default=0.0, description="height of the end over the start")
    one_way: Literal["both", "forward", "backward"] = Field(default="both", description="forward: from start to end")
    fragility: float = Field(default=0.0, ge=0, le=1, description="how much a footstep wears its ground; 1: most")
    closes_in_rain: bool = False

    @property
    def length_m(self) -> float:
        """Length of its line."""
        return length_m(self.line_m)

    @property
    def step_free(self) -> bool:
        """Whether a wheelchair passes."""
        return self.kind != "stairs"


class Pond(Named):
    """Water; only bridges lead over it."""

    label: Text | None = None
    polygon_m: Polygon


class Opening(Part):
    """An opening in a wall: people pass doors and moon gates, looks pass windows too."""

    kind: Literal["door", "moon_gate", "window"]
    at_m: NonNegativeFloat = Field(description="its middle, along the wall's line")
    width_m: PositiveFloat
    sill_m: NonNegativeFloat = Field(default=0.0, description="height of its lower edge")
    head_m: PositiveFloat = Field(default=2.2, description="height of its upper edge")


class Wall(Named):
    """A wall that nobody passes but through its doors."""

    line_m: Line
    height_m: PositiveFloat = 3.0
    openings: tuple[Opening, ...] = ()


class Roof(Named):
    """A roof over a hall or pavilion."""

    polygon_m: Polygon
    eaves_m: PositiveFloat = Field(description="height of the eaves")
    ridge_m: PositiveFloat = Field(description="height of the ridge")


class Tree(Part):
    """A tree."""

    species: Text | None = None
    at_m: Point
    height_m: PositiveFloat
    crown_radius_m: PositiveFloat
