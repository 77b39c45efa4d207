"""Random numbers keyed by name.

A stream's numbers depend on the seed, the replication and the stream's own name, never on how many other streams
there are or in which order they were asked for. Adding a machine to a line therefore disturbs nobody else's numbers,
and two variants of a scenario meet the same luck (common random numbers).

Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (Philox).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator, Philox
from numpy.random.bit_generator import ISeedSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from simulators.distributions import Distribution

__all__ = ["Streams"]

BLOCK = 256
"""Draws that a sampler takes from its stream at a time."""


@dataclass(frozen=True)
class Streams:
    """The family of streams of one replication.

    Parameters
    ----------
    seed
        Any integer from 0; the same seed gives the same numbers on every machine.
    replication
        Which of the independent repetitions this is, from 0.
    antithetic
        Draw by inversion, in pairs of replications: an odd one takes 1 - u where the even one before it takes u.

    Examples
    --------
    >>> one = Streams(seed=7).stream("station.reflow.service")
    >>> other = Streams(seed=7).stream("station.reflow.service")
    >>> bool(one.random() == other.random())
    True
    """

    seed: int
    replication: int = 0
    antithetic: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not a natural number."""
        for name in ("seed", "replication"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                message = f"{name} = {value!r} must be an integer ≥ 0"
                raise ValueError(message)

    def stream(self, name: str) -> Generator:
        """Return a new generator at the beginning of the stream ``name``.

        Parameters
        ----------
        name
            Dotted name of what the numbers are for, such as ``station.reflow.service``.
        """
        replication = self.replication // 2 if self.antithetic else self.replication
        digest = hashlib.sha256(f"{self.seed}/{replication}/{name}".encode()).digest()
        key: Any = _Key(np.frombuffer(digest[:16], "<u8"))  # unknown to NumPy's types
        return Generator(Philox(key))

    def draws(self, name: str, distribution: Distribution) -> Callable[[int], NDArray[np.float64]]:
        """Return a function that gives the next ``(count,)`` values of ``distribution`` from the stream ``name``.

        The numbers do not depend on how the draws are cut into calls.
        """
        generator = self.stream(name)
        if not self.antithetic:
            return partial(distribution.draw, generator)
        return partial(_inverted, generator, distribution, bool(self.replication % 2))

    def sampler(self, name: str, distribution: Distribution) -> Callable[[], float]:
        """Return a function that gives the next value of ``distribution`` from the stream ``name``."""
        return partial(next, _one_by_one(self.draws(name, distribution)))


class _Key(ISeedSequence):
    """Hands Philox its key; given one as ``key=``, it would first ask the operating system for entropy, for nothing."""

    def __init__(self, words: NDArray[np.uint64]) -> None:
        self._words = words

    def generate_state(self, n_words: int, dtype: object = np.uint64) -> NDArray[np.uint64]:
        """Return the key."""
        del n_words, dtype
        return self._words


def _inverted(generator: Generator, distribution: Distribution, opposite: bool, count: int) -> NDArray[np.float64]:
    # Odd multiples of 2^-53: never 0 or 1, and their differences from 1 are such multiples too, without rounding.
    probability = (np.floor(generator.random(count) * 2**52) + 0.5) / 2**52
    return distribution.quantile(1 - probability if opposite else probability)


def _one_by_one(draws: Callable[[int], NDArray[np.float64]]) -> Iterator[float]:
    while True:
        yield from draws(BLOCK).tolist()
