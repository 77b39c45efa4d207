"""What every distribution can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

__all__ = ["Duration"]


class Duration(BaseModel, ABC):
    """A distribution of durations; subclasses add ``kind``, their parameters, ``mean_s`` and ``variance_s2``."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @abstractmethod
    def draw(self, generator: Generator, count: int) -> NDArray[np.float64]:
        """Return ``(count,)`` durations in seconds; the numbers do not depend on how the draws are cut into calls."""

    @abstractmethod
    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the durations in seconds, ``(N,)``, that are not exceeded with these probabilities, ``(N,)``.

        A probability lies strictly between 0 and 1, or at an end where the distribution has one.
        """
