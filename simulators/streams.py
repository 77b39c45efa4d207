"""Random numbers keyed by name.

A stream's numbers depend on the seed, the replication and the stream's own name, never on how many other streams
there are or in which order they were asked for. Adding a machine to a line therefore disturbs nobody else's numbers,
and two variants of a scenario meet the same luck (common random numbers).

Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (Philox).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from numpy.random import Generator, Philox

__all__ = ["Streams"]


@dataclass(frozen=True)
class Streams:
    """The family of streams of one replication.

    Parameters
    ----------
    seed
        Any integer from 0; the same seed gives the same numbers on every machine.
    replication
        Which of the independent repetitions this is, from 0.

    Examples
    --------
    >>> one = Streams(seed=7).stream("station.reflow.service")
    >>> other = Streams(seed=7).stream("station.reflow.service")
    >>> bool(one.random() == other.random())
    True
    """

    seed: int
    replication: int = 0

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
        digest = hashlib.sha256(f"{self.seed}/{self.replication}/{name}".encode()).digest()
        return Generator(Philox(key=int.from_bytes(digest[:16], "little")))
