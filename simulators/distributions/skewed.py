"""Durations without an upper bound, most of them with a long tail."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, PositiveFloat
from scipy.special import gammaincinv, ndtri

from simulators.distributions.duration import Duration

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

__all__ = ["Exponential", "Gamma", "Lognormal", "Weibull"]


class Exponential(Duration):
    """Memoryless duration."""

    kind: Literal["exponential"]
    mean_s: PositiveFloat = Field(description="mean duration")

    @property
    def variance_s2(self) -> float:
        """Variance, mean²."""
        return self.mean_s**2

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        return generator.exponential(self.mean_s, count)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return -mean · ln(1 - p)."""
        return -self.mean_s * np.log1p(-np.asarray(probability))


class Gamma(Duration):
    """Gamma; with an integer shape k it is Erlang-k."""

    kind: Literal["gamma"]
    shape: PositiveFloat = Field(ge=0.001, description="shape k; the coefficient of variation is 1/√k")
    mean_s: PositiveFloat = Field(description="mean duration")

    @property
    def variance_s2(self) -> float:
        """Variance, mean² / k."""
        return self.mean_s**2 / self.shape

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        return generator.gamma(self.shape, self.mean_s / self.shape, count)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return mean / k times the inverse of the regularised lower incomplete gamma function."""
        return np.asarray(gammaincinv(self.shape, probability) * (self.mean_s / self.shape), np.float64)


class Lognormal(Duration):
    """Duration whose logarithm is normal; usual for repairs and manual work."""

    kind: Literal["lognormal"]
    mean_s: PositiveFloat = Field(description="mean duration")
    cv: PositiveFloat = Field(le=1000, description="coefficient of variation, standard deviation / mean")

    @property
    def variance_s2(self) -> float:
        """Variance, (cv · mean)²."""
        return (self.cv * self.mean_s) ** 2

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        return generator.lognormal(*self._of_logarithm(), count)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return exp(μ + σ Φ⁻¹(p)), with μ and σ of the logarithm."""
        mu, sigma = self._of_logarithm()
        return np.asarray(np.exp(mu + sigma * ndtri(probability)), np.float64)

    def _of_logarithm(self) -> tuple[float, float]:
        """Return mean and standard deviation of the logarithm."""
        sigma2 = math.log1p(self.cv**2)
        return math.log(self.mean_s) - sigma2 / 2, math.sqrt(sigma2)


class Weibull(Duration):
    """Weibull; a shape above 1 describes wear."""

    kind: Literal["weibull"]
    shape: PositiveFloat = Field(ge=0.1, description="shape k; k > 1 wears out, k < 1 settles in")
    scale_s: PositiveFloat = Field(description="scale λ")

    @property
    def mean_s(self) -> float:
        """Mean, λ Γ(1 + 1/k)."""
        return self.scale_s * math.gamma(1 + 1 / self.shape)

    @property
    def variance_s2(self) -> float:
        """Variance, λ² (Γ(1 + 2/k) - Γ(1 + 1/k)²)."""
        # The difference is rounded to below 0 where the shape is so large that the duration hardly varies.
        return max(self.scale_s**2 * math.gamma(1 + 2 / self.shape) - self.mean_s**2, 0.0)

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        return self.scale_s * generator.weibull(self.shape, count)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return λ (-ln(1 - p))^(1/k)."""
        return np.asarray(self.scale_s * (-np.log1p(-np.asarray(probability))) ** (1 / self.shape), np.float64)
