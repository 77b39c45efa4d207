"""Scenes compiled: the rules of :class:`simulators.heritage_garden.crowd.SceneCrowd`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.heritage_garden.ranks import remove_first
from simulators.heritage_garden.timetable import put, take_out
from simulators.machine_code import inlined

if TYPE_CHECKING:
    from simulators.heritage_garden.compiled_state import Grounds
    from simulators.heritage_garden.timetable import Timetable

__all__ = ["crowd", "next_to_leave", "visit_ends"]


@inlined
def crowd(g: Grounds, number: int, visitors: int) -> None:
    """Change the visitors in a scene."""
    scene = g.scene[number]
    scene.visitors += visitors
    g.crowding[number] = g.odds[scene.odds_from + min(scene.visitors, scene.room)]


@inlined
def next_to_leave(g: Grounds, table: Timetable, number: int) -> None:
    """Let the timetable tell who of a scene's visitors has seen enough next."""
    scene, row = g.scene[number], len(g.path) + number
    if scene.parties == 0:
        take_out(table, row)
    else:
        first = g.guest[scene.odds_from]
        put(table, row, first.key_s, first.order)


@inlined
def visit_ends(g: Grounds, table: Timetable, number: int) -> int:
    """Take the first visitor out of a scene; return the party."""
    scene = g.scene[number]
    who = g.guest[scene.odds_from].party
    remove_first(g.guest, scene.odds_from, scene.parties)
    scene.parties -= 1
    next_to_leave(g, table, number)
    crowd(g, number, -g.party[who].size)
    return int(who)
