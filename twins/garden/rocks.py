"""Stones: Taihu limestone, worn thin, wrinkled and full of holes (瘦皱漏透); boulders.

A Taihu stone is the skin of a field (surface nets: S. F. F. Gibson, "Constrained elastic surface nets", 1998): an
uneven pillar, less the hollows that water left in it.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

from twins.garden.ground import normals
from twins.garden.mesh import Mesh, Numbers, joined, triangles
from twins.shapes import rgb

__all__ = ["boulders", "taihu_stone"]

CELLS = (18, 18, 30)


def taihu_stone(noise: np.random.Generator, color: str, *, cells: tuple[int, int, int] = CELLS) -> Mesh:
    """Return a stone one metre high, its foot a little below zero.

    Parameters
    ----------
    noise
        Its shape.
    color
        ``#rrggbb``.
    cells
        Of the grid that its field is sampled on.
    """
    axes = [np.linspace(-0.36, 0.36, cells[0]), np.linspace(-0.36, 0.36, cells[1]), np.linspace(-0.12, 1.06, cells[2])]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    field = _one_piece(_field(grid, noise))
    points, corners = _skin(field, axes)
    facing = normals(points, corners)
    # Light finds its way where the field falls off quickly: look a little outwards, twice.
    light = np.ones(len(points))
    for reach, weight in ((0.05, 0.35), (0.12, 0.45)):
        light -= weight * smooth(_sampled(field, axes, points + reach * facing))
    light *= 0.78 + 0.3 * np.clip(points[:, 2], 0, 1)
    colors = np.array(rgb(color)) * np.clip(light, 0.28, 1.15)[:, None]
    return triangles(points[corners], colors[corners], facing[corners])


def smooth(value: Numbers) -> Numbers:
    """Return how far inside the stone a place is, 0 to 1."""
    return np.asarray(1 / (1 + np.exp(-22 * value)))


def _field(grid: Numbers, noise: np.random.Generator) -> Numbers:
    """Return a field that is positive within the stone."""
    height = grid[..., 2]
    knots = noise.uniform(-0.10, 0.10, (6, 2))
    widths = noise.uniform(0.15, 0.27, 6) * np.array((1.3, 1.0, 0.9, 1.05, 1.15, 0.55))
    level = np.linspace(-0.1, 1.0, 6)
    middle = np.stack([np.interp(height, level, knots[:, axis]) for axis in (0, 1)], axis=-1)
    width = np.interp(height, level, widths)
    radius = np.linalg.norm((grid[..., :2] - middle) * (1.0, 1.35), axis=-1)
    field = width - radius
    field = np.minimum(field, 1.4 * (0.99 - height))
    for scale, share in ((7.0, 0.085), (13.0, 0.055), (24.0, 0.03)):
        way, phase = noise.normal(0, scale, (4, 3)), noise.uniform(0, 2 * np.pi, 4)
        waves = np.sin(np.einsum("...i,ni->...n", grid, way) + phase)
        field = field + share * (1 - 2 * abs(waves).mean(axis=-1) ** 0.7)  # sharp furrows between round ribs
    for _ in range(9):
        at = np.array((*noise.uniform(-0.2, 0.2, 2), noise.uniform(0.12, 0.92)))
        along = noise.normal(0, 1, 3) * (1, 1, 0.35)
        along /= np.linalg.norm(along)
        aside = grid - at
        lengthwise = aside @ along
        away = np.linalg.norm(aside - lengthwise[..., None] * along, axis=-1)
        hollow = np.maximum(away - noise.uniform(0.03, 0.075), abs(lengthwise) - noise.uniform(0.12, 0.5))
        field = np.minimum(field, 1.2 * hollow)
    field[0], field[-1], field[:, 0], field[:, -1], field[..., 0], field[..., -1] = -1, -1, -1, -1, -1, -1
    return np.asarray(field)


def _one_piece(field: Numbers) -> Numbers:
    """Return the field without what does not hang together with the largest piece."""
    pieces, count = label(field > 0)
    if count < 2:
        return field
    largest = 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    return np.where((pieces > 0) & (pieces != largest), -0.05, field)


def _skin(field: Numbers, axes: list[Numbers]) -> tuple[Numbers, np.ndarray[tuple[int, int], np.dtype[np.int32]]]:
    """Return points and triangles of the skin where a field is zero, one point in every cell that it passes."""
    within = field > 0
    total = np.zeros((*(size - 1 for size in field.shape), 3))
    count = np.zeros(total.shape[:3])
    for axis in range(3):
        steps = np.moveaxis(field, axis, 0)
        a, b = steps[:-1], steps[1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where((a > 0) != (b > 0), a / (a - b), np.nan)
        one, two = (other for other in range(3) if other != axis)
        for shift_one in (0, 1):
            for shift_two in (0, 1):
                part = np.moveaxis(share, 0, axis)
                part = np.take(part, np.arange(shift_one, part.shape[one] - 1 + shift_one), axis=one)
                part = np.take(part, np.arange(shift_two, part.shape[two] - 1 + shift_two), axis=two)
                here = ~np.isnan(part)
                place = np.zeros((*part.shape, 3))
                place[..., axis] = np.where(here, part, 0)
                place[..., one], place[..., two] = shift_one, shift_two
                total[here] += place[here]
                count += here
    used = count > 0
    number = np.full(count.shape, -1)
    number[used] = np.arange(used.sum())
    cell = np.argwhere(used) + total[used] / count[used][:, None]
    points = np.stack([np.interp(cell[:, axis], np.arange(len(axes[axis])), axes[axis]) for axis in range(3)], axis=1)
    faces = []
    for axis in range(3):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        near, far = (np.take(within, np.arange(start, within.shape[axis] - 1 + start), axis=axis) for start in (0, 1))
        for inside_first in (True, False):
            edge = np.argwhere((near & ~far) if inside_first else (~near & far))
            edge = edge[(edge[:, one] > 0) & (edge[:, two] > 0)]
            ring = []
            for back_one, back_two in ((1, 1), (0, 1), (0, 0), (1, 0)):
                cell_of = edge.copy()
                cell_of[:, one] -= back_one
                cell_of[:, two] -= back_two
                ring.append(number[tuple(cell_of.T)])
            if not inside_first:
                ring.reverse()
            w, x, y, z = ring
            faces += [np.stack((w, x, y), axis=1), np.stack((w, y, z), axis=1)]
    return points, np.concatenate(faces).astype(np.int32)


def _sampled(field: Numbers, axes: list[Numbers], points: Numbers) -> Numbers:
    """Return the field at the grid points nearest to points."""
    index = []
    for axis in range(3):
        step = axes[axis][1] - axes[axis][0]
        nearest = np.round((points[:, axis] - axes[axis][0]) / step).astype(int)
        index.append(np.clip(nearest, 0, len(axes[axis]) - 1))
    return np.asarray(field[tuple(index)])


OCTAHEDRON = np.array(
    [[(1, 0, 0), (0, 1, 0), (0, 0, 1)], [(0, 1, 0), (-1, 0, 0), (0, 0, 1)],
     [(-1, 0, 0), (0, -1, 0), (0, 0, 1)], [(0, -1, 0), (1, 0, 0), (0, 0, 1)]], float
)  # fmt: skip


def _dome(levels: int) -> Numbers:
    """Return ``(T, 3, 3)`` triangles of the upper half of a unit ball."""
    faces = OCTAHEDRON
    for _ in range(levels):
        a, b, c = faces.transpose(1, 0, 2)
        ab, bc, ca = a + b, b + c, c + a
        faces = np.concatenate([np.stack(corners, axis=1) for corners in
                                ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])  # fmt: skip
        faces = faces / np.linalg.norm(faces, axis=2, keepdims=True)
    return faces


def boulders(at_m: Numbers, size_m: Numbers, color: str, noise: np.random.Generator) -> Mesh:
    """Return ``N`` rough stones.

    Parameters
    ----------
    at_m
        ``(N, 3)`` their feet.
    size_m
        ``(N, 3)`` half their extents and their height.
    color
        ``#rrggbb``.
    noise
        Their shapes.
    """
    dome = _dome(1)
    if not len(at_m):
        return joined([])
    way = noise.normal(0, 2.1, (len(at_m), 3, 3))
    phase = noise.uniform(0, 2 * np.pi, (len(at_m), 3))
    waves = np.sin(np.einsum("tci,nki->ntck", dome, way) + phase[:, None, None])
    radius = 1 + 0.17 * waves.sum(axis=-1)
    shape = dome[None] * radius[..., None]
    points = (shape * size_m[:, None, None] + at_m[:, None, None]).reshape(-1, 3, 3)
    tone = 0.62 + 0.42 * np.clip(dome[..., 2], 0, 1)[None] * np.ones((len(at_m), 1, 1))
    tone = tone * noise.uniform(0.85, 1.1, (len(at_m), 1, 1))
    colors = tone.reshape(-1, 3)[..., None] * np.array(rgb(color))
    facing = np.broadcast_to(dome / size_m[:, None, None], shape.shape).reshape(-1, 3, 3)
    facing = facing / np.linalg.norm(facing, axis=2, keepdims=True)
    return triangles(points, np.clip(colors, 0, 1), facing)
