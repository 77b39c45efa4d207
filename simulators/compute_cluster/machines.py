"""The machine: node types in racks, and the partitions that share them out."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from simulators.distributions import Distribution
from simulators.scenario import Text

__all__ = ["UNLIMITED", "Failures", "Name", "NodeType", "Part", "Partition", "Sleep"]

MILLIWATTS = 1000.0  # in a watt; whole ones, so that what is taken and given back adds up
UNLIMITED = 1 << 40
"""What a node has of a resource that is not counted on it."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="short name, a-z, 0-9 and _")]


class Part(BaseModel):
    """A frozen part of a scenario that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Failures(Part):
    """Failures by the clock: a node ages whether it computes or not."""

    up_time: Distribution = Field(description="from the end of a repair to the next failure; its mean is MTBF")
    repair_time: Distribution = Field(description="from a failure to the end of its repair; its mean is MTTR")

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.up_time.mean_s <= 0:
            message = "up_time must have a mean > 0 s, or the node fails without end at one instant"
            raise ValueError(message)
        return self


class Sleep(Part):
    """A node that has had nothing to do for a while goes to sleep, and needs time to wake up."""

    after_s: PositiveFloat = Field(description="idle time after which the node goes to sleep")
    power_w: NonNegativeFloat = Field(default=10.0, description="electrical power asleep")
    wake_s: NonNegativeFloat = Field(description="time from the call to wake up until the node takes jobs")


class NodeType(Part):
    """A number of equal nodes, in racks."""

    name: Name
    label: Text | None = Field(default=None, description="what people call it")
    nodes: PositiveInt = Field(le=100_000, description="equal nodes of this type")
    nodes_per_rack: PositiveInt | None = Field(default=None, description="nodes in a rack; null: one rack holds all")
    cores: PositiveInt = Field(default=1, le=4096, description="processor cores of a node")
    gpus: NonNegativeInt = Field(default=0, le=64, description="GPUs of a node")
    gpu_type: Name | None = Field(default=None, description="which GPUs; null: any job's will do")
    memory_gib: PositiveInt | None = Field(default=None, le=1_000_000, description="memory; null: not counted")
    disk_gib: PositiveInt | None = Field(default=None, le=10_000_000, description="local disk; null: not counted")
    idle_w: NonNegativeFloat = Field(default=0.0, description="electrical power with nothing to do")
    busy_w: NonNegativeFloat = Field(default=0.0, description="electrical power with all cores, or all GPUs, in use")
    rack_limit_w: PositiveFloat | None = Field(
        default=None, description="what a rack's feed and cooling can carry; null: anything"
    )
    rack_limit: Literal["enforced", "measured"] = Field(
        default="enforced", description="whether a start that would exceed it waits, or the time above it is only told"
    )
    failures: Failures | None = Field(default=None, description="of each node; null: nodes never fail")
    rack_failures: Failures | None = Field(default=None, description="of each rack as a whole; null: racks never fail")
    sleep: Sleep | None = Field(default=None, description="null: nodes never sleep")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.busy_w < self.idle_w:
            message = f"busy_w = {self.busy_w:g} must be ≥ idle_w = {self.idle_w:g}"
            raise ValueError(message)
        if self.gpu_type is not None and self.gpus == 0:
            message = f"gpu_type = {self.gpu_type!r} stands at a node type with gpus = 0; give gpus, or remove gpu_type"
            raise ValueError(message)
        idle_w = self.idle_w * min(self.nodes, self.nodes_per_rack or self.nodes)
        if self.rack_limit == "enforced" and self.rack_limit_w is not None and self.rack_limit_w < idle_w:
            message = f"rack_limit_w = {self.rack_limit_w:g} must be ≥ {idle_w:g}, what the nodes of a rack take idle"
            raise ValueError(message)
        return self

    @property
    def racks(self) -> int:
        """How many racks hold the nodes."""
        return -(-self.nodes // (self.nodes_per_rack or self.nodes))

    @property
    def rack_sizes(self) -> tuple[int, ...]:
        """How many nodes stand in each rack."""
        most = self.nodes_per_rack or self.nodes
        return tuple(min(most, self.nodes - first) for first in range(0, self.nodes, most))

    def spare_mw(self, nodes: int) -> int | None:
        """Return the milliwatts that a rack of so many nodes carries above their idle power; None: any."""
        if self.rack_limit_w is None or self.rack_limit == "measured":
            return None
        return math.floor((self.rack_limit_w - self.idle_w * nodes) * MILLIWATTS)

    def task_mw(self, cores: int, gpus: int) -> int:
        """Return the milliwatts that a task adds to its node at most."""
        load = max(cores / self.cores, gpus / self.gpus if self.gpus else 0.0)
        return math.ceil((self.busy_w - self.idle_w) * load * MILLIWATTS)


class Partition(Part):
    """A queue, and the node types that its jobs may use."""

    name: Name
    label: Text | None = Field(default=None, description="what people call it")
    node_types: tuple[str, ...] = Field(min_length=1, description="names of node types")
