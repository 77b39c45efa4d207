"""Rigid jobs like those that parallel computers of the nineties met.

Sizes are 1, powers of two, or in between, their logarithm uniform in two stages; the logarithm of the run time is
hyper-gamma, and larger jobs take the longer branch more often; the logarithm of the time between arrivals is gamma,
measured against a daily cycle of 48 half-hours.

Source: U. Lublin and D. G. Feitelson, "The workload on parallel supercomputers: modeling the characteristics of rigid
jobs", Journal of Parallel and Distributed Computing 63 (2003), the parameters for all jobs together. User estimates and
users are ours; the model has none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from simulators.compute_cluster.estimates import estimates
from simulators.distributions import UNIT, Gamma
from simulators.machine_code import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from simulators.compute_cluster.sources import LublinFeitelson
    from simulators.streams import Streams

    Draws = Callable[[int], NDArray[np.float64]]

__all__ = ["Generator"]

SERIAL, POWER_OF_TWO = 0.244, 0.576
LOWEST, MIDDLE_BELOW_TOP, FIRST_STAGE = 0.8, 2.5, 0.86

SHORT, LONG = (4.2, 0.94), (312.0, 0.03)  # shape and scale of the logarithm of the run time, by branch
SHORT_SLOPE, SHORT_AT_0 = -0.0054, 0.78  # probability of the short branch by size
ARRIVAL = (10.2303, 0.4871)
TRIES = 1000
LONGEST_ARRIVAL = 13.0  # logarithm, about five days
CYCLE = (8.1737, 3.9631)  # shape and scale of the daily cycle, in half-hours
DAY_BEGINS = 11  # the half-hour at which the cycle begins, 5:30
BUCKETS, BUCKET_S = 48, 1800.0


class Generator:
    """Draws the jobs of one run, in order of submission, as many at a time as are asked for.

    Parameters
    ----------
    source
        What jobs there are to be.
    streams
        Where the random numbers come from.
    """

    def __init__(self, source: LublinFeitelson, streams: Streams) -> None:
        self._source = source
        self._left = source.jobs
        longest = math.log(source.longest_s)
        uniform = ("branch", "user", "estimate", "size.form", "size.stage", "size.within")
        self._uniform = {name: streams.draws(f"jobs.{name}", UNIT) for name in uniform}
        self._short = _bounded_gamma(streams, "jobs.run.short", SHORT, longest)
        self._long = _bounded_gamma(streams, "jobs.run.long", LONG, longest)
        self._arrival = _bounded_gamma(streams, "jobs.arrival", ARRIVAL, LONGEST_ARRIVAL)
        self._weights = _cycle()
        self._clock = np.array([0.0, 0.0, BUCKET_S * self._weights[0]])  # bucket, its beginning, what is left of it
        share = np.cumsum(1.0 / np.arange(1, source.users + 1))
        self._share = share / share[-1]

    def draw(self, count: int) -> dict[str, Any]:
        """Return the columns of the next jobs, at most ``count`` and none at the end.

        They are ``submit_s``, ``run_s``, ``estimate_s``, ``tasks``, ``user``, ``job_class``; the numbers do not depend
        on how the jobs are cut into calls.
        """
        source = self._source
        count = min(count, self._left)
        self._left -= count
        tasks = self._sizes(count)
        short = self._uniform["branch"](count) <= np.clip(SHORT_SLOPE * tasks + SHORT_AT_0, 0.0, 1.0)
        run_s = np.floor(np.exp(np.where(short, self._short(count), self._long(count))))
        gaps_s = np.exp(self._arrival(count)) * source.stretch
        user = np.searchsorted(self._share, self._uniform["user"](count), side="right")
        return {
            "submit_s": np.floor(_on_the_cycle(gaps_s, self._weights, self._clock)),
            "run_s": run_s,
            "estimate_s": estimates(run_s, source.estimate_factor, self._uniform["estimate"](count)),
            "tasks": tasks,
            "user": np.minimum(user, source.users - 1),
            "job_class": np.zeros(count, np.int64),
        }

    def _sizes(self, count: int) -> NDArray[np.int64]:
        source = self._source
        top = math.log2(source.processors)
        middle = max(LOWEST, top - MIDDLE_BELOW_TOP)
        lowest = min(LOWEST, top)
        form, stage, within = (self._uniform[f"size.{what}"](count) for what in ("form", "stage", "within"))
        first = stage <= FIRST_STAGE
        log = np.where(first, lowest + (middle - lowest) * within, middle + (top - middle) * within)
        log = np.where(form <= SERIAL + POWER_OF_TWO, np.floor(log + 0.5), log)
        sizes = np.where(form <= SERIAL, 1.0, np.floor(np.exp2(log) + 0.5))
        return np.clip(sizes, 1, source.processors).astype(np.int64)


def _bounded_gamma(streams: Streams, name: str, shape_and_scale: tuple[float, float], most: float) -> Draws:
    """Return what draws the next ``(count,)`` gamma numbers; for those beyond ``most``, others of a second stream."""
    shape, scale = shape_and_scale
    gamma = Gamma(kind="gamma", shape=shape, mean_s=shape * scale)
    draw = streams.draws(name, gamma)
    others = _within(streams.draws(f"{name}.again", gamma), most)

    def bounded(count: int) -> NDArray[np.float64]:
        values = draw(count)
        for position in np.flatnonzero(values > most):
            values[position] = next(others)
        return values

    return bounded


def _within(draw: Draws, most: float) -> Iterator[float]:
    """Give the numbers within the bound; the bound itself, where it lies so far out in the tail that none is found."""
    while True:
        values = draw(TRIES)
        yield from values[values <= most].tolist() or [most]


def _cycle() -> NDArray[np.float64]:
    """Return ``(48,)`` how busy each half-hour of the day is; the mean is 1."""
    shape, scale = CYCLE
    half_hour = np.arange(BUCKETS, dtype=np.float64)
    half_hour[:DAY_BEGINS] += BUCKETS
    density = half_hour ** (shape - 1) * np.exp(-half_hour / scale)
    weights: NDArray[np.float64] = density / density.mean()
    return weights


@compiled
def _on_the_cycle(
    gaps_s: NDArray[np.float64], weights: NDArray[np.float64], clock: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return when jobs come whose gaps are counted in time that runs by the cycle's weights; the clock goes on."""
    came_s = np.empty_like(gaps_s)
    bucket, begins_s, left = int(clock[0]), clock[1], clock[2]
    for job in range(len(gaps_s)):
        gap = gaps_s[job]
        while gap > left:
            gap -= left
            bucket = (bucket + 1) % BUCKETS
            begins_s += BUCKET_S
            left = BUCKET_S * weights[bucket]
        left -= gap
        came_s[job] = begins_s + BUCKET_S - left / weights[bucket]
    clock[0], clock[1], clock[2] = bucket, begins_s, left
    return came_s
