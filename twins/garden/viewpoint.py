"""Where one first stands: low above one end of the largest pond, looking along it at what stands around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.heritage_garden.geometry import area_m2
from twins.garden.plan import closed, distance_m, inside, resampled
from twins.scene import Camera

if TYPE_CHECKING:
    from simulators.heritage_garden import Garden
    from twins.garden.mesh import Numbers
    from twins.garden.terrain import Terrain

__all__ = ["first_view", "principal_place"]

EYE_M = 5.6
VIEW_ANGLE_DEG = 36.0
HALF_WIDTH_RAD = np.radians(34.0)
BACK_M = 5.0
ROOM_M = 3.5


def principal_place(garden: Garden) -> Numbers:
    """Return the middle of the largest pond, or of the garden where there is none."""
    if not garden.ponds:
        return np.asarray(np.array(garden.outline_m).mean(axis=0))
    largest = max(garden.ponds, key=lambda pond: area_m2(pond.polygon_m))
    return np.asarray(resampled(closed(largest.polygon_m), 1.0).mean(axis=0))


def first_view(garden: Garden, terrain: Terrain) -> Camera:
    """Return the first view of a garden.

    Of many places around the pond, that one is taken from which most water and most buildings are seen, nearer ones
    for more, with none close before the eye.
    """
    middle = principal_place(garden)
    if not terrain.shores:
        low, high = np.array(garden.outline_m).min(axis=0), np.array(garden.outline_m).max(axis=0)
        return _camera(np.array((middle[0], low[1] - 0.2 * (high[1] - low[1]))), middle, 30.0)
    shore = terrain.shores[int(np.argmax([area_m2(line.tolist()) for line in terrain.shores]))]
    edge = resampled(closed(shore), 2.0)[:-1]
    buildings = [np.array(scene.polygon_m) for scene in garden.scenes if scene.sheltered]
    homes = np.array([corners.mean(axis=0) for corners in buildings]).reshape(-1, 2)
    sizes = np.array([np.sqrt(area_m2(corners.tolist())) for corners in buildings])
    found: list[tuple[float, Numbers, Numbers, float]] = []
    for angle in np.linspace(0, 2 * np.pi, 48, endpoint=False):
        way = np.array((np.cos(angle), np.sin(angle)))
        reach = (edge - middle) @ way
        first, last = edge[np.argmin(reach)], edge[np.argmax(reach)]
        for aside in (-6.0, 0.0, 6.0):
            near = float(np.clip(0.35 * (last - first) @ way, 7.0, 16.0))
            eye = first + aside * np.array((-way[1], way[0])) * 0.7 - way * BACK_M
            target = middle + way * 0.18 * (last - first) @ way
            score = _score(eye, target, near, shore, buildings, homes, sizes, garden)
            found.append((score, eye, target, near))
    _, eye, target, near = max(found, key=lambda one: one[0])
    return _camera(eye, target, EYE_M * near / 16.0 + 0.6)


def _score(eye: Numbers, target: Numbers, near_m: float, shore: Numbers, buildings: list[Numbers], homes: Numbers,
           sizes: Numbers, garden: Garden) -> float:  # fmt: skip
    if not inside(eye[None], garden.outline_m)[0]:
        return -np.inf
    if any(
        inside(eye[None], corners)[0] or distance_m(eye[None], closed(corners))[0] < ROOM_M for corners in buildings
    ):
        return -np.inf
    solid = [path.line_m for path in garden.paths if path.kind == "covered_corridor"]
    solid += [wall.line_m for wall in garden.walls]
    if any(distance_m(eye[None], np.array(line))[0] < ROOM_M for line in solid):
        return -np.inf
    way = (target - eye) / np.linalg.norm(target - eye)
    rays = [np.array((way[0] * np.cos(a) - way[1] * np.sin(a), way[0] * np.sin(a) + way[1] * np.cos(a)))
            for a in np.linspace(-HALF_WIDTH_RAD, HALF_WIDTH_RAD, 7)]  # fmt: skip
    steps = np.arange(6.0, 60.0, 3.0)
    places = np.concatenate([eye + ray * steps[:, None] for ray in rays])
    water = float(inside(places, shore).mean())
    score = 6.0 * water
    if len(homes):
        seen = homes - eye
        far = np.linalg.norm(seen, axis=1)
        angle = np.arccos(np.clip(seen @ way / far, -1, 1))
        ahead = angle < HALF_WIDTH_RAD
        score += float((sizes * np.clip((far - 12) / 12, 0, 1) / (14 + 0.5 * far))[ahead & (far < 120)].sum())
        score -= 4.0 * float((ahead & (far < near_m)).sum()) + 1.5 * float(
            ((angle < 0.5 * HALF_WIDTH_RAD) & (far < 2.1 * near_m)).sum()
        )
    trees = np.array([tree.at_m for tree in garden.trees]).reshape(-1, 2) - eye
    if len(trees):
        away = np.linalg.norm(trees, axis=1)
        score -= 3.0 * float((np.arccos(np.clip(trees @ way / away, -1, 1)) < HALF_WIDTH_RAD)[away < 32].sum())
    walls = [np.array(wall.line_m) for wall in garden.walls]
    near = places[np.tile(steps < 25, len(rays))]
    score -= 2.0 * sum(float((distance_m(near, line) < 1.5).any()) for line in walls)
    return score


def _camera(eye: Numbers, target: Numbers, eye_m: float) -> Camera:
    return Camera((float(eye[0]), eye_m, float(-eye[1])), (float(target[0]), 2.2, float(-target[1])), VIEW_ANGLE_DEG)
