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
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulators.compute_cluster.sources import LublinFeitelson
    from simulators.streams import Streams

__all__ = ["generate"]

SERIAL, POWER_OF_TWO = 0.244, 0.576
LOWEST, MIDDLE_BELOW_TOP, FIRST_STAGE = 0.8, 2.5, 0.86

SHORT, LONG = (4.2, 0.94), (312.0, 0.03)  # shape and scale of the logarithm of the run time, by branch
SHORT_SLOPE, SHORT_AT_0 = -0.0054, 0.78  # probability of the short branch by size
ARRIVAL = (10.2303, 0.4871)
LONGEST_ARRIVAL = 13.0  # logarithm, about five days
CYCLE = (8.1737, 3.9631)  # shape and scale of the daily cycle, in half-hours
DAY_BEGINS = 11  # the half-hour at which the cycle begins, 5:30
BUCKETS, BUCKET_S = 48, 1800.0


def generate(source: LublinFeitelson, streams: Streams) -> dict[str, Any]:
    """Return the columns of the jobs: ``submit_s``, ``run_s``, ``estimate_s``, ``tasks``, ``user``, ``job_class``."""
    count = source.jobs
    tasks = _sizes(source, streams)
    longest = math.log(source.longest_s)
    short = streams.draws("jobs.branch", UNIT)(count) <= np.clip(SHORT_SLOPE * tasks + SHORT_AT_0, 0.0, 1.0)
    log_run = np.where(
        short,
        _bounded_gamma(streams, "jobs.run.short", SHORT, count, longest),
        _bounded_gamma(streams, "jobs.run.long", LONG, count, longest),
    )
    run_s = np.floor(np.exp(log_run))
    gaps_s = np.exp(_bounded_gamma(streams, "jobs.arrival", ARRIVAL, count, LONGEST_ARRIVAL)) * source.stretch
    submit_s = np.floor(_on_the_cycle(gaps_s, _cycle()))
    share = np.cumsum(1.0 / np.arange(1, source.users + 1))
    user = np.searchsorted(share / share[-1], streams.draws("jobs.user", UNIT)(count), side="right")
    return {
        "submit_s": submit_s,
        "run_s": run_s,
        "estimate_s": estimates(run_s, source.estimate_factor, streams.draws("jobs.estimate", UNIT)(count)),
        "tasks": tasks,
        "user": np.minimum(user, source.users - 1),
        "job_class": np.zeros(count, np.int64),
    }


def _sizes(source: LublinFeitelson, streams: Streams) -> NDArray[np.int64]:
    count = source.jobs
    top = math.log2(source.processors)
    middle = max(LOWEST, top - MIDDLE_BELOW_TOP)
    lowest = min(LOWEST, top)
    form, stage, within = (streams.draws(f"jobs.size.{what}", UNIT)(count) for what in ("form", "stage", "within"))
    first = stage <= FIRST_STAGE
    log = np.where(first, lowest + (middle - lowest) * within, middle + (top - middle) * within)
    log = np.where(form <= SERIAL + POWER_OF_TWO, np.floor(log + 0.5), log)
    sizes = np.where(form <= SERIAL, 1.0, np.floor(np.exp2(log) + 0.5))
    return np.clip(sizes, 1, source.processors).astype(np.int64)


def _bounded_gamma(
    streams: Streams, name: str, shape_and_scale: tuple[float, float], count: int, most: float
) -> NDArray[np.float64]:
    """Return ``(count,)`` gamma numbers, those beyond ``most`` drawn again."""
    shape, scale = shape_and_scale
    draw: Callable[[int], NDArray[np.float64]] = streams.draws(
        name, Gamma(kind="gamma", shape=shape, mean_s=shape * scale)
    )
    values = draw(count)
    for _ in range(1000):
        beyond = np.flatnonzero(values > most)
        if not len(beyond):
            return values
        values[beyond] = draw(len(beyond))
    return np.minimum(values, most)  # the bound lies in the far tail, where almost nothing is ever drawn


def _cycle() -> NDArray[np.float64]:
    """Return ``(48,)`` how busy each half-hour of the day is; the mean is 1."""
    shape, scale = CYCLE
    half_hour = np.arange(BUCKETS, dtype=np.float64)
    half_hour[:DAY_BEGINS] += BUCKETS
    density = half_hour ** (shape - 1) * np.exp(-half_hour / scale)
    weights: NDArray[np.float64] = density / density.mean()
    return weights


@compiled
def _on_the_cycle(gaps_s: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return when jobs come whose gaps are counted in time that runs by the cycle's weights."""
    came_s = np.empty_like(gaps_s)
    bucket, begins_s, left = 0, 0.0, BUCKET_S * weights[0]
    for job in range(len(gaps_s)):
        gap = gaps_s[job]
        while gap > left:
            gap -= left
            bucket = (bucket + 1) % BUCKETS
            begins_s += BUCKET_S
            left = BUCKET_S * weights[bucket]
        left -= gap
        came_s[job] = begins_s + BUCKET_S - left / weights[bucket]
    return came_s
