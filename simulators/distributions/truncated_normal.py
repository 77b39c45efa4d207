"""A normal distribution of which only what lies above 0 remains.

Source: N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions", vol. 1, 2nd ed. (1994), section
13.10.1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import Field, PositiveFloat, model_validator
from scipy.special import erfcx, ndtr, ndtri

from simulators.distributions.duration import Duration

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

__all__ = ["TruncatedNormal"]

FURTHEST = 10.0
"""Standard deviations by which the parent's mean may lie below 0: what remains of it there still has exact figures."""


class TruncatedNormal(Duration):
    """Normal truncated at 0: drawn again and again until it is not negative.

    ``mean_s`` and ``variance_s2`` are those of what remains: the more the parent reaches below 0, the larger is the
    mean against the parent's, and the smaller the variance.

    Examples
    --------
    >>> found = TruncatedNormal(kind="truncated_normal", parent_mean_s=0, parent_sd_s=1)
    >>> round(found.mean_s, 6), round(found.variance_s2, 6)
    (0.797885, 0.36338)
    """

    kind: Literal["truncated_normal"]
    parent_mean_s: float = Field(description="mean of the normal distribution before it is truncated")
    parent_sd_s: PositiveFloat = Field(description="its standard deviation")

    @model_validator(mode="after")
    def _reaches_above_zero(self) -> Self:
        if self.parent_mean_s < -FURTHEST * self.parent_sd_s:
            message = (
                f"parent_mean_s = {self.parent_mean_s} must be ≥ -{FURTHEST:g} · parent_sd_s = "
                f"{-FURTHEST * self.parent_sd_s:g}, or nothing of the distribution lies above 0; "
                "an exponential one is near to what is meant"
            )
            raise ValueError(message)
        return self

    @property
    def mean_s(self) -> float:
        """Mean, μ + σ λ, with λ = φ(μ/σ) / Φ(μ/σ)."""
        return self.parent_mean_s + self.parent_sd_s * self._hazard()

    @property
    def variance_s2(self) -> float:
        """Variance, σ² (1 - λ (λ + μ/σ))."""
        hazard = self._hazard()
        return self.parent_sd_s**2 * (1 - hazard * (hazard + self.parent_mean_s / self.parent_sd_s))

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds, by inversion."""
        return self.quantile(generator.random(count))

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return μ - σ Φ⁻¹((1 - p) Φ(μ/σ)), by the upper tail because it stays exact where the lower one is cut."""
        above = float(ndtr(self.parent_mean_s / self.parent_sd_s))
        found = self.parent_mean_s - self.parent_sd_s * ndtri((1 - np.asarray(probability)) * above)
        return np.maximum(found, 0.0)

    def _hazard(self) -> float:
        # erfcx(x) is exp(x²) erfc(x): neither density nor probability underflows far below 0.
        return math.sqrt(2 / math.pi) / float(erfcx(-self.parent_mean_s / self.parent_sd_s / math.sqrt(2)))
