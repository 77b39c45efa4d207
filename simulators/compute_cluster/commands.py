"""What somebody may do to a running cluster."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, NonNegativeFloat

from simulators.command import Command
from simulators.scenario import Text

__all__ = ["COMMANDS", "DrainNode", "FailNode", "HoldQueue", "ReleaseQueue", "RepairNode", "ResumeNode"]


class DrainNode(Command):
    """Give a node no more tasks; those that run end there."""

    title: ClassVar = Text(zh="排空节点", en="Drain a node")
    command: Literal["drain_node"] = "drain_node"
    node: str = Field(description="such as gpu.1")


class ResumeNode(Command):
    """Give a drained node tasks again."""

    title: ClassVar = Text(zh="恢复节点", en="Resume a node")
    command: Literal["resume_node"] = "resume_node"
    node: str = Field(description="such as gpu.1")


class FailNode(Command):
    """Let a node fail; jobs that have tasks on it are interrupted."""

    title: ClassVar = Text(zh="使节点故障", en="Fail a node")
    command: Literal["fail_node"] = "fail_node"
    node: str = Field(description="such as gpu.1")
    repair_time_s: NonNegativeFloat | None = Field(default=None, description="null: until repair_node")


class RepairNode(Command):
    """Repair a node that is down, at once; not where its whole rack is."""

    title: ClassVar = Text(zh="修复节点", en="Repair a node")
    command: Literal["repair_node"] = "repair_node"
    node: str = Field(description="such as gpu.1")


class HoldQueue(Command):
    """Start no more jobs from a queue."""

    title: ClassVar = Text(zh="暂停队列", en="Hold a queue")
    command: Literal["hold_queue"] = "hold_queue"
    queue: str


class ReleaseQueue(Command):
    """Start jobs from a queue again."""

    title: ClassVar = Text(zh="放行队列", en="Release a queue")
    command: Literal["release_queue"] = "release_queue"
    queue: str


COMMANDS: tuple[type[Command], ...] = (DrainNode, ResumeNode, FailNode, RepairNode, HoldQueue, ReleaseQueue)
