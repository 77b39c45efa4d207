"""Where the warm-up of a run ends: the MSER rule.

A run that starts empty and idle is not yet itself. MSER drops as many first observations as make the standard error
of the mean of the rest smallest: cutting bias makes it smaller, cutting good data makes it larger.

Sources: K. P. White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69 (1997)
323-334; S. C. Spratt, "Heuristics for the startup problem", M.S. thesis, University of Virginia (1998) for means of
five (MSER-5); K. Hoad, S. Robinson, R. Davies, "Automating warm-up length estimation", Journal of the Operational
Research Society 61 (2010) 1389-1403 for not trusting the last five means nor a cut in the second half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.statistics.checks import observations, require
from simulators.statistics.errors import RunLongerError, SampleError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["WarmUp", "mser"]

_LEAST_KEPT = 5
"""Means that are always kept: a few that happen to agree say nothing of the standard error."""


@dataclass(frozen=True)
class WarmUp:
    """What MSER says of a run.

    Parameters
    ----------
    length
        Observations to drop at the beginning, a multiple of ``batch_size``.
    total
        Observations of the run, dropped ones included.
    batch_size
        Observations averaged into one mean before the rule is applied.
    statistic
        The smallest value of the rule, in the squared unit of the data.
    run_longer
        Whether the cut lies in the second half of the run. Then the rule has not seen the run settle: do not use
        ``length``, run longer.
    """

    length: int
    total: int
    batch_size: int
    statistic: float
    run_longer: bool

    def truncate(self, series: ArrayLike) -> NDArray[np.float64]:
        """Return a series without its warm-up.

        Parameters
        ----------
        series
            ``(..., total)``; the last axis is cut.

        Raises
        ------
        RunLongerError
            The run is too short to tell where its warm-up ends.
        SampleError
            The series is not ``total`` observations long.
        """
        array = np.asarray(series, np.float64)
        if array.shape[-1:] != (self.total,):
            message = f"series has shape {array.shape}; its last axis must hold the {self.total} observations judged"
            raise SampleError(message)
        if self.run_longer:
            message = (
                f"warm-up length = {self.length} observations must be ≤ half of the {self.total} there are; "
                "run longer, several times this length"
            )
            raise RunLongerError(message)
        return array[..., self.length :]


def mser(series: ArrayLike, *, batch_size: int = 5) -> WarmUp:
    """Return where the warm-up ends by MSER, on means of ``batch_size`` observations (5: MSER-5).

    Parameters
    ----------
    series
        ``(N,)`` observations in order, or ``(R, N)`` for ``R`` replications, which are averaged over first (this
        quietens the noise and leaves the common trend). Equally spaced in time or one a part, in any unit.
    batch_size
        From 1.

    Raises
    ------
    SampleError
        There are fewer than ten full batches, or an observation is not finite.
    SettingError
        ``batch_size`` is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> filling_up = np.minimum(np.arange(400) / 40, 1) + np.random.default_rng(1).normal(0, 0.1, 400)
    >>> mser(filling_up).length
    45
    """
    require("batch_size", batch_size, batch_size >= 1, "≥ 1")
    array = np.asarray(series, np.float64)
    if array.ndim == 2:
        array = observations("series", array, dimensions=2).mean(axis=0)
    least = 2 * _LEAST_KEPT * batch_size
    sample = observations("series", array, least=least)
    count = len(sample) // batch_size
    means = sample[: count * batch_size].reshape(count, batch_size).mean(axis=1)
    # Sums run from the settled end and around its median, so that a huge start costs the tail no digits.
    means = means - np.median(means[count // 2 :])
    kept = np.arange(count, 0, -1)
    sums = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum(means[::-1] ** 2)[::-1]
    rule = np.maximum(squares - sums**2 / kept, 0) / kept**2
    cut = int(np.argmin(rule[: count - _LEAST_KEPT + 1]))
    length = cut * batch_size
    return WarmUp(length, len(sample), batch_size, float(rule[cut]), 2 * length > len(sample))
