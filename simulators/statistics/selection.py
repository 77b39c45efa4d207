"""Choose the best of several systems with a guarantee: the fully sequential procedure KN.

Source: S.-H. Kim, B. L. Nelson, "A fully sequential procedure for indifference-zone selection in simulation", ACM
Transactions on Modeling and Computer Simulation 11 (2001) 251-273, with c = 1. For normal observations, with or without
common random numbers and whatever the variances, the best system is chosen with the stated probability if its mean is
at least ``delta`` ahead of every other; if others are closer, one within ``delta`` of the best is a good choice too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.statistics.checks import answer, finite, require

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    SystemSampler = Callable[[int, int, int], ArrayLike]

__all__ = ["Selection", "kim_nelson"]


@dataclass(frozen=True, eq=False)
class Selection:
    """The system chosen, and what it took.

    Parameters
    ----------
    best
        Number of the chosen system.
    means
        ``(S,)``, mean of each system's replications up to its elimination, in the unit of the data.
    replications
        ``(S,)``, how many the procedure looked at: few for a system clearly worse.
    delta, confidence
        The guarantee: with a lead of at least ``delta`` the best is chosen with this probability.
    """

    best: int
    means: NDArray[np.float64]
    replications: NDArray[np.int64]
    delta: float
    confidence: float


def kim_nelson(
    sample: SystemSampler,
    systems: int,
    *,
    delta: float,
    confidence: float = 0.95,
    first_stage: int = 10,
    block: int = 1,
    cap: int | None = None,
    maximise: bool = True,
) -> Selection:
    """Choose the system of the best mean, dropping the clearly worse as soon as they show.

    Parameters
    ----------
    sample
        ``sample(system, first, count)`` returns ``(count,)``: replications ``first`` to ``first + count - 1`` of that
        system, each fixed by its number alone. Common random numbers across systems make the choice cheaper.
    systems
        How many there are, from 2.
    delta
        Indifference zone: the smallest difference of means worth detecting, > 0, in the unit of the data.
    confidence
        Probability of a correct choice, between 1 / systems and 1.
    first_stage
        Replications of every system from which the variances of differences are estimated, from 2; 10 or more
        keep the procedure from being wasteful.
    block
        Replications asked for in one later call. It never changes the choice: those beyond need are not looked at.
    cap
        Most replications of a system; without it the procedure may take as many as ``delta`` needs.
    maximise
        Whether the largest mean is the best; otherwise the smallest.

    Raises
    ------
    SampleError
        The callable returns the wrong shape or a value that is not finite.
    SettingError
        A setting is out of bounds, or the first stage shows that ``delta`` may need more than ``cap`` replications.

    Examples
    --------
    >>> import numpy as np
    >>> data = np.random.default_rng(1).normal([[10.0], [12.0], [11.0]], 1.0, (3, 500))
    >>> kim_nelson(lambda system, first, count: data[system, first : first + count], 3, delta=0.5).best
    1
    """
    require("systems", systems, systems >= 2, "≥ 2")
    require("delta", delta, 0 < delta < math.inf, "> 0 and finite")
    require("confidence", confidence, 1 / systems < confidence < 1, f"between 1 / systems = {1 / systems:g} and 1")
    require("first_stage", first_stage, first_stage >= 2, "≥ 2")
    require("block", block, block >= 1, "≥ 1")
    sign = 1 if maximise else -1

    def draw(system: int, first: int, count: int) -> NDArray[np.float64]:
        return answer(f"sample({system}, {first}, {count})", sample(system, first, count), (count,))

    first = np.stack(
        [finite(f"sample({system}, 0, {first_stage})", draw(system, 0, first_stage)) for system in range(systems)]
    )
    reach = _reach(first, delta, confidence)
    if cap is not None:
        need = max(math.floor(reach.max()) + 1, first_stage)
        bound = f"larger: it may need {need} replications of a system, above cap = {cap}; raise delta or cap"
        require("delta", delta, need <= cap, bound)

    sums = first.sum(axis=1)
    counts = np.full(systems, first_stage, np.int64)
    alive = np.arange(systems)
    ahead = np.empty((systems, block))
    taken = block
    count = first_stage
    while True:
        totals = sign * sums[alive]
        pairs = reach[np.ix_(alive, alive)]
        slack = np.maximum(delta / 2 * (pairs - count), 0)  # the paper's r W(r)
        alive = alive[~np.any(totals[None, :] - totals[:, None] > slack, axis=1)]
        if len(alive) == 1 or count > pairs.max():
            break
        if taken == block:
            ahead[alive] = [draw(int(system), count, block) for system in alive]
            taken = 0
        for system in alive[~np.isfinite(ahead[alive, taken])]:
            finite(f"sample({system}, ...)", ahead[system, taken : taken + 1], first=count)
        sums[alive] += ahead[alive, taken]
        taken += 1
        count += 1
        counts[alive] = count
    best = int(alive[0])  # more are left only of exactly equal means
    return Selection(best, sums / counts, counts, delta, confidence)


def _reach(first: NDArray[np.float64], delta: float, confidence: float) -> NDArray[np.float64]:
    """Return ``(S, S)``: after how many replications two systems are told apart by their means alone."""
    systems, count = first.shape
    share = (1 - confidence) / (systems - 1)
    eta = ((2 * share) ** (-2 / (count - 1)) - 1) / 2
    variances = np.stack([(one - first).var(axis=1, ddof=1) for one in first])
    reach: NDArray[np.float64] = 2 * eta * (count - 1) * variances / delta**2
    return reach
