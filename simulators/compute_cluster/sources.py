"""Where a cluster's jobs come from, as data: a list, a trace, or a generator."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    field_validator,
    model_validator,
)

from simulators.compute_cluster.errors import TraceError
from simulators.compute_cluster.jobs import LONGEST_S, Checkpoint, Demand, Job
from simulators.compute_cluster.machines import Name, Part
from simulators.compute_cluster.swf import Trace, parse_swf, read_swf
from simulators.distributions import Distribution  # noqa: TC001 - pydantic reads it

__all__ = ["JobList", "JobMix", "JobSource", "LublinFeitelson", "MixClass", "Size", "SwfTrace"]


class JobList(Part):
    """Every job by itself."""

    kind: Literal["list"]
    jobs: tuple[Job, ...] = Field(min_length=1, max_length=1_000_000)

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Self:
        known: dict[str, int] = {}
        for position, job in enumerate(self.jobs):
            if job.name is not None and known.setdefault(job.name, position) != position:
                message = f"jobs.{position}.name = {job.name!r} stands at two jobs; give each its own name"
                raise ValueError(message)
        waits_for: list[tuple[int, ...]] = []
        for position, job in enumerate(self.jobs):
            for name in job.after:
                if name not in known:
                    message = f"jobs.{position}.after = {name!r} is the name of no job; give one of the list's names"
                    raise ValueError(message)
            waits_for.append(tuple(known[name] for name in job.after))
        _refuse_circles(waits_for, self.jobs)
        return self


def _refuse_circles(waits_for: list[tuple[int, ...]], listed: tuple[Job, ...]) -> None:
    left = [len(set(jobs)) for jobs in waits_for]
    followers: list[list[int]] = [[] for _ in waits_for]
    for position, jobs in enumerate(waits_for):
        for job in set(jobs):
            followers[job].append(position)
    free = [position for position, count in enumerate(left) if count == 0]
    for position in free:
        for follower in followers[position]:
            left[follower] -= 1
            if left[follower] == 0:
                free.append(follower)
    if len(free) < len(left):
        stuck = next(position for position, count in enumerate(left) if count)
        name = listed[stuck].after[0]
        message = f"jobs.{stuck}.after = {name!r} waits, through others, for the job itself; break the circle"
        raise ValueError(message)


class SwfTrace(Part):
    """Jobs of a trace in the Standard Workload Format; a processor of the trace is a task of one core."""

    kind: Literal["swf"]
    file: str | None = Field(default=None, description="plain or .gz; relative to the scenario's own folder")
    text: str | None = Field(default=None, description="the trace itself, instead of a file")
    first: NonNegativeInt = Field(default=0, description="jobs to leave out at the beginning")
    count: PositiveInt | None = Field(default=None, description="jobs to take; null: all")
    from_zero: bool = Field(default=False, description="whether the first job taken is submitted at 0 s")
    part_s: PositiveFloat | None = Field(
        default=None,
        description="every replication takes the jobs of another part, so long, of those taken; null: all of them",
    )
    overestimate: NonNegativeFloat = Field(
        default=1.0, le=1000, description="multiplies what users ask for beyond the run time; 0: they know it"
    )
    queues: dict[int, Name] = Field(default={}, description="partitions by the trace's queue number; others: the first")
    checkpoint: Checkpoint | None = Field(default=None, description="of every job; null: interrupted jobs begin again")

    @field_validator("file")
    @classmethod
    def _stands_beside_the_scenario(cls, file: str | None, info: ValidationInfo) -> str | None:
        folder = (info.context or {}).get("folder") if isinstance(info.context, dict) else None
        return file if file is None or folder is None else str(Path(folder) / file)

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if (self.file is None) == (self.text is None):
            message = "give either file or text"
            raise ValueError(message)
        try:
            trace = self.trace()
        except TraceError as error:
            raise ValueError(str(error)) from error
        if not trace.complete:
            message = f"the trace breaks off after {len(trace)} jobs ({trace.problems[-1]}); give the whole file"
            raise ValueError(message)
        if len(trace) <= self.first:
            why = f"; {trace.problems[0]}" if trace.problems else ""
            message = f"the trace holds {len(trace)} jobs, none after first = {self.first}{why}"
            raise ValueError(message)
        return self

    def trace(self) -> Trace:
        """Read the trace.

        Raises
        ------
        TraceError
            The file has gone since.
        """
        return read_swf(self.file) if self.file is not None else _parsed(self.text or "")

    def taken(self, number: int) -> tuple[slice, float]:
        """Return the jobs of a run, as a slice of the trace, and the time that is its zero.

        Parameters
        ----------
        number
            Which run; with ``part_s`` the parts that have jobs follow one another, and begin again after the last.
        """
        submit_s = self.trace().column("submit_s")
        end = len(submit_s) if self.count is None else min(len(submit_s), self.first + self.count)
        begin, zero_s = self.first, 0.0
        if self.part_s is not None:
            part = np.floor_divide(submit_s[begin:end], self.part_s)
            parts, begins = np.unique(part, return_index=True)
            chosen = number % len(parts)
            zero_s = float(parts[chosen]) * self.part_s
            ends = [*begins[1:], end - begin]
            begin, end = begin + int(begins[chosen]), begin + int(ends[chosen])
        return slice(begin, end), float(submit_s[begin]) if self.from_zero else zero_s


@lru_cache(maxsize=4)  # a study reads its trace once, not once a replication
def _parsed(text: str) -> Trace:
    return parse_swf(text)


class LublinFeitelson(Part):
    """Jobs like those of the supercomputers of the nineties: see :mod:`simulators.compute_cluster.lublin`."""

    kind: Literal["lublin_feitelson"]
    jobs: PositiveInt = Field(le=10_000_000, description="how many")
    processors: PositiveInt = Field(ge=2, le=10_000_000, description="largest job")
    stretch: PositiveFloat = Field(default=1.0, description="multiplies the times between arrivals; > 1: less load")
    longest_s: PositiveFloat = Field(default=60 * 3600.0, le=LONGEST_S, description="run times beyond are drawn again")
    users: PositiveInt = Field(default=20, le=10_000, description="the k-th user sends in proportion to 1/k")
    estimate_factor: float = Field(default=1.0, ge=1.0, description="estimates are up to this times the run time")
    queue: Name | None = Field(default=None, description="name of a partition; null: the first")
    checkpoint: Checkpoint | None = None


class Size(Part):
    """One size of job, and how often it comes."""

    tasks: PositiveInt
    weight: PositiveFloat = 1.0


class MixClass(Demand):
    """One kind of job in a mix: when it comes, how large it is, how long it runs, and what it is promised."""

    name: Name
    queue: Name | None = Field(default=None, description="name of a partition; null: the first")
    users: PositiveInt = Field(default=1, le=10_000, description="how many users send such jobs, all as often")
    interval: Distribution = Field(description="time from one submission to the next")
    day: tuple[NonNegativeFloat, ...] | None = Field(
        default=None,
        min_length=24,
        max_length=24,
        description="how busy each hour of the day is, relative to the busiest; null: all alike",
    )
    run: Distribution = Field(description="run time")
    longest_s: PositiveFloat = Field(default=LONGEST_S, le=LONGEST_S, description="run times are cut off here")
    estimate_factor: float = Field(default=1.0, ge=1.0, description="estimates are up to this times the run time")
    sizes: tuple[Size, ...] = Field(default=(Size(tasks=1),), min_length=1)
    array: PositiveInt = Field(default=1, le=10_000, description="jobs that one submission sends (an array)")
    at_once: PositiveInt | None = Field(default=None, description="most of an array in the queue or running; null: all")
    priority: NonNegativeInt = Field(default=0, le=100)
    deadline_factor: PositiveFloat | None = Field(default=None, description="deadline, in estimates after submission")
    start_within_s: NonNegativeFloat | None = Field(default=None, description="service level: wait at most")
    checkpoint: Checkpoint | None = None

    @model_validator(mode="after")
    def _comes_now_and_then(self) -> Self:
        if self.interval.mean_s <= 0:
            message = "interval must have a mean > 0 s, or submissions never end at one instant"
            raise ValueError(message)
        if self.day is not None and max(self.day) <= 0:
            message = "day must have an hour > 0"
            raise ValueError(message)
        return self


class JobMix(Part):
    """Jobs of several classes, each with arrivals of its own; the AI mix of training, search, inference, notebooks."""

    kind: Literal["mix"]
    classes: tuple[MixClass, ...] = Field(min_length=1, max_length=50)
    until_s: PositiveFloat | None = Field(default=None, description="end of submissions; null: the horizon")
    most_jobs: PositiveInt | None = Field(default=None, le=10_000_000, description="submissions end after so many jobs")

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [job_class.name for job_class in self.classes]
        for position, name in enumerate(names):
            if name in names[:position]:
                message = f"classes.{position}.name = {name!r} stands at two classes; give each its own name"
                raise ValueError(message)
        return self


JobSource = Annotated[JobList | SwfTrace | LublinFeitelson | JobMix, Field(discriminator="kind")]
