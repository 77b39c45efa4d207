"""The latency of inference services against Erlang C, and against requests simulated one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulators.compute_cluster.latency import erlang_c, share_within


def test_erlang_c_of_the_oracles() -> None:
    # M/M/3, λ = 2.4, μ = 1: P(wait) 0.64719.
    assert erlang_c(3, 2.4) == pytest.approx(0.64719, abs=5e-6)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.3), (2, 1.7), (5, 4.5), (40, 36.0), (400, 390.0)])
def test_erlang_c_by_its_definition(servers: int, load: float) -> None:
    """The sum over the states of the birth-and-death chain, in logarithms."""
    logs = [k * math.log(load) - math.lgamma(k + 1) for k in range(servers)]
    full = servers * math.log(load) - math.lgamma(servers + 1) - math.log1p(-load / servers)
    largest = max(*logs, full)
    weights = [math.exp(one - largest) for one in logs]
    wait = math.exp(full - largest)
    assert erlang_c(servers, load) == pytest.approx(wait / (sum(weights) + wait), rel=1e-10)


def response_times(servers: int, rate_per_s: float, requests: int, random: np.random.Generator) -> np.ndarray:
    """Let requests come one by one to the replica that is free first."""
    arrive_s = np.cumsum(random.exponential(1 / rate_per_s, requests))
    serve_s = random.exponential(1.0, requests)
    free_s = np.zeros(servers)
    found = np.empty(requests)
    for number, (come_s, take_s) in enumerate(zip(arrive_s.tolist(), serve_s.tolist(), strict=True)):
        one = int(free_s.argmin())
        end_s = max(come_s, free_s[one]) + take_s
        free_s[one] = end_s
        found[number] = end_s - come_s
    return found


@pytest.mark.parametrize(
    ("servers", "rate_per_s", "limit_s"), [(1, 0.6, 3.0), (3, 2.4, 3.0), (3, 2.0, 1.5), (8, 6.0, 2.0)]
)
def test_share_of_requests_answered_in_time(servers: int, rate_per_s: float, limit_s: float) -> None:
    """Requests are simulated in 40 independent lots; the share lies in the 99 % confidence interval."""
    shares = []
    for lot in range(40):
        times_s = response_times(servers, rate_per_s, 6_000, np.random.default_rng([lot, servers]))
        shares.append((times_s[1_000:] <= limit_s).mean())
    half = stats.t.ppf(0.995, 39) * np.std(shares, ddof=1) / math.sqrt(40)
    assert half < 0.015
    assert abs(np.mean(shares) - share_within(servers, rate_per_s, 1.0, limit_s)) <= half
