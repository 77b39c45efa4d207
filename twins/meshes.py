"""A scene as meshes for a graphics processor: attributes and programs, which any three.js draws the same way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from twins.ponds import cut_polygon
from twins.shaders import INSTANCED, programs
from twins.shapes import rgb, triangles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from twins.scene import Light, Movers, Scene, Vector, Water
    from twins.shaders import Programs

__all__ = ["Mesh", "meshes", "mover_copies", "mover_shape"]

AROUND_S = 2.0
REACH_M = 25.0
"""What is further from the ponds than this is not mirrored in them."""

MIXERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
"""Odd numbers with well mixed bits."""

FAR_S = 1e8
"""Times further off than this are always past or always to come; a graphics processor dislikes infinity."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with what the programs want to know of each corner, and of each copy.

    Parameters
    ----------
    name
        Unique within its scene.
    corners
        Attributes by name, one row for each of ``V`` corners; bytes stand for 0 to 1, or -1 to 1 where signed.
    index
        ``(T * 3,)`` rows of the corners of ``T`` triangles.
    copies
        Attributes by name, ``(N,)`` each; empty where there is only the one.
    vertex, fragment
        The programs.
    shown_s
        When it is drawn at all, seconds from the window's start; None for always.
    inside_out
        Whether its triangles are to be seen from behind: an image in the water is turned inside out.
    see_through
        Whether it is laid over what has been drawn before.
    """

    name: str
    corners: dict[str, NDArray[np.generic]]
    index: NDArray[np.uint32]
    copies: dict[str, NDArray[np.float32]]
    vertex: str
    fragment: str
    shown_s: tuple[float, float] | None = None
    inside_out: bool = False
    see_through: bool = False


def meshes(scene: Scene, origin_m: Vector, batch: int) -> list[Mesh]:
    """Make the meshes of a scene.

    Parameters
    ----------
    scene
        What is to be drawn.
    origin_m
        The point of the scene that is the origin of the drawing.
    batch
        Most copies in one mesh; few, so that those out of time can be left out.
    """
    origin = np.array(origin_m)
    level_m = scene.waters[0].level_m - origin[1] if scene.waters else None
    program = programs(scene.light, -origin[1], level_m)
    made = []
    if scene.solids:
        heap = triangles(scene.solids)
        corners, index = _corners(heap.position_m - origin, heap.normal, heap.paint)
        made.append(Mesh("still", corners, index, {}, program.still, program.dry_fragment))
        if level_m is not None:
            made.append(_image(made[0], scene.waters, origin, level_m, program))
    made += [_pond(water, f"pond {number}", origin, program) for number, water in enumerate(scene.waters)]
    for movers in scene.movers:
        made += _batches(movers, origin, program, batch)
    return made


def mover_shape(movers: Movers, light: Light, origin_m: Vector = (0.0, 0.0, 0.0)) -> Mesh:
    """Return the mesh of one kind of movers without any copies."""
    return _shape(movers, programs(light, -origin_m[1]))


def mover_copies(movers: Movers, origin: NDArray[np.float64]) -> dict[str, NDArray[np.float32]]:
    """Return the attributes that place the copies of one kind of movers, ``(N,)`` each."""
    columns = (
        *(movers.from_m - origin).T,
        *(movers.to_m - origin).T,
        movers.cross_m - origin[0],
        *(np.clip(time_s, -FAR_S, FAR_S) for time_s in (movers.appear_s, movers.arrive_s, movers.vanish_s)),
        movers.color,
        np.where(movers.blink, -1.0, movers.swing_m),
    )
    return {name: column.astype(np.float32) for name, column in zip(INSTANCED, columns, strict=True)}


def _shape(movers: Movers, program: Programs) -> Mesh:
    heap = triangles(movers.shape)
    corners, index = _corners(heap.position_m, heap.normal, heap.paint)
    vertex = {"lanes": program.lanes, "straight": program.straight}[movers.path]
    return Mesh(movers.name, corners, index, {}, vertex, program.fragment)


def _batches(movers: Movers, origin: NDArray[np.float64], program: Programs, batch: int) -> list[Mesh]:
    """Cut movers by time, so that only those of the moment are drawn."""
    shape = _shape(movers, program)
    order = np.argsort(movers.appear_s, kind="stable")
    made = []
    for first in range(0, len(order), batch):
        mine = movers.chosen(order[first : first + batch])
        shown_s = np.clip([mine.appear_s.min() - AROUND_S, mine.vanish_s.max() + AROUND_S], -FAR_S, FAR_S)
        name, copies = f"{movers.name} {first // batch}", mover_copies(mine, origin)
        made.append(replace(shape, name=name, copies=copies, shown_s=(float(shown_s[0]), float(shown_s[1]))))
    return made


def _corners(
    position_m: NDArray[np.floating], normal: NDArray[np.floating], paint: NDArray[np.floating]
) -> tuple[dict[str, NDArray[np.generic]], NDArray[np.uint32]]:
    """Return the attributes of the corners that differ, and which of them each triangle has."""
    # Four bytes for each normal keep the corners aligned.
    flat = np.zeros((len(normal), 4), np.int8)
    flat[:, :3] = np.rint(normal * 127)
    corners = {
        "position": position_m.astype(np.float32) + np.float32(0),  # -0.0 is no other place than 0.0
        "normal": flat,
        "paint": np.rint(paint * 255).astype(np.uint8),
    }
    rows = np.zeros((len(normal), 24), np.uint8)
    rows[:, :20] = np.concatenate([np.ascontiguousarray(column).view(np.uint8) for column in corners.values()], axis=1)
    words = rows.view(np.uint64)
    # Sorting 64-bit numbers is much faster than sorting rows; that no two rows met in one number is checked.
    mixed = (words * MIXERS).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(29)
    _, first, index = np.unique(mixed, return_index=True, return_inverse=True)
    if not (words[first[index]] == words).all():
        _, first, index = np.unique(words, axis=0, return_index=True, return_inverse=True)
    return {name: column[first] for name, column in corners.items()}, index.ravel().astype(np.uint32)


def _image(
    still: Mesh, waters: Sequence[Water], origin: NDArray[np.float64], level_m: float, program: Programs
) -> Mesh:
    """Return what the ponds mirror: all that shines like the sky, and all that is near and above the water."""
    shore = np.concatenate([np.asarray(water.outline_m, np.float64) for water in waters]) - origin[[0, 2]]
    position = still.corners["position"].astype(np.float64)[still.index]
    glow = still.corners["paint"][still.index, 3]
    across = position[:, [0, 2]]
    near = ((across > shore.min(axis=0) - REACH_M) & (across < shore.max(axis=0) + REACH_M)).all(axis=1)
    above = position[:, 1] > level_m
    seen = ((near & above).reshape(-1, 3).any(axis=1)) | (glow.reshape(-1, 3) == 255).all(axis=1)
    return replace(
        still,
        name="image",
        index=still.index.reshape(-1, 3)[seen].ravel(),
        vertex=program.mirrored,
        fragment=program.mirrored_fragment,
        inside_out=True,
    )


def _pond(water: Water, name: str, origin: NDArray[np.float64], program: Programs) -> Mesh:
    flat = np.asarray(water.outline_m, np.float64)[cut_polygon(water.outline_m).reshape(-1)]
    position = np.insert(flat, 1, water.level_m, axis=1) - origin
    paints = {"sheen": rgb(water.color), "deep": rgb(water.deep_color)}
    corners: dict[str, NDArray[np.generic]] = {"position": position.astype(np.float32)}
    for paint, color in paints.items():
        corners[paint] = np.tile(np.array(color, np.float32), (len(position), 1))
    index = np.arange(len(position), dtype=np.uint32)
    return Mesh(name, corners, index, {}, program.water, program.water_fragment, see_through=True)
