"""Spend a budget of replications where it tells most about which system is best: OCBA.

Source: C.-H. Chen, J. Lin, E. Yücesan, S. E. Chick, "Simulation budget allocation for further enhancing the efficiency
of ordinal optimization", Discrete Event Dynamic Systems 10 (2000) 251-270.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from simulators.statistics.checks import answer, finite, observations, require
from simulators.statistics.errors import SampleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    SystemSampler = Callable[[int, int, int], ArrayLike]

__all__ = ["Allocation", "ocba", "ocba_shares"]


@dataclass(frozen=True, eq=False)
class Allocation:
    """The system that looks best after the budget is spent.

    Parameters
    ----------
    best
        Its number.
    means, deviations
        ``(S,)``, sample mean and standard deviation of each system, in the unit of the data.
    replications
        ``(S,)``, how many each was given.
    correct
        Approximate lower bound (APCS-B) for the probability that ``best`` is the best: 1 less the sum over the others
        of the probability that they are better, at least 0. An estimate from the same data, no guarantee.
    """

    best: int
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]
    replications: NDArray[np.int64]
    correct: float


def ocba_shares(means: ArrayLike, deviations: ArrayLike, *, maximise: bool = True) -> NDArray[np.float64]:
    """Return the share of a budget that each system should have.

    For systems ``i``, ``j`` that are not the best: N_i / N_j = ((σ_i / δ_i) / (σ_j / δ_j))², with δ the distance of the
    mean from the best one; and N_best = σ_best √(Σ N_i² / σ_i²).

    Parameters
    ----------
    means, deviations
        ``(S,)``, ``S`` ≥ 2, mean and standard deviation of each, in one unit. Systems whose mean equals the best one
        need, in the limit, the whole budget; a system that does not vary needs none.
    maximise
        Whether the largest mean is the best; otherwise the smallest.

    Returns
    -------
    NDArray
        ``(S,)``, together 1; equal if no system varies.

    Raises
    ------
    SampleError
        The two are not equally long, or a value is not finite or a negative deviation.

    Examples
    --------
    >>> ocba_shares([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], maximise=False).round(3)
    array([0.452, 0.438, 0.11 ])
    """
    centre = observations("means", means, least=2)
    spread = observations("deviations", deviations, least=len(centre))
    if len(spread) != len(centre) or np.any(spread < 0):
        message = f"deviations = {spread} must be {len(centre)} numbers ≥ 0, one for each mean"
        raise SampleError(message)
    if not spread.any():
        return np.full(len(centre), 1 / len(centre))
    best = int(np.argmax(centre) if maximise else np.argmin(centre))
    others = np.arange(len(centre)) != best
    gaps = np.abs(centre - centre[best])
    tied = others & (gaps == 0) & (spread > 0)
    competing = tied if tied.any() else others & (gaps > 0) & (spread > 0)
    if not competing.any():
        return np.where(others, 0.0, 1.0)
    # Only ratios count: in units of the widest and the nearest competitor no square under- or overflows.
    sigmas = spread / spread[competing].max()
    distances = np.ones(len(centre)) if tied.any() else gaps / gaps[competing].min()
    weights = np.zeros(len(centre))
    weights[competing] = (sigmas[competing] / distances[competing]) ** 2
    weights[best] = sigmas[best] * math.sqrt(float(np.sum((weights[competing] / sigmas[competing]) ** 2)))
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def ocba(
    sample: SystemSampler,
    systems: int,
    *,
    budget: int,
    first_stage: int = 10,
    step: int = 10,
    maximise: bool = True,
) -> Allocation:
    """Spend a budget step by step, each time by the shares that the data so far suggest.

    Parameters
    ----------
    sample
        ``sample(system, first, count)`` returns ``(count,)``: replications ``first`` to ``first + count - 1`` of that
        system, each fixed by its number alone. OCBA assumes systems sampled independently of each other.
    systems
        How many there are, from 2.
    budget
        Replications of all systems together, at least ``systems · first_stage``; all are spent.
    first_stage
        Replications of every system to begin with, from 2. Too few may show no variation by accident (counts, yes or
        no), and a system that seems not to vary is given no more.
    step
        Replications between two looks at the shares, from 1.
    maximise
        Whether the largest mean is the best; otherwise the smallest.

    Raises
    ------
    SampleError
        The callable returns the wrong shape or a value that is not finite.
    SettingError
        A setting is out of bounds.
    """
    require("systems", systems, systems >= 2, "≥ 2")
    require("first_stage", first_stage, first_stage >= 2, "≥ 2")
    require("step", step, step >= 1, "≥ 1")
    require("budget", budget, budget >= systems * first_stage, f"≥ systems · first_stage = {systems * first_stage}")
    values: list[NDArray[np.float64]] = [np.empty(0)] * systems
    grants = np.full(systems, first_stage, np.int64)
    means, deviations = np.empty(systems), np.empty(systems)
    while True:
        for system in np.flatnonzero(grants):
            first, count = len(values[system]), int(grants[system])
            call = f"sample({system}, {first}, {count})"
            more = answer(call, sample(int(system), first, count), (count,))
            values[system] = np.concatenate([values[system], finite(call, more)])
            means[system], deviations[system] = values[system].mean(), values[system].std(ddof=1)
        counts = np.array([len(some) for some in values], np.int64)
        left = budget - int(counts.sum())
        if left == 0:
            break
        grants = _grants(ocba_shares(means, deviations, maximise=maximise), counts, min(step, left))
    best = int(np.argmax(means) if maximise else np.argmin(means))
    return Allocation(best, means, deviations, counts, _correct(best, means, deviations, counts))


def _grants(shares: NDArray[np.float64], counts: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Return how to add ``step`` replications so that the counts come nearest to the shares."""
    open_ = shares > 0
    while True:
        # Systems that already have more than their share get none, and the rest shares what is left.
        targets = shares * (int(counts[open_].sum()) + step) / shares[open_].sum()
        over = open_ & (targets < counts)
        if not over.any():
            break
        open_ = open_ & ~over
    wanted = np.where(open_, targets - counts, 0.0)
    grants = np.floor(wanted).astype(np.int64)
    rest = np.argsort(-(wanted - grants), kind="stable")[: step - int(grants.sum())]
    grants[rest] += 1
    return grants


def _correct(
    best: int, means: NDArray[np.float64], deviations: NDArray[np.float64], counts: NDArray[np.int64]
) -> float:
    others = np.arange(len(means)) != best
    errors = np.sqrt(deviations**2 / counts + deviations[best] ** 2 / counts[best])[others]
    gaps = np.abs(means - means[best])[others]
    # Without any variation a gap is certain, and a tie is even.
    scores = np.divide(gaps, errors, out=np.where(gaps > 0, math.inf, 0.0), where=errors > 0)
    return max(1 - float(np.sum(ndtr(-scores))), 0.0)
