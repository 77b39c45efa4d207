"""What somebody may do to a garden that is open."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from simulators.command import Command
from simulators.scenario import Text

__all__ = ["COMMANDS", "ClosePlace", "FollowPlan", "OpenPlace", "RaiseAlarm", "SetCap", "SetCounters", "SetDirection"]


class ClosePlace(Command):
    """Close a gate, scene or path, whatever the plan says; who is there may finish."""

    title: ClassVar = Text(zh="关闭", en="Close a gate, scene or path")
    command: Literal["close_place"] = "close_place"
    place: str


class OpenPlace(Command):
    """Open a gate, scene or path, whatever the plan says."""

    title: ClassVar = Text(zh="开放", en="Open a gate, scene or path")
    command: Literal["open_place"] = "open_place"
    place: str


class FollowPlan(Command):
    """Let the plan decide again whether a gate, scene or path is open."""

    title: ClassVar = Text(zh="恢复按计划开放", en="Follow the plan again")
    command: Literal["follow_plan"] = "follow_plan"
    place: str


class SetCap(Command):
    """Let at most so many visitors be in the garden at a time; who is in it stays."""

    title: ClassVar = Text(zh="调整在园人数上限", en="Set the visitor cap")
    command: Literal["set_cap"] = "set_cap"
    visitors: PositiveInt | None = Field(le=1_000_000, description="null: no limit")


class SetCounters(Command):
    """Check tickets at so many counters of a gate; a check that is under way ends."""

    title: ClassVar = Text(zh="调整检票口", en="Set ticket counters")
    command: Literal["set_counters"] = "set_counters"
    gate: str
    counters: PositiveInt = Field(le=100)


class SetDirection(Command):
    """Let a path be walked in one direction, or in both; who is on it walks on."""

    title: ClassVar = Text(zh="调整单行方向", en="Set a path's direction")
    command: Literal["set_direction"] = "set_direction"
    path: str
    direction: Literal["both", "forward", "backward"] = Field(description="forward: from its start to its end")


class RaiseAlarm(Command):
    """Get everybody out."""

    title: ClassVar = Text(zh="发出疏散警报", en="Raise the alarm")
    command: Literal["raise_alarm"] = "raise_alarm"


COMMANDS: tuple[type[Command], ...] = (
    ClosePlace,
    OpenPlace,
    FollowPlan,
    SetCap,
    SetCounters,
    SetDirection,
    RaiseAlarm,
)
