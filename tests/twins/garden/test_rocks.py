"""Taihu stones are of one piece, with holes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from twins.garden.rocks import taihu_stone


@pytest.mark.parametrize("seed", range(4))
def test_a_stone_is_of_one_closed_piece(seed: int) -> None:
    stone = taihu_stone(np.random.default_rng(seed), "#a9aaa4")
    points, corner = np.unique(stone.position_m.reshape(-1, 3).round(9), axis=0, return_inverse=True)
    a, b, c = corner.reshape(-1, 3).T
    edges = np.concatenate((np.stack((a, b)), np.stack((b, c)), np.stack((c, a))), axis=1)
    pieces, _ = connected_components(coo_array((np.ones(edges.shape[1]), edges), shape=(len(points),) * 2))
    assert pieces == 1
    both = np.unique(np.sort(edges, axis=0), axis=1, return_counts=True)[1]
    assert (both % 2 == 0).all()  # every edge has a triangle on either side


def test_most_stones_have_a_hole_right_through() -> None:
    genus = []
    for seed in range(6):
        corners = taihu_stone(np.random.default_rng(seed), "#a9aaa4").position_m.reshape(-1, 3).round(9)
        points, corner = np.unique(corners, axis=0, return_inverse=True)
        faces = corner.reshape(-1, 3)
        edges = np.unique(
            np.sort(np.concatenate((faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]])), axis=1), axis=0
        )
        genus.append(1 - (len(points) - len(edges) + len(faces)) / 2)  # Euler's formula
    assert np.mean(np.array(genus) >= 1) > 0.5
