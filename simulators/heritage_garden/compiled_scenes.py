"""Scenes compiled: the rules of :class:`simulators.heritage_garden.crowd.SceneCrowd`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.heritage_garden.compiled_state import at
from simulators.heritage_garden.ranks import remove_first
from simulators.machine_code import inlined
from simulators.winner_tree import replay

if TYPE_CHECKING:
    from simulators.heritage_garden.compiled_state import Grounds
    from simulators.winner_tree import WinnerTree

__all__ = ["crowd", "next_to_leave", "visit_ends"]


@inlined
def crowd(g: Grounds, number: int, visitors: int) -> None:
    """Change the visitors in a scene."""
    scene = g.scene[at(number)]
    scene.visitors += visitors
    g.crowding[at(number)] = g.odds[at(scene.odds_from + min(scene.visitors, scene.room))]


@inlined
def next_to_leave(g: Grounds, tree: WinnerTree, number: int) -> None:
    """Let the tree tell who of a scene's visitors has seen enough next."""
    scene, leaf = g.scene[at(number)], np.uint32(len(g.path) + number)
    if scene.parties == 0:
        tree.time_s[leaf] = np.inf
    else:
        first = g.guest[at(scene.odds_from)]
        tree.time_s[leaf], tree.number[leaf] = first.key_s, first.order
    replay(tree, leaf)


@inlined
def visit_ends(g: Grounds, tree: WinnerTree, number: int) -> int:
    """Take the first visitor out of a scene; return the party."""
    scene = g.scene[at(number)]
    first = g.guest[at(scene.odds_from)]
    who, size = first.party, first.size
    remove_first(g.guest, scene.odds_from, scene.parties)
    scene.parties -= 1
    next_to_leave(g, tree, number)
    crowd(g, number, -size)
    return int(who)
