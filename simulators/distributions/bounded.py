"""Durations between known bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import Field, NonNegativeFloat, model_validator

from simulators.distributions.duration import Duration

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

__all__ = ["Deterministic", "Triangular", "Uniform"]


class Deterministic(Duration):
    """Always the same duration."""

    kind: Literal["deterministic"]
    value_s: NonNegativeFloat = Field(description="duration")

    @property
    def mean_s(self) -> float:
        """Mean."""
        return self.value_s

    @property
    def variance_s2(self) -> float:
        """Variance."""
        return 0.0

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        del generator
        return np.full(count, self.value_s)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the duration, whatever the probability."""
        return np.full(np.shape(probability), self.value_s)


class Uniform(Duration):
    """Equally likely anywhere from ``low_s`` to ``high_s``."""

    kind: Literal["uniform"]
    low_s: NonNegativeFloat = Field(description="shortest duration")
    high_s: NonNegativeFloat = Field(description="longest duration, ≥ low_s")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high_s < self.low_s:
            message = f"high_s = {self.high_s} must be ≥ low_s = {self.low_s}"
            raise ValueError(message)
        return self

    @property
    def mean_s(self) -> float:
        """Mean, (low + high) / 2."""
        return (self.low_s + self.high_s) / 2

    @property
    def variance_s2(self) -> float:
        """Variance, (high - low)² / 12."""
        return (self.high_s - self.low_s) ** 2 / 12

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        return generator.uniform(self.low_s, self.high_s, count)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return low + p (high - low)."""
        return self.low_s + np.asarray(probability) * (self.high_s - self.low_s)


class Triangular(Duration):
    """Triangle from ``low_s`` over the most likely ``mode_s`` to ``high_s``."""

    kind: Literal["triangular"]
    low_s: NonNegativeFloat = Field(description="shortest duration")
    mode_s: NonNegativeFloat = Field(description="most likely duration")
    high_s: NonNegativeFloat = Field(description="longest duration, > low_s")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low_s <= self.mode_s <= self.high_s or self.low_s == self.high_s:
            message = (
                f"low_s = {self.low_s} ≤ mode_s = {self.mode_s} ≤ high_s = {self.high_s} must hold, with low_s < high_s"
            )
            raise ValueError(message)
        return self

    @property
    def mean_s(self) -> float:
        """Mean, (low + mode + high) / 3."""
        return (self.low_s + self.mode_s + self.high_s) / 3

    @property
    def variance_s2(self) -> float:
        """Variance, (a² + b² + c² - ab - ac - bc) / 18."""
        a, b, c = self.low_s, self.high_s, self.mode_s
        return (a * a + b * b + c * c - a * b - a * c - b * c) / 18

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        return generator.triangular(self.low_s, self.mode_s, self.high_s, count)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return low + √(p (b - a) (c - a)) up to the mode c, and high - √((1 - p) (b - a) (b - c)) beyond it."""
        p = np.asarray(probability)
        span, left, right = self.high_s - self.low_s, self.mode_s - self.low_s, self.high_s - self.mode_s
        rising = self.low_s + np.sqrt(p * span * left)
        falling = self.high_s - np.sqrt((1 - p) * span * right)
        return np.where(p * span < left, rising, falling)
