"""What must hold in a garden's layout, said with the name of the scene or path and found in its line of the file."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from simulators.heritage_garden.geometry import (
    Point,
    area_m2,
    crossing_at,
    distance_to_polygon_m,
    edges,
    inside,
    length_m,
    self_crossing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from simulators.heritage_garden.parts import Gate, Junction, Path, Pond, Roof, Scene, Wall

__all__ = ["Fault", "Plan", "check", "refuse"]

Fault: TypeAlias = tuple[tuple[str | int, ...], object, str]
"""Where in the document, the value that stands there, and what is wrong with it."""

REACH_M = 1.5  # how far from its node a path may begin: half of a threshold
SHORTEST_M = 0.5
BRIDGES = ("bridge", "zigzag_bridge")
PASSAGES = ("door", "moon_gate")


class Plan(Protocol):
    """The layers of a garden that are looked at."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def outline_m(self) -> tuple[Point, ...]:
        """Its boundary."""

    @property
    def gates(self) -> tuple[Gate, ...]:
        """Its gates."""

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """Its scenes."""

    @property
    def junctions(self) -> tuple[Junction, ...]:
        """Its junctions."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its paths."""

    @property
    def ponds(self) -> tuple[Pond, ...]:
        """Its ponds."""

    @property
    def walls(self) -> tuple[Wall, ...]:
        """Its walls."""

    @property
    def roofs(self) -> tuple[Roof, ...]:
        """Its roofs."""


def refuse(title: str, faults: Iterable[Fault]) -> None:
    """Raise pydantic's error with all faults, each at its own place, if there are any."""
    details = [
        InitErrorDetails(type=PydanticCustomError("layout", "{fault}", {"fault": what}), loc=where, input=value)
        for where, value, what in faults
    ]
    if details:
        raise ValidationError.from_exception_data(title, details)


def check(garden: Plan) -> None:
    """Refuse a garden that cannot be.

    Raises
    ------
    pydantic.ValidationError
        With one entry for every fault: a name given twice, a polygon that crosses itself, a scene for nobody, a path
        that ends nowhere or leads through a wall or a pond, a scene that is not connected.
    """
    faults = [fault for look in (_names, _polygons, _capacities, _openings) for fault in look(garden)]
    ends = list(_path_ends(garden))
    faults += ends
    if not ends:
        faults += [fault for look in (_passages, _connections) for fault in look(garden)]
    refuse("Garden", faults)


def _names(garden: Plan) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for layer in ("gates", "scenes", "junctions", "paths"):
        for position, part in enumerate(getattr(garden, layer)):
            if part.name in seen:
                what = f"stands at {seen[part.name]} and at one of the {layer}; give each its own name"
                yield (layer, position, "name"), part.name, what
            seen.setdefault(part.name, f"one of the {layer}")


def _polygons(garden: Plan) -> Iterator[Fault]:
    polygons: list[tuple[tuple[str | int, ...], str, str, tuple[Point, ...]]] = [
        (("outline_m",), "garden", garden.name, garden.outline_m)
    ]
    for layer, one in (("scenes", "scene"), ("ponds", "pond"), ("roofs", "roof")):
        polygons += [
            ((layer, position, "polygon_m"), one, part.name, part.polygon_m)
            for position, part in enumerate(getattr(garden, layer))
        ]
    for where, one, name, polygon in polygons:
        crossed = self_crossing(polygon)
        if crossed is not None:
            what = f"{one} {name!r}: sides {crossed[0]} and {crossed[1]} of its polygon cross; put its corners in order"
            yield where, name, what


def _capacities(garden: Plan) -> Iterator[Fault]:
    for position, scene in enumerate(garden.scenes):
        where = ("scenes", position, "usable_area_m2")
        if scene.usable_area_m2 < scene.area_per_visitor_m2:
            what = (
                f"scene {scene.name!r} has a carrying capacity of 0, as each visitor needs "
                f"{scene.area_per_visitor_m2:g} m²; give it more usable area, or leave it out"
            )
            yield where, scene.usable_area_m2, what
        elif scene.usable_area_m2 > area_m2(scene.polygon_m) * 1.001 and self_crossing(scene.polygon_m) is None:
            what = f"scene {scene.name!r}: more than the {area_m2(scene.polygon_m):.1f} m² of its polygon"
            yield where, scene.usable_area_m2, what


def _openings(garden: Plan) -> Iterator[Fault]:
    for position, wall in enumerate(garden.walls):
        total = length_m(wall.line_m)
        for number, opening in enumerate(wall.openings):
            if opening.at_m > total or opening.head_m > wall.height_m or opening.sill_m >= opening.head_m:
                what = (
                    f"wall {wall.name!r}: the opening must lie within its {total:.1f} m, with sill_m < head_m ≤ "
                    f"height_m = {wall.height_m:g}"
                )
                yield ("walls", position, "openings", number, "at_m"), opening.at_m, what


