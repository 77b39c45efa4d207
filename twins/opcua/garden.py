"""A heritage garden as OPC UA shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.heritage_garden.commands import FollowPlan, RaiseAlarm
from twins.opcua.thing import UNLIMITED, Action, Data, Snapshot, Thing, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.heritage_garden import HeritageGarden

__all__ = ["things"]


def things(scenario: HeritageGarden, snapshot: Snapshot) -> tuple[Thing, ...]:
    """Return the garden as a whole, its gates, scenes and paths."""
    garden = scenario.garden
    whole = Thing(
        "Garden",
        "GardenType",
        garden.title,
        values=(
            Value("Visitors", "Int64", lambda now: now["inside"]),
            Value("CarryingCapacity", "Double", lambda now: now["capacity"]),
            Value("Cap", "Int64", lambda now: UNLIMITED if now["cap"] is None else now["cap"], _set_cap),
            Value("Raining", "Boolean", lambda now: now["raining"]),
            Value("Alarm", "Boolean", lambda now: now["alarm"]),
        ),
        actions=(Action("RaiseAlarm", RaiseAlarm, {}),),
    )
    gates = [_gate(number, gate.name, gate.label) for number, gate in enumerate(garden.gates)]
    scenes = [_scene(number, scene.name, scene.label) for number, scene in enumerate(garden.scenes)]
    paths = [_path(number, path.name, path.label) for number, path in enumerate(garden.paths)]
    return (
        whole,
        Thing("Gates", "FolderType", parts=tuple(gates)),
        Thing("Scenes", "FolderType", parts=tuple(scenes)),
        Thing("Paths", "FolderType", parts=tuple(paths)),
    )


def _set_cap(visitors: int) -> Data:
    return {"command": "set_cap", "visitors": None if visitors == UNLIMITED else visitors}


def _gate(number: int, name: str, title: Any) -> Thing:  # noqa: ANN401 - a text or none
    of = _of("gates", number)

    def set_counters(counters: int) -> Data:
        return {"command": "set_counters", "gate": name, "counters": counters}

    values = (
        Value("VisitorsQueued", "Int64", of("queued")),
        Value("CountersBusy", "Int64", of("busy")),
        Value("Counters", "Int64", of("counters"), set_counters),
    )
    return Thing(name, "GateType", title, (_open(of, name), *values), (_follow(name),), place=name)


def _scene(number: int, name: str, title: Any) -> Thing:  # noqa: ANN401 - a text or none
    of = _of("scenes", number)
    values = (Value("Visitors", "Int64", of("visitors")), Value("CarryingCapacity", "Int64", of("capacity")))
    return Thing(name, "SceneType", title, (_open(of, name), *values), (_follow(name),), place=name)


def _path(number: int, name: str, title: Any) -> Thing:  # noqa: ANN401 - a text or none
    of = _of("paths", number)

    def direct(direction: str) -> Data:
        return {"command": "set_direction", "path": name, "direction": direction}

    values = (
        Value("Direction", "String", of("direction"), direct),
        Value("VisitorsForward", "Int64", of("forward")),
        Value("VisitorsBackward", "Int64", of("backward")),
        Value("VisitorsWaiting", "Int64", of("waiting")),
        Value("Density", "Double", of("density")),
    )
    return Thing(name, "PathType", title, (_open(of, name), *values), (_follow(name),), place=name)


def _of(plural: str, number: int) -> Callable[[str], Callable[[Snapshot], Any]]:
    return lambda field: lambda now: now[plural][number][field]


def _open(of: Callable[[str], Callable[[Snapshot], Any]], name: str) -> Value:
    def open_or_close(opens: bool) -> Data:
        return {"command": "open_place" if opens else "close_place", "place": name}

    return Value("Open", "Boolean", of("open"), open_or_close)


def _follow(name: str) -> Action:
    return Action("FollowPlan", FollowPlan, {"place": name})
