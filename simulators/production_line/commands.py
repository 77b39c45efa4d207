"""What somebody may do to a running line."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from simulators.command import Command
from simulators.scenario import Text

__all__ = [
    "COMMANDS",
    "FailMachine",
    "RepairMachine",
    "SetBufferPlaces",
    "SetCrewMembers",
    "SetWip",
    "StartRelease",
    "StopRelease",
]


class FailMachine(Command):
    """Let a machine fail; nobody of the line's crews is needed for the repair."""

    title: ClassVar = Text(zh="使设备故障", en="Fail a machine")
    command: Literal["fail_machine"] = "fail_machine"
    station: str
    machine: PositiveInt = Field(default=1, description="which of the station's machines, from 1")
    repair_time_s: NonNegativeFloat | None = Field(default=None, description="null: until repair_machine")


class RepairMachine(Command):
    """Repair a machine that is down, at once."""

    title: ClassVar = Text(zh="修复设备", en="Repair a machine")
    command: Literal["repair_machine"] = "repair_machine"
    station: str
    machine: PositiveInt = Field(default=1, description="which of the station's machines, from 1")


class SetBufferPlaces(Command):
    """Give a station another number of buffer places; parts that are there stay."""

    title: ClassVar = Text(zh="调整缓存位", en="Set buffer places")
    command: Literal["set_buffer_places"] = "set_buffer_places"
    station: str
    places: NonNegativeInt | None = Field(le=100_000, description="null: without limit")


class StopRelease(Command):
    """Let nothing more in; what arrives waits outside."""

    title: ClassVar = Text(zh="停止投料", en="Stop release")
    command: Literal["stop_release"] = "stop_release"
    release: str = Field(default="release", description="the line's own, or release.TYPE")


class StartRelease(Command):
    """Let parts in again."""

    title: ClassVar = Text(zh="恢复投料", en="Start release")
    command: Literal["start_release"] = "start_release"
    release: str = Field(default="release", description="the line's own, or release.TYPE")


class SetWip(Command):
    """Let another number of parts be in the line at a time."""

    title: ClassVar = Text(zh="调整在制品上限", en="Set the WIP limit")
    command: Literal["set_wip"] = "set_wip"
    release: str = Field(default="release", description="one that limits its parts: kind constant_wip")
    parts: PositiveInt = Field(le=100_000)


class SetCrewMembers(Command):
    """Give a crew another number of members; who is busy ends the task."""

    title: ClassVar = Text(zh="调整班组人数", en="Set crew members")
    command: Literal["set_crew_members"] = "set_crew_members"
    crew: str
    members: NonNegativeInt = Field(le=1000)


COMMANDS: tuple[type[Command], ...] = (
    FailMachine,
    RepairMachine,
    SetBufferPlaces,
    StopRelease,
    StartRelease,
    SetWip,
    SetCrewMembers,
)
