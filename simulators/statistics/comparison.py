"""Which system is better, from replications under common random numbers.

Replication ``r`` of every system meets the same luck, so differences are taken replication by replication and what
they share cancels (the paired-t interval). Several intervals at once are made safe by Bonferroni's inequality.

Source: A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), sections 10.2.1 and 10.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from simulators.statistics.checks import observations, require, require_confidence
from simulators.statistics.intervals import Interval, t_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Difference", "compare_all", "compare_with_control", "paired_t"]


@dataclass(frozen=True)
class Difference:
    """How much one system differs from another.

    Parameters
    ----------
    first, second
        Numbers of the two systems.
    interval
        Of the mean of ``first`` minus the mean of ``second``, in the unit of the data.
    variance_ratio
        Variance of the difference over what independent runs would give: below 1, common random numbers helped; 1,
        they did nothing; above 1, they harmed. NaN if neither system varies.
    """

    first: int
    second: int
    interval: Interval
    variance_ratio: float

    @property
    def differs(self) -> bool:
        """Whether the interval leaves out 0: the systems differ for sure, at its confidence."""
        return 0 not in self.interval


def paired_t(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> Difference:
    """Compare two systems replication by replication.

    Parameters
    ----------
    first, second
        ``(R,)`` each, ``R`` ≥ 2, in one unit; entry ``r`` of both is replication ``r``.
    confidence
        Between 0 and 1.

    Raises
    ------
    SampleError
        The two are not equally long, are shorter than 2, or hold a value that is not finite.
    SettingError
        The confidence is no probability.

    Examples
    --------
    >>> luck = [0.0, 9.0, -4.0, 3.0]
    >>> paired_t([x + 12.1 for x in luck], [x + 12.0 for x in luck]).differs
    True
    """
    one = observations("first", first)
    other = observations("second", second, least=len(one))
    one = observations("first", one, least=len(other))
    return compare_all(np.column_stack([one, other]), confidence)[0]


def compare_all(values: ArrayLike, confidence: float = 0.95) -> tuple[Difference, ...]:
    """Compare every system with every other.

    Parameters
    ----------
    values
        ``(R, S)``, ``R`` ≥ 2 replications (rows) of ``S`` ≥ 2 systems (columns), in one unit.
    confidence
        Of all ``S (S - 1) / 2`` intervals together, at least.

    Returns
    -------
    tuple of Difference
        Of columns (0, 1), (0, 2) … (S - 2, S - 1), each the lower minus the higher number.

    Raises
    ------
    SampleError
        There are fewer than 2 replications, or a value is not finite.
    SettingError
        There are fewer than 2 systems, or the confidence is no probability.
    """
    sample = _systems(values, confidence)
    return _differences(sample, list(combinations(range(sample.shape[1]), 2)), confidence)


def compare_with_control(values: ArrayLike, control: int = 0, confidence: float = 0.95) -> tuple[Difference, ...]:
    """Compare every system with one of them, such as today's.

    Parameters
    ----------
    values
        ``(R, S)``, ``R`` ≥ 2 replications (rows) of ``S`` ≥ 2 systems (columns), in one unit.
    control
        Column of the system that the others are held against.
    confidence
        Of all ``S - 1`` intervals together, at least.

    Returns
    -------
    tuple of Difference
        Of every other column in order, each minus the control.

    Raises
    ------
    SampleError
        There are fewer than 2 replications, or a value is not finite.
    SettingError
        There are fewer than 2 systems, there is no such control, or the confidence is no probability.
    """
    sample = _systems(values, confidence)
    systems = sample.shape[1]
    require("control", control, 0 <= control < systems, f"a column from 0 to {systems - 1}")
    return _differences(sample, [(system, control) for system in range(systems) if system != control], confidence)


def _systems(values: ArrayLike, confidence: float) -> NDArray[np.float64]:
    require_confidence(confidence)
    sample = observations("values", values, dimensions=2, least=2)
    require("number of systems", sample.shape[1], sample.shape[1] >= 2, "≥ 2")
    return sample


def _differences(
    sample: NDArray[np.float64], pairs: Sequence[tuple[int, int]], confidence: float
) -> tuple[Difference, ...]:
    # One interval alone keeps its confidence to the last digit, which 1 - (1 - c) / 1 would not.
    each = confidence if len(pairs) == 1 else 1 - (1 - confidence) / len(pairs)
    variances = sample.var(axis=0, ddof=1)
    found = []
    for first, second in pairs:
        gaps = sample[:, first] - sample[:, second]
        apart = float(variances[first] + variances[second])
        ratio = float(gaps.var(ddof=1)) / apart if apart > 0 else math.nan
        found.append(Difference(first, second, t_interval(gaps, each), ratio))
    return tuple(found)
