"""The day on which garden engines are timed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.stopwatch import fastest_s
from simulators import simulate
from simulators.heritage_garden import HeritageGarden

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VISITORS", "busy_day", "visitors_exponent"]

VISITORS = 20_000
GROWTH = (2_500, 5_000, 10_000, 20_000)

HOUR_S = 3600.0
SHARES = (0.04, 0.12, 0.17, 0.15, 0.10, 0.11, 0.13, 0.10, 0.06, 0.02)
"""Of the visitors, from hour to hour, the first from 7:30."""


def busy_day(visitors: int) -> HeritageGarden:
    """Return a day in the Humble Administrator's Garden with about so many visitors."""
    begins = [27_000.0 + HOUR_S * hour for hour in range(len(SHARES))]
    hours = [
        {"from_s": begin, "to_s": begin + HOUR_S, "visitors": share * visitors}
        for begin, share in zip(begins, SHARES, strict=True)
    ]
    return HeritageGarden.model_validate(
        {
            "kind": "heritage_garden",
            "horizon_s": 68_400,
            "garden": "humble_administrator",
            "visitors": [
                {
                    "name": "walk_in",
                    "arrivals": hours,
                    "party_sizes": [2, 5, 2, 1],
                    "stay": {"kind": "lognormal", "mean_s": 5_400, "cv": 0.4},
                }
            ],
        }
    )


def visitors_exponent(say: Callable[[str], None]) -> float:
    """Fit the exponent with which the time of a day, with its KPIs, grows with its visitors: 1 is linear."""
    times_s = []
    for visitors in GROWTH:
        say(f"{visitors:,} visitors in a garden")
        day = busy_day(visitors)
        times_s.append(fastest_s(lambda day=day: simulate(day, seed=1, engine="compiled", journal=False)))  # type: ignore[misc]
    return float(np.polyfit(np.log(GROWTH), np.log(times_s), 1)[0])
