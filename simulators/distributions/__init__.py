"""Distributions of durations, as data.

Each is a frozen model told apart by ``kind``, refuses impossible parameters, reports its mean and variance, draws from
a NumPy generator, and knows its quantiles, by which antithetic runs draw. All durations are seconds.
"""

from typing import Annotated

from pydantic import Field

from simulators.distributions.bounded import Deterministic, Triangular, Uniform
from simulators.distributions.duration import Duration
from simulators.distributions.empirical import Empirical
from simulators.distributions.skewed import Exponential, Gamma, Lognormal, Weibull
from simulators.distributions.truncated_normal import TruncatedNormal

__all__ = [
    "UNIT",
    "Deterministic",
    "Distribution",
    "Duration",
    "Empirical",
    "Exponential",
    "Gamma",
    "Lognormal",
    "Triangular",
    "TruncatedNormal",
    "Uniform",
    "Weibull",
]

Distribution = Annotated[
    Deterministic | Uniform | Triangular | Exponential | Gamma | Lognormal | Weibull | TruncatedNormal | Empirical,
    Field(discriminator="kind"),
]
"""Any of the distributions, told apart by ``kind``."""

UNIT = Uniform(kind="uniform", low_s=0.0, high_s=1.0)
"""Numbers from 0 to 1, to be compared with probabilities."""
