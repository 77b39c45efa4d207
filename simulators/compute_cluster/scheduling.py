"""Who starts next, and where: the scheduler, as data."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from simulators.compute_cluster.machines import Part

__all__ = [
    "ORDERS",
    "Backfilling",
    "Multifactor",
    "Order",
    "PlainOrder",
    "Scheduler",
    "TimeSlicing",
]

PlainName = Literal["fcfs", "sjf", "ljf", "saf", "wfp3", "unicep", "f1"]

ORDERS = ("fcfs", "sjf", "ljf", "saf", "f1", "wfp3", "unicep", "multifactor")
"""Orders by code; those before ``wfp3`` do not change while a job waits."""

Backfilling = Literal["none", "easy", "conservative"]


class PlainOrder(Part):
    """The queue's order, by one rule."""

    kind: PlainName


class Multifactor(Part):
    """Priority as a weighted sum of factors in [0, 1], with fair share that forgets old usage.

    Source: Slurm, "Multifactor Priority Plugin" and its classic fair-share formula ``F = 2^(-U/S)``.
    """

    kind: Literal["multifactor"]
    age_weight: NonNegativeFloat = Field(default=1000.0, description="of the wait, as a share of longest_age_s")
    fair_share_weight: NonNegativeFloat = Field(default=1000.0, description="of the user's fair-share factor")
    size_weight: NonNegativeFloat = Field(default=0.0, description="of the job's cores, as a share of the machine's")
    priority_weight: NonNegativeFloat = Field(default=1000.0, description="of the job's priority, out of 100")
    longest_age_s: PositiveFloat = Field(default=7 * 86400.0, description="wait from which the age factor is 1")
    half_life_s: PositiveFloat = Field(default=7 * 86400.0, description="time after which usage counts half")


Order = Annotated[PlainOrder | Multifactor, Field(discriminator="kind")]


class TimeSlicing(Part):
    """Gang time-slicing: rows of jobs that fit together take turns on the whole machine (Ousterhout's matrix)."""

    quantum_s: PositiveFloat = Field(description="time that a row runs before it is the next one's turn")
    rows: PositiveInt = Field(default=4, le=100_000, description="most rows; further jobs wait in the queue")


class Scheduler(Part):
    """Decides who starts next, and where."""

    order: Order = PlainOrder(kind="fcfs")
    backfilling: Backfilling = Field(default="none", description="whether jobs may overtake a head that does not fit")
    placement: Literal["packing", "spreading"] = Field(default="packing", description="fill nodes, or share load out")
    same_rack: bool = Field(default=False, description="put a job's tasks into one rack where one has room for all")
    preemption: bool = Field(default=False, description="whether a job may displace running ones of lower priority")
    over_estimate: Literal["run_on", "kill"] = Field(default="run_on", description="what happens at the estimate's end")
    time_slicing: TimeSlicing | None = Field(default=None, description="null: a job keeps its nodes until it ends")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.time_slicing is not None and (self.backfilling != "none" or self.preemption):
            message = "time_slicing needs backfilling = 'none' and preemption = false: rows already share the machine"
            raise ValueError(message)
        if self.backfilling == "conservative" and self.preemption:
            message = "backfilling = 'conservative' promises every job a start, which preemption = true would break"
            raise ValueError(message)
        if self.backfilling == "conservative" and self.over_estimate != "kill":
            message = "backfilling = 'conservative' plans by estimates; set over_estimate = 'kill', so that they hold"
            raise ValueError(message)
        return self
