"""How long a request to an inference service takes: M/M/c, replicas as servers with one common queue."""

from __future__ import annotations

import math

__all__ = ["erlang_c", "share_within"]


def erlang_c(servers: int, load: float) -> float:
    """Return the probability that who comes must wait, by Erlang's second formula.

    Parameters
    ----------
    servers
        From 1.
    load
        Arrivals in a mean service time, from 0; with ``servers`` or more everybody waits.

    Examples
    --------
    >>> round(erlang_c(3, 2.4), 5)
    0.64719
    """
    if load >= servers:
        return 1.0
    blocked = 1.0  # Erlang's first formula, one server after the other
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked / (1.0 - (1.0 - blocked) * load / servers)


def share_within(servers: int, rate_per_s: float, service_s: float, limit_s: float) -> float:
    """Return the share of requests that are answered, waiting included, within a limit.

    The queue is M/M/c, first come first served, in its steady state. Where requests come as fast as the servers work,
    or faster, there is none: only time-outs keep the queue short, and no request is answered in time.

    Source: D. Gross et al., *Fundamentals of Queueing Theory*, 4th ed. (2008), section 2.3.

    Parameters
    ----------
    servers
        Requests served at a time, from 0.
    rate_per_s
        Requests a second, from 0.
    service_s
        Mean time that serving one takes, exponentially distributed.
    limit_s
        From arrival to answer at most.

    Examples
    --------
    >>> round(share_within(1, 0.5, 1.0, 2.0), 6)  # M/M/1: 1 - exp(-(μ - λ) t)
    0.632121
    >>> share_within(2, 2.0, 1.0, 5.0)
    0.0
    """
    load = rate_per_s * service_s
    if servers == 0 or load >= servers:
        return 0.0
    limit = limit_s / service_s
    # Waiting ends at ``ahead`` times the rate of one server's services; the limit of equal rates is the limit itself.
    ahead = servers - load - 1.0
    behind = limit if ahead == 0.0 else -math.expm1(-ahead * limit) / ahead
    return 1.0 - math.exp(-limit) * (1.0 + erlang_c(servers, load) * behind)
