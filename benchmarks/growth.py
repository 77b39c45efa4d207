"""How the compiled engine's cost and memory grow with the number of parts and of stations."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.lines import SERVICE_S, failing_line
from benchmarks.stopwatch import fastest_s
from simulators import simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulators import Scenario

__all__ = ["growth"]

PARTS = (10**4, 10**5, 10**6, 10**7)
STATIONS = (2, 10, 50, 200)
STATION_PARTS = 20_000  # services a station
PARTS_A_SERVICE_TIME = 0.6  # about what a station of that line makes
KIB = 1024


def growth(say: Callable[[str], None]) -> dict[str, float]:
    """Run without a journal, and fit the exponents of growth: 1 is linear.

    Returns
    -------
    ``parts_exponent`` of the time of a run with the number of parts; ``stations_exponent`` with that of stations;
    ``memory_mib_more``: by how much the process grew from the shortest run to the longest.
    """
    parts_s = []
    peak: list[int] = []
    for parts in PARTS:
        say(f"{parts:,} parts through three stations")
        line = failing_line(3, parts * SERVICE_S / PARTS_A_SERVICE_TIME)
        parts_s.append(_seconds(line, 3 if parts <= 10**6 else 1))
        peak.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    stations_s = []
    for stations in STATIONS:
        say(f"{stations} stations")
        line = failing_line(stations, STATION_PARTS * SERVICE_S)
        stations_s.append(_seconds(line, 1))
    return {
        "parts_exponent": _exponent(PARTS[1:], parts_s[1:]),  # a short run's cost is mostly its set-up
        "stations_exponent": _exponent(STATIONS, stations_s),
        "memory_mib_more": (peak[-1] - peak[0]) / KIB,
    }


def _seconds(scenario: Scenario, repeats: int) -> float:
    return fastest_s(lambda: simulate(scenario, seed=1, engine="compiled", journal=False), repeats)


def _exponent(sizes: Sequence[int], times_s: Sequence[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(times_s), 1)[0])
