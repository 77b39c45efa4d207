"""Inference services, as data: requests by the hour, what serving one takes, and how fast it is promised to be."""

from __future__ import annotations

from typing import Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from simulators.compute_cluster.machines import Name, Part

__all__ = ["Service"]

HOURS = 24


class Service(Part):
    """Requests that are answered by the running tasks of one job class: its replicas.

    Requests come at random, share one queue, and take exponentially distributed times: M/M/c at every moment, with the
    rate of the hour and the replicas that run. That holds as long as serving takes much less time than an hour.
    """

    name: Name
    job_class: Name = Field(description="whose running tasks are the replicas")
    requests_per_s: PositiveFloat = Field(description="in the busiest hour of the day")
    day: tuple[NonNegativeFloat, ...] | None = Field(
        default=None,
        min_length=HOURS,
        max_length=HOURS,
        description="how busy each hour of the day is, relative to the busiest; null: all alike",
    )
    service_time_s: PositiveFloat = Field(description="mean time that a replica takes for a request")
    at_a_time: PositiveInt = Field(default=1, le=10_000, description="requests that a replica serves at a time")
    within_s: PositiveFloat = Field(description="objective: from arrival to answer at most")
    share: float = Field(default=0.95, gt=0.0, lt=1.0, description="objective: of so many of the requests")

    @model_validator(mode="after")
    def _is_asked_now_and_then(self) -> Self:
        if self.day is not None and max(self.day) <= 0:
            message = "day must have an hour > 0"
            raise ValueError(message)
        return self

    def rates_per_s(self) -> list[float]:
        """Return the requests a second in each of the 24 hours of a day."""
        day = self.day or (1.0,) * HOURS
        return [self.requests_per_s * busy / max(day) for busy in day]
