"""A job, as data."""

from __future__ import annotations

from typing import Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from simulators.compute_cluster.machines import Name, Part

__all__ = ["Checkpoint", "Demand", "Job"]

MOST_TASKS = 10_000_000
LONGEST_S = 1e9


class Checkpoint(Part):
    """How a job saves what it has done.

    Without one a job that is interrupted begins again.
    """

    interval_s: PositiveFloat = Field(description="work between two checkpoints")
    cost_s: NonNegativeFloat = Field(description="time that writing one takes")
    restart_s: NonNegativeFloat = Field(default=0.0, description="time that reading it back takes")


class Demand(Part):
    """What one task of a job needs, all of it on one node."""

    cores: PositiveInt = Field(default=1, description="processor cores a task")
    gpus: NonNegativeInt = Field(default=0, description="GPUs a task")
    gpu_type: Name | None = Field(default=None, description="which GPUs; null: any")
    memory_gib: NonNegativeInt = Field(default=0, description="memory a task")
    disk_gib: NonNegativeInt = Field(default=0, description="local disk a task")


class Job(Demand):
    """A job of equal tasks that all start at one instant (a gang), each on one node, several on a node if they fit."""

    name: Name | None = Field(default=None, description="to be named by jobs that come after it")
    user: Name = Field(default="nobody")
    queue: Name | None = Field(default=None, description="name of a partition; null: the first")
    job_class: Name = Field(default="batch", description="for KPIs: batch, training, inference …")
    submit_s: NonNegativeFloat = Field(le=LONGEST_S, description="when it is handed in")
    run_s: NonNegativeFloat = Field(le=LONGEST_S, description="time it needs on its tasks, undisturbed")
    estimate_s: NonNegativeFloat | None = Field(
        default=None, le=LONGEST_S, description="time the user asks for; null: exactly what it needs"
    )
    tasks: PositiveInt = Field(default=1, le=MOST_TASKS)
    priority: NonNegativeInt = Field(default=0, le=100, description="0 to 100; higher may preempt lower")
    deadline_s: PositiveFloat | None = Field(default=None, description="from submission to the end at latest")
    start_within_s: NonNegativeFloat | None = Field(
        default=None, description="service level: from submission to the first start at latest"
    )
    after: tuple[Name, ...] = Field(default=(), description="names of jobs that must have ended")
    think_s: NonNegativeFloat = Field(default=0.0, description="time between the end of those and this job's turn")
    checkpoint: Checkpoint | None = Field(default=None, description="null: an interrupted job begins again")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.gpu_type is not None and self.gpus == 0:
            message = f"gpu_type = {self.gpu_type!r} stands at a job with gpus = 0; give gpus, or remove gpu_type"
            raise ValueError(message)
        return self
