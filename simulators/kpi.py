"""Key performance indicators: a number and its unit."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Kpi"]


@dataclass(frozen=True)
class Kpi:
    """One measured figure of one run.

    Parameters
    ----------
    value
        The figure; NaN where the run gives none (no part left the line, so there is no lead time).
    unit
        Its unit: ``1/h``, ``s``, ``parts``, or ``1`` for a ratio.
    """

    value: float
    unit: str
