"""Replicate until the means are precise enough.

Source: A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), section 9.4.1: a true relative error of at most γ
is had with the stated confidence, nearly, when the half-width is at most γ / (1 + γ) of the estimated mean. The rule
is looked at after every replication from the minimum on (Chow & Robbins 1965), however many are run side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from simulators.statistics.checks import answer, finite, require, require_confidence
from simulators.statistics.intervals import half_widths

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Sampler = Callable[[int, int], ArrayLike]

__all__ = ["SequentialSample", "sample_until"]


@dataclass(frozen=True, eq=False)
class SequentialSample:
    """As many replications as the precision asked for.

    Parameters
    ----------
    values
        ``(R, K)``, the replications 0 to ``R - 1``.
    reached
        Whether every chosen column is precise enough; otherwise the cap came first.
    means, half_widths
        ``(K,)``, of all columns, in their own units.
    confidence
        Of each half-width by itself, between 0 and 1.
    """

    values: NDArray[np.float64]
    reached: bool
    means: NDArray[np.float64]
    half_widths: NDArray[np.float64]
    confidence: float

    @property
    def replications(self) -> int:
        """Number of replications."""
        return len(self.values)


def sample_until(
    sample: Sampler,
    *,
    relative: float | None = None,
    absolute: float | None = None,
    columns: Sequence[int] | None = None,
    confidence: float = 0.95,
    minimum: int = 10,
    growth: float = 1.25,
    cap: int = 10_000,
) -> SequentialSample:
    """Replicate until the half-width of every chosen column is small enough.

    Parameters
    ----------
    sample
        ``sample(first, count)`` returns ``(count, K)``: replications ``first`` to ``first + count - 1``, each fixed
        by its number alone.
    relative
        Largest relative error γ of a mean, such as 0.05. Give this or ``absolute``.
    absolute
        Largest half-width, in the columns' unit.
    columns
        Columns that must be precise, all by default. The others may hold NaN.
    confidence
        Of each column by itself; with ``k`` columns use 1 - (1 - confidence) / k for all of them at once.
    minimum
        Replications before the precision is first looked at, from 2; Law advises 10.
    growth
        Each call asks for enough replications to have ``growth`` times as many, so that they can run side by side.
        It never changes the result: replications beyond the first that suffices are dropped.
    cap
        Most replications.

    Raises
    ------
    SampleError
        The callable returns the wrong shape, or a chosen column holds a value that is not finite.
    SettingError
        A setting is out of bounds, or not exactly one of ``relative`` and ``absolute`` is given.

    Examples
    --------
    >>> import numpy as np
    >>> data = np.random.default_rng(3).normal(10, 2, (1000, 1))
    >>> found = sample_until(lambda first, count: data[first : first + count], relative=0.05)
    >>> found.reached, bool(found.half_widths[0] <= 0.05 / 1.05 * found.means[0])
    (True, True)
    """
    require_confidence(confidence)
    require("minimum", minimum, minimum >= 2, "≥ 2")
    require("growth", growth, 1 <= growth < math.inf, "≥ 1 and finite")
    require("cap", cap, cap >= minimum, f"≥ minimum = {minimum}")
    one = (relative is None) != (absolute is None)
    require("relative, absolute", (relative, absolute), one, "one number and one None")
    for name, bound in (("relative", relative), ("absolute", absolute)):
        require(name, bound, bound is None or 0 < bound < math.inf, "> 0 and finite")
    # The half-width must be at most factor · |mean| + constant.
    factor, constant = (0.0 if relative is None else relative / (1 + relative)), absolute or 0.0

    blocks = [answer(f"sample(0, {minimum})", sample(0, minimum), (minimum, "K"))]
    width = blocks[0].shape[1]
    chosen = np.arange(width) if columns is None else np.asarray(columns, np.intp)
    fits = chosen.ndim == 1 and chosen.size > 0 and bool(np.all((chosen >= 0) & (chosen < width)))
    require("columns", columns, fits, f"numbers from 0 to {width - 1}, at least one")

    unchosen = ~np.isin(np.arange(width), chosen)
    centre = finite("sample", np.where(unchosen, 0, blocks[0])).mean(axis=0)[chosen]
    sums = np.zeros((2, len(chosen)))
    count = 0
    while True:
        block = blocks[-1][:, chosen]
        # A figure that is missing beyond the replications needed must do no harm: look at what comes before it.
        usable = int(np.argmin(np.append(np.isfinite(block).all(axis=1), False)))
        measured = block[:usable] - centre
        # Running sums carried from block to block are the same bits however the replications are cut into calls.
        steps = np.concatenate([sums[None], np.stack([measured, measured**2], axis=1)])
        running = np.cumsum(steps, axis=0)[1:]
        counts = np.arange(count + 1, count + usable + 1)[:, None]
        first = max(minimum - count, 1) - 1
        widths = _widths(running[first:], counts[first:], confidence)
        bounds = factor * np.abs(centre + running[first:, 0] / counts[first:]) + constant
        precise = np.all(widths <= bounds, axis=1)
        if precise.any():
            blocks[-1] = blocks[-1][: first + int(np.argmax(precise)) + 1]
            return _result(blocks, True, confidence)
        finite("sample", np.where(unchosen, 0, blocks[-1]), first=count)
        sums, count = running[-1], count + len(block)
        if count == cap:
            return _result(blocks, False, confidence)
        more = min(max(math.ceil(count * growth) - count, 1), cap - count)
        blocks.append(answer(f"sample({count}, {more})", sample(count, more), (more, width)))


def _widths(running: NDArray[np.float64], counts: NDArray[np.intp], confidence: float) -> NDArray[np.float64]:
    """Return ``(N, K)`` half-widths from ``(N, 2, K)`` running sums and sums of squares."""
    variances = np.maximum(running[:, 1] - running[:, 0] ** 2 / counts, 0) / (counts - 1)
    return np.asarray(stdtrit(counts - 1, (1 + confidence) / 2) * np.sqrt(variances / counts), np.float64)


def _result(blocks: list[NDArray[np.float64]], reached: bool, confidence: float) -> SequentialSample:
    values = np.concatenate(blocks)
    return SequentialSample(values, reached, values.mean(axis=0), half_widths(values, confidence), confidence)
