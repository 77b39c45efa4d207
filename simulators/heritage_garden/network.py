"""The garden as both engines walk it: nodes, paths, speeds and odds as arrays, made once a run.

Nodes are gates, scenes and junctions, in this order, so that a gate or scene has the same number as a node and as a
place of the journal.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulators.heritage_garden.walking import (
    FREE_SPEED_M_S,
    SPECIFIC_FLOW,
    slope_factor,
    speeds_m_s,
    stair_factor,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.heritage_garden.parts import Path, Scene
    from simulators.heritage_garden.scenario import HeritageGarden

__all__ = ["Network"]

STANDING_DENSITY = 4.0  # visitors/m² of usable area above which nobody squeezes into a scene


class Network:
    """``N`` nodes, ``S`` scenes, ``P`` paths, ``G`` gates.

    Parameters
    ----------
    scenario
        The garden and its visitors.

    Attributes
    ----------
    gates, scenes, paths, nodes
        How many there are.
    start, end
        ``(P,)`` nodes at the ends of each path.
    level_m
        ``(P, 2)`` length that a path would have on the level, to take the same time: forward, backward.
    area_m2
        ``(P,)`` of each path.
    room
        ``(P,)`` most visitors on a path.
    headway_s
        ``(P,)`` least time between two visitors at the narrowest place of a path.
    pace
        For each path ``(room + 1,)`` speed over free speed, by the visitors on it.
    step_free
        ``(P,)`` whether a wheelchair passes.
    is_exit
        ``(N,)`` whether a node is an exit.
    scene_room, carrying
        ``(S,)`` most visitors that fit, and carrying capacity of each scene.
    odds
        For each scene ``(scene_room + 1,)`` factor of its odds in the logit, by the visitors in it.
    novelty, leaving
        Factor of the odds of a scene seen before; odds of leaving when the time to stay is over.
    """

    def __init__(self, scenario: HeritageGarden) -> None:
        garden, taste = scenario.garden, scenario.taste
        self.scenario = scenario
        self.gates, self.scenes, self.paths = len(garden.gates), len(garden.scenes), len(garden.paths)
        names = [part.name for part in (*garden.gates, *garden.scenes, *garden.junctions)]
        node = {name: number for number, name in enumerate(names)}
        self.nodes = len(names)
        self.start = np.array([node[path.start] for path in garden.paths])
        self.end = np.array([node[path.end] for path in garden.paths])
        length_m = np.array([path.length_m for path in garden.paths])
        self.level_m = length_m[:, np.newaxis] / np.array([_factors(path) for path in garden.paths])
        self.area_m2 = length_m * np.array([path.width_m for path in garden.paths])
        most = np.array([path.most_density for path in garden.paths])
        self.room = np.maximum(1, np.floor(most * self.area_m2)).astype(np.int64)
        widths = [min(path.narrowest_m or path.width_m, path.width_m) for path in garden.paths]
        self.headway_s = 1 / (SPECIFIC_FLOW * np.array(widths))
        self.pace = [
            _pace(area_m2, room, path.most_density)
            for area_m2, room, path in zip(self.area_m2.tolist(), self.room.tolist(), garden.paths, strict=True)
        ]
        self.step_free = np.array([path.step_free for path in garden.paths])
        self.is_exit = np.zeros(self.nodes, np.bool_)
        self.is_exit[: self.gates] = [gate.exit for gate in garden.gates]
        self.carrying = np.array([scene.carrying_capacity for scene in garden.scenes])
        self.scene_room = np.array([_room(scene) for scene in garden.scenes])
        self.odds = [
            np.exp(-taste.crowding / carrying * np.arange(room + 1))
            for carrying, room in zip(self.carrying.tolist(), self.scene_room.tolist(), strict=True)
        ]
        self.novelty = math.exp(-taste.novelty)
        self.leaving = math.exp(taste.leaving)

    def attraction(self, walk_m: NDArray[np.float64], *, raining: bool) -> NDArray[np.float64]:
        """Return the odds ``(N, S)`` of empty scenes that have not been seen, given the walks ``(N, N)`` to all nodes.

        0 where a scene cannot be reached, attracts nobody, or is where the visitor stands.
        """
        taste, scenes = self.scenario.taste, self.scenario.garden.scenes
        utility = np.array([taste.attractiveness * scene.attractiveness for scene in scenes])
        if raining:
            utility -= [0.0 if scene.sheltered else self.scenario.weather.spoils for scene in scenes]
        places = np.arange(self.gates, self.gates + self.scenes)
        found: NDArray[np.float64] = np.exp(utility - taste.distance * walk_m[:, places] / 100.0)
        found[places, np.arange(self.scenes)] = 0.0
        found[:, [scene.attractiveness == 0 for scene in scenes]] = 0.0
        return found


def _factors(path: Path) -> tuple[float, float]:
    if path.kind == "stairs":
        return stair_factor(path.rise_m), stair_factor(-path.rise_m)
    slope = path.rise_m / path.length_m
    return slope_factor(slope), slope_factor(-slope)


def _pace(area_m2: float, room: int, most_density: float) -> NDArray[np.float64]:
    density = np.minimum(np.arange(room + 1) / area_m2, most_density)
    return speeds_m_s(density) / FREE_SPEED_M_S


def _room(scene: Scene) -> int:
    fits = math.floor(STANDING_DENSITY * scene.usable_area_m2)
    return fits if scene.limit is None else min(scene.limit, fits)
