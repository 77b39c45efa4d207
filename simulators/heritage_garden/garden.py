"""A garden as data: scenes, paths and gates as a graph, with everything that stands between them, in metres.

Axes: x east, y north, from the garden's own origin.
"""

from __future__ import annotations

import math
from typing import Self

from pydantic import Field, PositiveFloat, model_validator

from simulators.heritage_garden import layout
from simulators.heritage_garden.parts import Gate, Junction, Name, Part, Path, Polygon, Pond, Roof, Scene, Tree, Wall
from simulators.scenario import Text

__all__ = ["Garden"]

MOST_SCENES = 60  # the scenes that a visitor has seen are the bits of one number


class Garden(Part):
    """A walled garden."""

    name: Name
    title: Text
    area_m2: PositiveFloat = Field(description="area of the site, as published")
    outline_m: Polygon = Field(description="its boundary")
    origin_deg: tuple[float, float] | None = Field(default=None, description="longitude and latitude of (0, 0), WGS 84")
    sources: tuple[str, ...] = Field(default=(), description="where published figures come from")
    invented: tuple[str, ...] = Field(default=(), description="what is not published, and was made up for the model")
    gates: tuple[Gate, ...] = Field(min_length=1, max_length=20)
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=MOST_SCENES)
    junctions: tuple[Junction, ...] = Field(default=(), max_length=100)
    paths: tuple[Path, ...] = Field(min_length=1, max_length=300)
    ponds: tuple[Pond, ...] = Field(default=(), max_length=50)
    walls: tuple[Wall, ...] = Field(default=(), max_length=200)
    roofs: tuple[Roof, ...] = Field(default=(), max_length=200)
    trees: tuple[Tree, ...] = Field(default=(), max_length=2000)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        layout.check(self)
        return self

    @property
    def instantaneous_capacity(self) -> float:
        """Visitors at a time, C₁ = Σ Xᵢ/Yᵢ over the scenes (LB/T 034-2014)."""
        return math.fsum(scene.usable_area_m2 / scene.area_per_visitor_m2 for scene in self.scenes)

    def path_label(self, path: Path, language: str) -> str:
        """Return what people call a path: its label, or those of the places that it joins.

        Parameters
        ----------
        path
            One of the garden's.
        language
            Such as ``zh``.
        """
        if path.label is not None:
            return path.label.in_language(language)
        parts: tuple[Gate | Scene | Junction, ...] = (*self.gates, *self.scenes, *self.junctions)
        label = {part.name: part.label for part in parts}
        ends = ((name, label[name]) for name in (path.start, path.end))
        return " – ".join(name if text is None else text.in_language(language) for name, text in ends)
