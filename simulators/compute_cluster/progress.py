"""How far a job gets between a start and an interruption, and what a queue's order goes by.

Compiled, and called by both engines: the same elementary functions give the same last bit.
"""

from __future__ import annotations

import math

import numpy as np

from simulators.machine_code import compiled

__all__ = ["decayed", "duration_s", "multifactor", "score", "work_done_s", "work_saved_s"]

WFP3, UNICEP = 5, 6
TINY = 1e-15


@compiled
def duration_s(work_s: float, slowdown: float, interval_s: float, cost_s: float, restart_s: float) -> float:
    """Return how long a job runs that is not disturbed.

    Parameters
    ----------
    work_s
        Work that is left.
    slowdown
        What the work's time is multiplied with, from 1.
    interval_s, cost_s
        Of its checkpoints; it writes none at its end.
    restart_s
        Time before the work begins.
    """
    if work_s <= interval_s:  # also where the interval is infinite
        return restart_s + work_s * slowdown
    checkpoints = math.ceil(work_s / interval_s) - 1
    return restart_s + work_s * slowdown + checkpoints * cost_s


@compiled
def work_saved_s(elapsed_s: float, slowdown: float, interval_s: float, cost_s: float, restart_s: float) -> float:
    """Return the work that the last checkpoint holds when a job is interrupted ``elapsed_s`` after its start."""
    running_s = elapsed_s - restart_s
    if running_s <= 0.0 or interval_s == np.inf:
        return 0.0
    return math.floor(running_s / (interval_s * slowdown + cost_s)) * interval_s


@compiled
def work_done_s(elapsed_s: float, slowdown: float, interval_s: float, cost_s: float, restart_s: float) -> float:
    """Return the work that a job has done ``elapsed_s`` after its start, saved or not."""
    running_s = elapsed_s - restart_s
    if running_s <= 0.0:
        return 0.0
    if interval_s == np.inf:
        return running_s / slowdown
    cycle_s = interval_s * slowdown + cost_s
    cycles = math.floor(running_s / cycle_s)
    return cycles * interval_s + min((running_s - cycles * cycle_s) / slowdown, interval_s)


@compiled
def score(order: int, waited_s: float, estimate_s: float, processors: float) -> float:
    """Return the score of a waiting job by a rule that changes as it waits; the smallest goes first.

    WFP3 and UNICEP as in D. Zhang et al., "RLScheduler", SC20, after W. Tang et al., "Fault-aware, utility-based job
    scheduling on Blue Gene/P systems", CLUSTER 2009; where a formula divides by zero, by 1e-15 instead.
    """
    asked_s = max(estimate_s, TINY)
    if order == WFP3:
        return -((waited_s / asked_s) ** 3) * processors
    return -(waited_s + TINY) / (math.log2(processors + TINY) * asked_s + TINY)


@compiled
def decayed(usage: float, rate: float, time_s: float, half_life_s: float) -> float:
    """Return usage after ``time_s`` in which ``rate`` a second was added and all of it decayed."""
    decay = math.log(2.0) / half_life_s
    fading = math.exp(-decay * time_s)
    return usage * fading + rate * (1.0 - fading) / decay


@compiled
def multifactor(
    waited_s: float,
    usage_share: float,
    user_share: float,
    size_share: float,
    priority: float,
    age_weight: float,
    fair_share_weight: float,
    size_weight: float,
    priority_weight: float,
    longest_age_s: float,
) -> float:
    """Return minus a waiting job's priority by Slurm's formula; the smallest goes first.

    The fair-share factor is ``2^(-usage_share / user_share)``.
    """
    age = min(1.0, waited_s / longest_age_s)
    fair = 2.0 ** (-usage_share / user_share)
    asked = size_weight * size_share + priority_weight * priority / 100.0
    return float(-(age_weight * age + fair_share_weight * fair + asked))
