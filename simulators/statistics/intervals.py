"""Confidence intervals for a mean: of independent replications, and of one long run by batch means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtrit

from simulators.statistics.checks import observations, require, require_confidence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["BatchMeans", "Interval", "batch_means_interval", "half_widths", "t_interval"]


@dataclass(frozen=True)
class Interval:
    """A mean and the interval ``mean ± half_width`` around it.

    Parameters
    ----------
    mean
        The estimate, in the unit of the data.
    half_width
        Half the width of the interval, in the same unit; infinite where the data say nothing of their spread.
    confidence
        How often such intervals hold the true mean, between 0 and 1.
    degrees_of_freedom
        Of the Student quantile behind the half-width.
    """

    mean: float
    half_width: float
    confidence: float
    degrees_of_freedom: int

    @property
    def low(self) -> float:
        """Lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Upper end."""
        return self.mean + self.half_width

    def __contains__(self, value: float) -> bool:
        """Whether a value lies in the interval, ends included."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class BatchMeans:
    """The mean of one long run, and signs of whether its batches are long enough.

    Parameters
    ----------
    interval
        Mean and interval of the observations that fill the batches.
    batches, batch_size
        Number of batches and observations in each.
    discarded
        Observations left out at the beginning because they do not fill a batch.
    lag_1
        Lag-1 autocorrelation of the batch means; near 0 for batches long enough. NaN if they are all equal.
    von_neumann
        Sum of squared differences of neighbouring batch means over their sum of squared deviations: 2 expected of
        independent ones, less where neighbours are alike. NaN if they are all equal.
    correlation_p
        Probability of a ``von_neumann`` this low from independent normal batch means (by its normal limit). Small,
        say below 0.05: the interval is too narrow; use fewer, longer batches or a longer run. NaN if they are all
        equal.
    """

    interval: Interval
    batches: int
    batch_size: int
    discarded: int
    lag_1: float
    von_neumann: float
    correlation_p: float


def half_widths(values: NDArray[np.float64], confidence: float = 0.95) -> NDArray[np.float64]:
    """Return the half-width of Student's interval for the mean of every column.

    Parameters
    ----------
    values
        ``(R, K)``, one row for each of ``R`` ≥ 1 replications.
    confidence
        Between 0 and 1.

    Returns
    -------
    NDArray
        ``(K,)``, in the columns' own units: infinite for a single replication, NaN for a column that holds NaN.
    """
    count = len(values)
    if count == 1:
        return np.where(np.isnan(values[0]), math.nan, math.inf)
    quantile = stdtrit(count - 1, (1 + confidence) / 2)
    return np.asarray(quantile * values.std(axis=0, ddof=1) / math.sqrt(count), np.float64)


def t_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Return mean and Student's interval of independent replications.

    Parameters
    ----------
    values
        ``(R,)``, one value a replication, in any unit. A NaN makes mean and half-width NaN: it is not left out.
    confidence
        Between 0 and 1.

    Raises
    ------
    SampleError
        There is no value, or an infinite one.
    SettingError
        The confidence is no probability.

    Examples
    --------
    >>> interval = t_interval([3.0, 5.0, 4.0, 8.0], confidence=0.9)
    >>> print(f"{interval.mean} ± {interval.half_width:.3f}")
    5.0 ± 2.542
    """
    require_confidence(confidence)
    sample = observations("values", values, missing=True)
    half_width = float(half_widths(sample[:, None], confidence)[0])
    return Interval(float(sample.mean()), half_width, confidence, len(sample) - 1)


def batch_means_interval(series: ArrayLike, *, batches: int = 20, confidence: float = 0.95) -> BatchMeans:
    """Return mean and interval of one long, correlated run by non-overlapping batch means.

    The run is cut into batches of equal size; their means are nearly independent if batches are much longer than the
    run's memory. What does not fill a batch is left out at the beginning, where the rest of the warm-up is worst.

    Parameters
    ----------
    series
        ``(N,)`` observations in order, warm-up already cut off, in any unit.
    batches
        Number of batches, from 2; Schmeiser (1982) finds no gain above 30.
    confidence
        Between 0 and 1.

    Raises
    ------
    SampleError
        There are fewer observations than two for each batch, or one is not finite.
    SettingError
        ``batches`` or ``confidence`` is out of bounds.

    Notes
    -----
    B. Schmeiser, "Batch size effects in the analysis of simulation output", Operations Research 30 (1982) 556-568.
    J. von Neumann, "Distribution of the ratio of the mean square successive difference to the variance", Annals of
    Mathematical Statistics 12 (1941) 367-395: for ``b`` independent normal values the ratio used here has mean 2 and
    variance 4 (b - 2) / (b² - 1).
    """
    require_confidence(confidence)
    require("batches", batches, batches >= 2, "≥ 2")
    sample = observations("series", series, least=2 * batches)
    size = len(sample) // batches
    discarded = len(sample) - size * batches
    means = sample[discarded:].reshape(batches, size).mean(axis=1)
    interval = t_interval(means, confidence)
    lag_1 = von_neumann = correlation_p = math.nan
    deviations = means - means.mean()
    spread = float(deviations @ deviations)
    if np.ptp(means) > 0 and spread > 0:
        lag_1 = float(deviations[:-1] @ deviations[1:]) / spread
        von_neumann = float(np.sum(np.diff(means) ** 2)) / spread
        if batches > 2:  # of two values the ratio is always 2
            deviation = math.sqrt(4 * (batches - 2) / (batches**2 - 1))
            correlation_p = float(ndtr((von_neumann - 2) / deviation))
    return BatchMeans(interval, batches, size, discarded, lag_1, von_neumann, correlation_p)
