"""What a lab on a trace asks for: thresholds from what the built-in schedulers reach in the held-out weeks.

A criterion is passed by who does as well as EASY backfilling in order of submission, with nothing bought; full points
are for what the best decision found reaches, within a small margin. Where EASY is as good as that decision or better,
the criterion guards: it is passed a little below full points.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["ORDERS", "Tried", "best", "thresholds"]

ORDERS = ("FCFS", "SJF", "LJF", "SAF", "WFP3", "UNICEP", "F1", "multifactor")
"""Choices of the lever ``order``, after what is there without it."""

MARGIN = 0.03
"""Full points are within this of what the best decision reaches."""

GUARD = {"lower": 0.2, "higher": 0.1}
"""A criterion that guards is passed within this of full points."""

DIGITS = 4


class Tried(NamedTuple):
    """A decision, and the figures that it reached.

    Parameters
    ----------
    decision
        Units by lever.
    kpis
        Means over the held-out weeks.
    """

    decision: dict[str, int]
    kpis: Mapping[str, float]

    @property
    def name(self) -> str:
        """What people call it, such as ``F1 + EASY, nodes 4``."""
        order = ORDERS[self.decision.get("order", 0)] + (" + EASY" if self.decision.get("backfilling") else "")
        bought = [f"{name} {units}" for name, units in self.decision.items() if name not in ("order", "backfilling")]
        return ", ".join([order, *bought])


def best(tried: Sequence[Tried], criteria: Iterable[Mapping[str, Any]]) -> Tried:
    """Return the decision that does best by all criteria together, each weighed by its points.

    A criterion counts by where a decision stands between the worst and the best of all, on a logarithmic scale.
    """
    total = dict.fromkeys(range(len(tried)), 0.0)
    for criterion in criteria:
        levels = [_level(one.kpis[criterion["kpi"]], criterion["direction"]) for one in tried]
        low, high = min(levels), max(levels)
        for number, level in enumerate(levels):
            total[number] += criterion["points"] * ((level - low) / (high - low) if high > low else 1.0)
    return tried[max(total, key=lambda number: total[number])]


def _level(value: float, direction: str) -> float:
    """Return a KPI on a scale on which more is better."""
    level = math.log(max(value, 1e-9))
    return level if direction == "higher" else -level


def thresholds(direction: str, *, easy: float, reached: float) -> tuple[float, float]:
    """Return where a criterion is passed, and where it gives full points.

    Parameters
    ----------
    direction
        ``lower`` or ``higher`` is better.
    easy, reached
        The KPI under EASY backfilling in order of submission, and by the best decision.

    Examples
    --------
    >>> thresholds("lower", easy=300, reached=60)
    (300.0, 61.8)
    >>> thresholds("lower", easy=60, reached=100)
    (123.6, 103.0)
    """
    sign = 1 if direction == "lower" else -1
    full_at = reached * (1 + sign * MARGIN)
    guard = full_at * (1 + sign * GUARD[direction])
    pass_at = max(easy, guard) if direction == "lower" else min(easy, guard)
    return _rounded(pass_at), _rounded(full_at)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
