"""A sharper mean from what is known anyway: control variates.

A run whose drawn service times happened to be long has a long lead time. The mean of the service times is known, so
the part of the lead time that this luck explains can be taken off again by linear regression.

Sources: S. S. Lavenberg, P. D. Welch, "A perspective on the use of control variables to increase the efficiency of
Monte Carlo simulations", Management Science 27 (1981) 322-335; B. L. Nelson, "Control variate remedies", Operations
Research 38 (1990) 974-992.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import fdtrc, stdtrit

from simulators.statistics.checks import observations, require_confidence
from simulators.statistics.errors import SampleError
from simulators.statistics.intervals import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ControlledMean", "control_variates"]


@dataclass(frozen=True, eq=False)
class ControlledMean:
    """A mean adjusted for the luck that the controls show.

    Parameters
    ----------
    interval
        Mean and interval, in the unit of the values.
    coefficients
        ``(Q,)``, change of the value with each control, in the value's unit over the control's.
    r_squared
        Share of the values' variance that the controls explain, from 0 to 1; NaN if the values do not vary.
    variance_ratio
        Estimated variance of the adjusted mean over that of the plain mean: below 1, the controls helped; NaN if the
        values do not vary. Its expectation is (1 - ρ²) (R - 2) / (R - Q - 2), so useless controls harm a little.
    p_value
        Probability of an ``r_squared`` this high from controls that explain nothing (F test). Large, say above 0.05:
        drop the controls. NaN if the values do not vary.
    """

    interval: Interval
    coefficients: NDArray[np.float64]
    r_squared: float
    variance_ratio: float
    p_value: float


def control_variates(
    values: ArrayLike, controls: ArrayLike, known_means: ArrayLike, confidence: float = 0.95
) -> ControlledMean:
    """Return the mean of replications, adjusted by controls whose true means are known.

    The interval is exact if values and controls are jointly normal, and good if they are means over long runs.

    Parameters
    ----------
    values
        ``(R,)``, one value for each of ``R`` ≥ Q + 3 replications, in any unit.
    controls
        ``(R, Q)``, or ``(R,)`` for one control: what each replication drew, such as its mean service time. Which
        controls to use must be settled before looking at the values.
    known_means
        ``(Q,)``, or one number for one control: the true means, in the controls' units.
    confidence
        Between 0 and 1.

    Raises
    ------
    SampleError
        Shapes do not fit, there are too few replications, a value is not finite, or a control is a linear combination
        of others (or does not vary).
    SettingError
        The confidence is no probability.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(2)
    >>> service_s = rng.normal(30, 3, 40)
    >>> lead_time_s = 100 + 5 * (service_s - 30) + rng.normal(0, 3, 40)
    >>> controlled = control_variates(lead_time_s, service_s, 30.0)
    >>> controlled.variance_ratio < 0.2
    True
    """
    require_confidence(confidence)
    means = observations("known_means", np.atleast_1d(np.asarray(known_means, np.float64)))
    size = len(means)
    sample = observations("values", values, least=size + 3)
    table = np.asarray(controls, np.float64)
    table = observations("controls", table[:, None] if table.ndim == 1 else table, dimensions=2)
    if table.shape != (len(sample), size):
        message = f"controls has shape {table.shape}; it must be ({len(sample)}, {size}): values by known means"
        raise SampleError(message)
    scales = table.std(axis=0)
    count = len(sample)
    # A control that is constant up to rounding would explain anything.
    flat = scales <= 1e-12 * np.abs(table).max(axis=0)
    design = np.column_stack([np.ones(count), (table - means) / np.where(flat, 1.0, scales)])
    centred = design[:, 1:] - design[:, 1:].mean(axis=0)
    if flat.any() or np.linalg.matrix_rank(centred, tol=1e-9 * math.sqrt(count)) < size:
        message = f"controls: the {size} column(s) must each vary, none a linear combination of others; leave some out"
        raise SampleError(message)

    orthogonal, upper = np.linalg.qr(design)
    solution = np.linalg.solve(upper, orthogonal.T @ sample)
    residuals = sample - design @ solution
    freedom = count - size - 1
    unexplained = float(residuals @ residuals)
    factor = float(np.sum(np.linalg.inv(upper)[0] ** 2))
    variance = unexplained / freedom * factor
    half_width = float(stdtrit(freedom, (1 + confidence) / 2)) * math.sqrt(variance)
    interval = Interval(float(solution[0]), half_width, confidence, freedom)

    deviations = sample - sample.mean()
    total = float(deviations @ deviations)
    r_squared = ratio = p_value = math.nan
    if np.ptp(sample) > 0:
        r_squared = min(max(1 - unexplained / total, 0.0), 1.0)
        ratio = variance / (total / (count - 1) / count)
        p_value = (
            0.0 if unexplained == 0 else float(fdtrc(size, freedom, r_squared * freedom / size * total / unexplained))
        )
    return ControlledMean(interval, solution[1:] / scales, r_squared, ratio, p_value)
