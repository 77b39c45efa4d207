"""How long users say that their jobs will run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["POPULAR_S", "estimates"]

POPULAR_S = np.array(
    [60, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 28800, 43200, 64800, 86400, 129600, 172800], np.float64
)
"""Round values that users like; beyond the last, whole days."""

DAY_S = 86400.0


def estimates(run_s: NDArray[np.float64], factor: float, luck: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``(N,)`` estimates: exact where ``factor`` is 1, else up to ``factor`` times as long, and rounded up.

    Users ask for more than they need, and for round values.

    Source: D. Tsafrir, Y. Etsion and D. G. Feitelson, "Modeling user runtime estimates", JSSPP 2005, much simplified.

    Parameters
    ----------
    run_s
        ``(N,)`` run times, seconds.
    factor
        From 1.
    luck
        ``(N,)`` numbers from 0 to 1.
    """
    if factor == 1.0:
        return run_s.copy()
    asked_s = run_s * (1.0 + (factor - 1.0) * luck)
    position = np.searchsorted(POPULAR_S, asked_s)
    popular = POPULAR_S[np.minimum(position, len(POPULAR_S) - 1)]
    return np.where(position < len(POPULAR_S), popular, np.ceil(asked_s / DAY_S) * DAY_S)