def _path_ends(garden: Plan) -> Iterator[Fault]:
    distance: dict[str, Callable[[Point], float]] = {}
    for scene in garden.scenes:
        distance[scene.name] = lambda point, polygon=scene.polygon_m: distance_to_polygon_m(point, polygon)  # type: ignore[misc]
    spots = [(gate.name, gate.at_m) for gate in garden.gates]
    spots += [(junction.name, junction.at_m) for junction in garden.junctions]
    for name, at_m in spots:
        distance[name] = lambda point, at_m=at_m: length_m((point, at_m))  # type: ignore[misc]
    for position, path in enumerate(garden.paths):
        for field, name, point in (("start", path.start, path.line_m[0]), ("end", path.end, path.line_m[-1])):
            where = ("paths", position, field)
            if name not in distance:
                yield where, name, f"path {path.name!r}: there is no gate, scene or junction of that name"
            elif distance[name](point) > REACH_M:
                away = distance[name](point)
                what = f"path {path.name!r}: its line lies {away:.1f} m from {name!r}; at most {REACH_M} m are allowed"
                yield where, name, what
        if path.length_m < SHORTEST_M:
            what = f"path {path.name!r} must be at least {SHORTEST_M} m long"
            yield ("paths", position, "line_m"), path.name, what
        if path.start == path.end:
            yield ("paths", position, "end"), path.end, f"path {path.name!r}: ends where it starts"


def _passages(garden: Plan) -> Iterator[Fault]:
    shapes = {scene.name: scene.polygon_m for scene in garden.scenes}
    for position, path in enumerate(garden.paths):
        home = [shapes[name] for name in (path.start, path.end) if name in shapes]
        where = ("paths", position, "line_m")
        for wall in garden.walls:
            if _hits(path, wall):
                what = f"path {path.name!r} leads through wall {wall.name!r}; give the wall a door there, or go round"
                yield where, path.name, what
        if path.kind in BRIDGES:
            continue
        for pond in garden.ponds:
            if any(not any(inside(p, shape) for shape in home) for p in _wet(path, pond.polygon_m)):
                what = f"path {path.name!r} leads through pond {pond.name!r}; make it a bridge, or go round"
                yield where, path.name, what


def _hits(path: Path, wall: Wall) -> bool:
    """Return whether a path crosses a wall where it has no door."""
    before_m = 0.0
    for side in pairwise(wall.line_m):
        long_m = length_m(side)
        for step in pairwise(path.line_m):
            share = crossing_at(side, step)
            if share is None:
                continue
            at_m = before_m + share * long_m
            doors = (opening for opening in wall.openings if opening.kind in PASSAGES)
            if not any(abs(at_m - door.at_m) <= door.width_m / 2 for door in doors):
                return True
        before_m += long_m
    return False


def _wet(path: Path, pond: tuple[Point, ...]) -> Iterator[Point]:
    """Return points of a path that lie in a pond or on its shore."""
    yield from (point for point in path.line_m if inside(point, pond))
    for a, b in pairwise(path.line_m):
        for side in edges(pond):
            share = crossing_at((a, b), side)
            if share is not None:
                yield (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))


def _connections(garden: Plan) -> Iterator[Fault]:
    entrances = [gate.name for gate in garden.gates if gate.entrance]
    exits = [gate.name for gate in garden.gates if gate.exit]
    if not entrances or not exits:
        yield ("gates",), None, "need at least one entrance and one exit"
        return
    onward: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for path in garden.paths:
        ways = [(path.start, path.end)] if path.one_way != "backward" else []
        ways += [(path.end, path.start)] if path.one_way != "forward" else []
        for start, end in ways:
            onward.setdefault(start, []).append(end)
            back.setdefault(end, []).append(start)
    reached, returning = _spread(entrances, onward), _spread(exits, back)
    for position, scene in enumerate(garden.scenes):
        if scene.name not in reached or scene.name not in returning:
            missing = "from an entrance" if scene.name not in reached else "to an exit"
            what = f"scene {scene.name!r} is not connected: no way leads {missing}; add a path"
            yield ("scenes", position, "name"), scene.name, what
    for position, gate in enumerate(garden.gates):
        if (gate.entrance and gate.name not in returning) or (gate.exit and gate.name not in reached):
            what = f"gate {gate.name!r} is not connected; add a path"
            yield ("gates", position, "name"), gate.name, what


def _spread(start: list[str], ways: dict[str, list[str]]) -> set[str]:
    found, open_ends = set(start), list(start)
    while open_ends:
        for name in ways.get(open_ends.pop(), ()):
            if name not in found:
                found.add(name)
                open_ends.append(name)
    return found
