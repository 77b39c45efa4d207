"""A production line as OPC UA shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.production_line.commands import FailMachine, RepairMachine
from twins.opcua.packml import MACHINERY, PACKML
from twins.opcua.thing import UNLIMITED, Action, Data, Snapshot, Thing, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.production_line import ProductionLine

__all__ = ["things"]


def things(scenario: ProductionLine, snapshot: Snapshot) -> tuple[Thing, ...]:
    """Return the stations with their machines and buffers, the releases and the crews."""
    stations = [_station(scenario, snapshot, number) for number in range(len(snapshot["stations"]))]
    return (
        Thing("Line", "LineType", values=(Value("PartsInLine", "Int64", lambda now: now["wip"]),)),
        Thing("Stations", "FolderType", parts=tuple(stations)),
        Thing("Releases", "FolderType", parts=tuple(_release(snapshot, n) for n in range(len(snapshot["releases"])))),
        Thing("Crews", "FolderType", parts=tuple(_crew(snapshot, n) for n in range(len(snapshot["crews"])))),
    )


def _station(scenario: ProductionLine, snapshot: Snapshot, number: int) -> Thing:
    name = snapshot["stations"][number]["name"]

    def of(field: str) -> Callable[[Snapshot], Any]:
        return lambda now: now["stations"][number][field]

    def set_places(places: int) -> Data:
        return {
            "command": "set_buffer_places",
            "station": name,
            "places": None if places == UNLIMITED else places,
        }

    buffer = Thing(
        "Buffer",
        "BufferType",
        values=(
            Value("Parts", "Int64", lambda now: len(now["stations"][number]["queue"])),
            Value("Places", "Int64", lambda now: _limit(now["stations"][number]["buffer_places"]), set_places),
        ),
    )
    machines = snapshot["stations"][number]["machines"]
    return Thing(
        name,
        "StationType",
        scenario.stations[number].label,
        values=(
            Value("PartsOnConveyor", "Int64", lambda now: len(of("conveyor")(now))),
            Value("PartsInStore", "Int64", lambda now: len(of("store")(now))),
        ),
        parts=(buffer, *(_machine(name, number, position) for position in range(len(machines)))),
    )


def _machine(station: str, number: int, position: int) -> Thing:
    def of(now: Snapshot) -> dict[str, Any]:
        found: dict[str, Any] = now["stations"][number]["machines"][position]
        return found

    known = {"station": station, "machine": position + 1}
    return Thing(
        f"Machine{position + 1}",
        "MachineType",
        values=(
            Value("State", "String", lambda now: of(now)["state"]),
            Value("PackMlState", "Int64", lambda now: int(PACKML[of(now)["state"]])),
            Value("PackMlStateName", "String", lambda now: PACKML[of(now)["state"]].name.capitalize()),
            Value("MachineryItemState", "Int64", lambda now: int(MACHINERY[of(now)["state"]])),
            Value("Part", "Int64", lambda now: -1 if of(now)["part"] is None else of(now)["part"]),
            Value("PartType", "String", lambda now: of(now)["part_type"] or ""),
            Value("Finished", "Int64", lambda now: of(now)["finished"]),
        ),
        actions=(Action("Fail", FailMachine, known), Action("Repair", RepairMachine, known)),
        place=f"{station}.{position + 1}",
    )


def _release(snapshot: Snapshot, number: int) -> Thing:
    release = snapshot["releases"][number]
    name = release["name"]

    def stop(stopped: bool) -> Data:
        return {"command": "stop_release" if stopped else "start_release", "release": name}

    def set_most(parts: int) -> Data:
        return {"command": "set_wip", "release": name, "parts": parts}

    return Thing(
        name,
        "ReleaseType",
        values=(
            Value("Stopped", "Boolean", lambda now: now["releases"][number]["stopped"], stop),
            Value("PartsOutside", "Int64", lambda now: now["releases"][number]["outside"]),
            Value("PartsInLine", "Int64", lambda now: now["releases"][number]["wip"]),
            Value("MostPartsInLine", "Int64", lambda now: _limit(now["releases"][number]["most"]), set_most),
        ),
    )


def _crew(snapshot: Snapshot, number: int) -> Thing:
    name = snapshot["crews"][number]["name"]

    def set_members(members: int) -> Data:
        return {"command": "set_crew_members", "crew": name, "members": members}

    return Thing(
        name,
        "CrewType",
        values=(
            Value("Members", "Int64", lambda now: now["crews"][number]["members"], set_members),
            Value("Busy", "Int64", lambda now: now["crews"][number]["busy"]),
            Value("OnDuty", "Boolean", lambda now: now["crews"][number]["on_duty"]),
        ),
    )


def _limit(most: int | None) -> int:
    return UNLIMITED if most is None else most
