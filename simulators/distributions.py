"""Distributions of durations, as data.

Each is a frozen model told apart by ``kind``, refuses impossible parameters, reports its mean and variance, and
draws from a NumPy generator. All durations are seconds.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, model_validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.random import Generator
    from numpy.typing import NDArray

__all__ = [
    "Deterministic",
    "Distribution",
    "Exponential",
    "Gamma",
    "Lognormal",
    "Triangular",
    "Uniform",
    "Weibull",
]


BLOCK = 256
"""Draws that a sampler takes from its stream at a time."""


class _Duration(BaseModel, ABC):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @abstractmethod
    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds; the numbers do not depend on how the draws are cut into calls."""

    def sampler(self, generator: Generator) -> Callable[[], float]:
        """Return a function that gives one duration a call, in seconds; the generator is its own from now on."""
        return partial(next, self._one_by_one(generator))

    def _one_by_one(self, generator: Generator) -> Iterator[float]:
        while True:
            yield from self.draw(generator, BLOCK).tolist()


class Deterministic(_Duration):
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
        return np.full(count, self.value_s)


class Uniform(_Duration):
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


class Triangular(_Duration):
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


class Exponential(_Duration):
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


class Gamma(_Duration):
    """Gamma; with an integer shape k it is Erlang-k."""

    kind: Literal["gamma"]
    shape: PositiveFloat = Field(description="shape k; the coefficient of variation is 1/√k")
    mean_s: PositiveFloat = Field(description="mean duration")

    @property
    def variance_s2(self) -> float:
        """Variance, mean² / k."""
        return self.mean_s**2 / self.shape

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        return generator.gamma(self.shape, self.mean_s / self.shape, count)


class Lognormal(_Duration):
    """Duration whose logarithm is normal; usual for repairs and manual work."""

    kind: Literal["lognormal"]
    mean_s: PositiveFloat = Field(description="mean duration")
    cv: PositiveFloat = Field(description="coefficient of variation, standard deviation / mean")

    @property
    def variance_s2(self) -> float:
        """Variance, (cv · mean)²."""
        return (self.cv * self.mean_s) ** 2

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        sigma2 = math.log1p(self.cv**2)
        return generator.lognormal(math.log(self.mean_s) - sigma2 / 2, math.sqrt(sigma2), count)


class Weibull(_Duration):
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
        return self.scale_s**2 * math.gamma(1 + 2 / self.shape) - self.mean_s**2

    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds."""
        return self.scale_s * generator.weibull(self.shape, count)


Distribution = Annotated[
    Deterministic | Uniform | Triangular | Exponential | Gamma | Lognormal | Weibull,
    Field(discriminator="kind"),
]
"""Any of the distributions, told apart by ``kind``."""
